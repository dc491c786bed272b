import type { Knowledge } from './core/knowledge';
import type { Disposable } from './core/state/emitter';
import { Poller, type PollerOptions } from './core/state/poller';

/** Who looks after sessions, and who talks to whom. No decision is made here. */
export function createGuardian(
  { store, watch }: Knowledge,
  options: Pick<PollerOptions, 'failed' | 'clock'>,
): Disposable {
  const watching = new Poller({ task: () => watch.look(), rest: () => watch.rest(), ...options });
  const owned = [watching, store.onDidChange(() => watching.replan()), watch.onDidChange(() => watching.replan())];
  return { dispose: () => owned.forEach((one) => one.dispose()) };
}
