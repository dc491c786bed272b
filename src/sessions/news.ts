import type { Event } from '../platform/emitter';
import { asBefore } from './kept';
import type { Snapshot } from './snapshot';
import type { Store } from './store';

/** Fires when the snapshot differs in content; a refresh without a difference does not count. */
export function newsOf(store: Pick<Store, 'snapshot' | 'onDidChange'>): Event<Snapshot> {
  return (listener) => {
    let last = store.snapshot;
    return store.onDidChange((now) => {
      const isNew = !readsAlike(last, now);
      last = now;
      if (isNew) listener(now);
    });
  };
}

/** The same content: it was only refreshed. */
function readsAlike(one: Snapshot, other: Snapshot): boolean {
  if (one.kind !== 'ready' || other.kind !== 'ready') return false;
  const { account, scope, keySource, machines, sessions, skipped, isUnsettled, problem } = one;
  return (
    machines === other.machines &&
    sessions === other.sessions &&
    problem === undefined &&
    other.problem === undefined &&
    asBefore(skipped, other.skipped) === other.skipped &&
    isUnsettled === other.isUnsettled &&
    scope === other.scope &&
    keySource === other.keySource &&
    account.userId === other.account.userId &&
    account.orgId === other.account.orgId &&
    account.expiresAt === other.account.expiresAt
  );
}
