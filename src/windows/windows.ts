import type { Intents } from '../sessions/intents';
import type { Journal } from '../platform/journal';
import { WindowSeat, type WindowSeatOptions } from './seat';
import { Sharing, type SharingOptions } from './sharing';
import type { Store } from '../sessions/store';

export interface WindowsOptions
  extends Omit<SharingOptions, 'seat' | 'journal'>, Pick<WindowSeatOptions, 'presence' | 'work' | 'clock' | 'log'> {
  /** A file of the account in use: its windows elect one among themselves. */
  readonly ofAccount: (name: string) => () => Promise<Journal>;
  readonly intents: Pick<Intents, 'read'>;
  readonly store: () => Pick<Store, 'hasToGuard' | 'snapshot'>;
}

/** This window among the others: its seat, and what they tell each other. */
export function joinWindows(options: WindowsOptions): { readonly seat: WindowSeat; readonly sharing: Sharing } {
  const { ofAccount, intents, store } = options;
  const need = () => (store().hasToGuard ? 'guard' : store().snapshot.kind === 'ready' ? 'hear' : 'nothing');
  const seat = new WindowSeat({ ...options, journal: ofAccount('windows'), need, hear: () => intents.read() });
  return { seat, sharing: new Sharing({ ...options, seat, journal: ofAccount('truth') }) };
}
