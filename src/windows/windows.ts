import type { Intents } from '../sessions/intents';
import type { Journal } from '../platform/journal';
import { LeaderLease, type LeaderLeaseOptions } from './leaderLease';
import { Sharing, type SharingOptions } from './sharing';
import type { Store } from '../sessions/store';

export interface WindowsOptions
  extends Omit<SharingOptions, 'leadership' | 'journal'>, Pick<LeaderLeaseOptions, 'presence' | 'clock' | 'log'> {
  /** Returns a file of the account in use; the windows of an account elect a leader among themselves. */
  readonly ofAccount: (name: string) => () => Promise<Journal>;
  readonly intents: Pick<Intents, 'read'>;
}

/** What is created after this, and called once it exists. */
interface Later extends Pick<LeaderLeaseOptions, 'work'> {
  readonly store: () => Pick<Store, 'hasToGuard' | 'snapshot'>;
}

/** This window among the others: the leader election, and what they share. */
export function joinWindows(
  { ofAccount, intents, presence, keys, serverTime, clock, log }: WindowsOptions,
  { store, work }: Later,
): { readonly leadership: LeaderLease; readonly sharing: Sharing } {
  const need = () => (store().hasToGuard ? 'guard' : store().snapshot.kind === 'ready' ? 'hear' : 'nothing');
  const hear = () => intents.read();
  const leadership = new LeaderLease({ journal: ofAccount('windows'), presence, work, need, hear, clock, log });
  return {
    leadership,
    sharing: new Sharing({ leadership, journal: ofAccount('truth'), keys, serverTime, clock, log }),
  };
}
