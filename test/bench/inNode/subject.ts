import { memoryFiles } from '../../../src/core/guard/journal';
import { createKnowledge } from '../../../src/core/knowledge';
import type { Clock } from '../../../src/core/state/clock';
import type { Store } from '../../../src/core/state/store';
import { SessionTree } from '../../../src/ui/sessionTree';
import { StatusItem } from '../../../src/ui/statusItem';
import type { Answers } from '../account';

/** The extension from `fetch` to what it shows, with a server that has its answers ready. */
export function createSubject(
  answers: () => Answers,
  clock: Clock,
): { readonly store: Store; readonly tree: SessionTree } {
  const { store, facts, onDidChange } = createKnowledge({
    files: memoryFiles(),
    memory: { get: () => undefined, update: () => Promise.resolve() },
    keys: { get: () => Promise.resolve({ token: 'key', source: 'stored' }) },
    baseUrl: () => 'https://api.test/api',
    wishes: () => ({ showUnavailable: true, warnAt: [] }),
    presence: () => ({ isWatched: false, isFocused: true, inUse: [] }),
    clock,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined },
    fetch: answering(answers),
    random: () => 0.5,
  });
  const tree = new SessionTree(facts);
  const status = new StatusItem(facts);
  onDidChange(() => [tree, status].forEach((surface) => surface.redraw()));
  return { store, tree };
}

function answering(answers: () => Answers): typeof globalThis.fetch {
  return (input) => {
    const address = input instanceof Request ? input.url : input.toString();
    if (address.endsWith('/machines/all')) return answer(200, answers().machines);
    if (address.endsWith('/sessions')) return answer(200, answers().sessions);
    return answer(404, '{"detail":"GPUEvent not found"}');
  };
}

/** Its text is there already: reading it from a stream would be the time of Node, not ours. */
function answer(status: number, text: string): Promise<Response> {
  return Promise.resolve(Object.assign(new Response(null, { status }), { text: () => Promise.resolve(text) }));
}
