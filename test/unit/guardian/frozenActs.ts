import { Acts } from '../../../src/sessions/acts';
import type { Announcement } from '../../../src/guardian/announcement';
import { memoryFiles } from '../../fakes/memoryFiles';
import type { GuardPreferences } from '../../../src/sessions/preferences';
import { Rounds } from '../../../src/windows/round';
import { createGuarding } from '../../../src/timers';
import { FakeComfyUi } from '../../fakes/comfyUi';
import { Freezer } from '../../fakes/freezer';
import { FakeKeyRing } from '../../fakes/keys';
import { ManualClock } from '../../fakes/manualClock';
import { KEY, SERVER, sessionId, setup, setupServer } from '../../fakes/setup';
import { FakeMemento } from '../../fakes/vscode/storage';
import { naive, sessionWire } from '../../fakes/wire';
import { NO_PREFERENCES, USUAL_SETTINGS } from '../../fakes/guardSettings';

export const SECOND = 1_000;
export const MINUTE = 60 * SECOND;
export const ONE = sessionId('one');
export const DELETE = 'DELETE /session/one';

export function setupActs() {
  const clock = new ManualClock();
  const leadership = { isLeader: true, confirm: () => Promise.resolve(leadership.isLeader) };
  return { clock, leadership, acts: new Acts({ clock, leadership: leadership }) };
}

/** A window that can freeze wherever it waits, with everything that runs by itself in it, and one idle session. */
export async function setupWindow(preferences: Partial<GuardPreferences> = {}, minutesLeft = 30) {
  const freezer = new Freezer();
  const server = setupServer();
  const { api } = server;
  api.sessions = [
    sessionWire('one', server.clock.now(), { timeout_end: naive(server.clock.now() + minutesLeft * MINUTE) }),
  ];
  const comfyUi = new FakeComfyUi(server.clock);
  const fetch: typeof globalThis.fetch = (input, init) => {
    const address = input instanceof Request ? input.url : input;
    const { hostname, pathname } = new URL(address);
    return hostname.endsWith('tunnel.test') ? comfyUi.answer(pathname, init?.signal) : api.fetch(input, init);
  };
  const clock = freezer.clockOf(server.clock);
  const world = setup(freezer.filesOf(memoryFiles()), new FakeMemento(), server, {
    clock,
    fetch: freezer.fetchFrom(fetch),
    keys: freezer.keysOf(new FakeKeyRing({ token: KEY, source: 'stored', server: SERVER })),
    guardSettings: () => ({ ...USUAL_SETTINGS, usual: { ...NO_PREFERENCES, ...preferences } }),
  });
  const { app } = world;
  const failures: unknown[] = [];
  const failed = (error: unknown) => void failures.push(error);
  const said: Announcement[] = [];
  app.guardian.onDidAnnounce((one) => said.push(one));
  const rounds = new Rounds({ ...app, ...app.windows, clock, failed, during: (round) => round() });
  const guarding = createGuarding(app, { clock, failed });
  rounds.start();
  await world.clock.advance(5 * SECOND);
  const close = () => [rounds, guarding, app.life].forEach((one) => one.dispose());
  const frozenFor = async (ms: number, meanwhile = () => {}) => {
    if (!freezer.isFrozen) return false;
    meanwhile();
    await world.clock.advance(ms);
    freezer.thaw();
    return true;
  };
  return { ...world, comfyUi, freezer, failures, said, close, frozenFor };
}
