import { NOBODY, type Register } from '../../../src/windows/leaderElection';
import { Emitter } from '../../../src/platform/emitter';
import { Poller } from '../../../src/platform/poller';
import { ServerTime } from '../../../src/platform/serverTime';
import type { Snapshot } from '../../../src/sessions/snapshot';
import { ActivityMonitor } from '../../../src/activity/activityMonitor';
import { FakeComfyUi } from '../../fakes/comfyUi';
import { ready, session } from '../../fakes/appState';
import { ManualClock } from '../../fakes/manualClock';
import { LogBook, sessionId } from '../../fakes/setup';

export const SECOND = 1_000;
export const ONE = sessionId('one');

/** A monitor, driven by a poller, of sessions whose addresses are `https://NAME.tunnel.test/`. */
export function setupMonitor(snapshot: Snapshot = ready({ sessions: [session('one', { left: 600 })] })) {
  const clock = new ManualClock();
  const world = { snapshot, isLeader: true, isTimed: false };
  const looked = new Emitter<Register>();
  const hear = (work: string) => looked.fire({ ...NOBODY, work });
  const comfyUis = new Map<string, FakeComfyUi>();
  const comfyUi = (name = 'one') => {
    const known = comfyUis.get(name) ?? new FakeComfyUi(clock);
    comfyUis.set(name, known);
    return known;
  };
  const log = new LogBook();
  const monitor = new ActivityMonitor({
    isTimed: () => world.isTimed,
    snapshot: () => world.snapshot,
    leadership: {
      get isLeader() {
        return world.isLeader;
      },
      onDidLook: looked.event,
    },
    serverTime: new ServerTime(clock),
    clock,
    log,
    random: () => 0.5,
    fetch: (input, init) => {
      const { hostname, pathname } = new URL(input instanceof Request ? input.url : input);
      return comfyUi(hostname.split('.')[0]).answer(pathname, init?.signal);
    },
  });
  const poller = new Poller({
    task: () => monitor.look(),
    rest: () => monitor.rest(),
    failed: (error) => log.warn(String(error)),
    clock,
  });
  monitor.onDidChange(() => poller.replan());
  const count = (path: string, name?: string) => comfyUi(name).asked.filter((one) => one === path).length;
  const kindOf = (id: string) => monitor.current.get(sessionId(id))?.activity.kind;
  return { clock, world, monitor, poller, comfyUi, count, kindOf, log, hear };
}
