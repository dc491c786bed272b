import { AS_USUAL } from '../../../src/sidebar/arrangement';
import { memoryFiles } from '../../fakes/memoryFiles';
import { createApp, type App } from '../../../src/app';
import { NO_SPENDING_LIMITS } from '../../../src/spending/spendingLimits';
import type { Clock } from '../../../src/platform/clock';
import { SessionTree } from '../../../src/sidebar/ui/sessionTree';
import { StatusItem } from '../../../src/sidebar/ui/statusItem';
import type { Answers } from '../account';
import { USUAL_SETTINGS } from '../../fakes/guardSettings';

interface Server {
  readonly answers?: () => Answers;
  readonly log?: () => ReadableStream<Uint8Array>;
}

/** The extension from `fetch` to its rows, with a server whose answers are ready. */
export function createSubject(
  server: Server,
  clock: Clock,
): Pick<App, 'store' | 'logs'> & {
  readonly tree: SessionTree;
  /** Makes the next answers ready. */ readonly prepare: () => void;
} {
  const { fetch, prepare } = answering(server);
  const display = () => ({ showUnavailable: true, warnAt: [], watchOthers: false, spendingLimits: NO_SPENDING_LIMITS });
  const { store, appState, logs, outputs, life } = createApp({
    files: memoryFiles(),
    guardSettings: () => USUAL_SETTINGS,
    memory: { get: () => undefined, update: () => Promise.resolve() },
    keys: { get: () => Promise.resolve({ token: 'key', source: 'stored', server: 'https://api.test/api' }) },
    baseUrl: () => 'https://api.test/api',
    display,
    presence: () => ({ isWatched: false, isFocused: true, inUse: [], saving: [] }),
    clock,
    log: { trace: () => undefined, info: () => undefined, warn: () => undefined },
    fetch,
    random: () => 0.5,
  });
  const tree = new SessionTree(
    appState,
    outputs,
    () => ({ ...AS_USUAL, ...display() }),
    () => [],
  );
  const status = new StatusItem(appState, display, () => []);
  life.onDidSee(() => [tree, status].forEach((surface) => surface.redraw()));
  return { store, logs, tree, prepare };
}

function answering({ answers, log }: Server): { fetch: typeof globalThis.fetch; prepare: () => void } {
  const ready: (readonly [machines: Response, sessions: Response])[] = [];
  const prepare = () => {
    if (answers) ready.unshift([answer(200, answers().machines), answer(200, answers().sessions)]);
  };
  const take = (which: 0 | 1) => {
    if (ready.length === 0) prepare();
    const response = ready[0]?.[which] ?? answer(404, '');
    if (which === 1) ready.length = 0; // this one is requested last
    return Promise.resolve(response);
  };
  const fetch: typeof globalThis.fetch = (input) => {
    const address = input instanceof Request ? input.url : input.toString();
    if (answers && address.endsWith('/machines/all')) return take(0);
    if (answers && address.endsWith('/sessions')) return take(1);
    if (log && address.includes('/v2/stream-logs')) return Promise.resolve(new Response(log()));
    return Promise.resolve(answer(404, '{"detail":"GPUEvent not found"}'));
  };
  return { fetch, prepare };
}

/** Its bytes are ready: waiting for or writing them would measure the network, not us. */
function answer(status: number, text: string): Response {
  const bytes = written.get(text) ?? new TextEncoder().encode(text);
  written.set(text, bytes);
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(bytes.slice());
      controller.close();
    },
  });
  return new Response(body, { status });
}

const written = new Map<string, Uint8Array>();
