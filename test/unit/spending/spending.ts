import { fold, type ReceiptEvent } from '../../../src/spending/receipts';
import { Till } from '../../../src/spending/till';
import type { Snapshot } from '../../../src/sessions/snapshot';
import { MINUTE, PRICES, ready } from '../../fakes/facts';

export const HOUR = 60 * MINUTE;

export const spend = (events: readonly ReceiptEvent[], now: number, snapshot: Snapshot = ready()) =>
  new Till().spending({
    snapshot,
    receipts: fold(events),
    prices: PRICES,
    now,
    balance: undefined,
    pricesAsOf: undefined,
  });
