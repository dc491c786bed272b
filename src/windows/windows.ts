import type { Intents } from '../sessions/intents';
import type { Journal } from '../platform/journal';
import { WindowSeat, type WindowSeatOptions } from './seat';
import { Sharing, type SharingOptions } from './sharing';
import type { Store } from '../sessions/store';

export interface WindowsOptions
  extends Omit<SharingOptions, 'seat' | 'journal'>, Pick<WindowSeatOptions, 'presence' | 'clock' | 'log'> {
  /** A file of the account in use: its windows elect one among themselves. */
  readonly ofAccount: (name: string) => () => Promise<Journal>;
  readonly intents: Pick<Intents, 'read'>;
}

/** What comes after the seat, and is asked when it is there. */
interface Later extends Pick<WindowSeatOptions, 'work'> {
  readonly store: () => Pick<Store, 'hasToGuard' | 'snapshot'>;
}

/** This window among the others: its seat, and what they tell each other. */
export function joinWindows(
  { ofAccount, intents, presence, keys, serverTime, clock, log }: WindowsOptions,
  { store, work }: Later,
): { readonly seat: WindowSeat; readonly sharing: Sharing } {
  const need = () => (store().hasToGuard ? 'guard' : store().snapshot.kind === 'ready' ? 'hear' : 'nothing');
  const hear = () => intents.read();
  const seat = new WindowSeat({ journal: ofAccount('windows'), presence, work, need, hear, clock, log });
  return { seat, sharing: new Sharing({ seat, journal: ofAccount('truth'), keys, serverTime, clock, log }) };
}
