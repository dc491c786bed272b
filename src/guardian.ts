import type { Knowledge } from './knowledge';
import { together, type Disposable } from './platform/emitter';
import { Poller, type PollerOptions } from './platform/poller';
import { ownSessions } from './sessions/snapshot';

/** Looks after sessions: by itself after all news, and when woken. */
export interface Guarding extends Disposable {
  readonly wake: () => void;
}

/** Who looks after sessions, and who talks to whom. No decision is made here. */
export function createGuardian(knowledge: Knowledge, options: Pick<PollerOptions, 'failed' | 'clock'>): Guarding {
  const { store, watch, seat, guardian, lastSeen } = knowledge;
  const watching = new Poller({ task: () => watch.look(), rest: () => watch.rest(), ...options });
  const guarding = new Poller({ task: () => guardian.round(), rest: () => guardian.rest(), ...options });
  const wake = () => guarding.wake();
  const owned = [
    ...[watching, guarding],
    seat.onDidChange(() => watching.replan()),
    store.onDidChange(() => watching.replan()),
    watch.onDidChange(() => watching.replan()),
    knowledge.onDidChange(wake),
    seat.onDidChange(wake),
    store.onDidChange((snapshot) => lastSeen.watch(ownSessions(snapshot).length > 0)),
  ];
  return { wake, ...together(owned) };
}
