import { fold, type ReceiptEvent } from '../../../src/spending/receipts';
import { SpendingCalculator } from '../../../src/spending/spendingCalculator';
import type { Snapshot } from '../../../src/sessions/snapshot';
import { MINUTE, PRICES, ready } from '../../fakes/appState';

export const HOUR = 60 * MINUTE;

export const spend = (events: readonly ReceiptEvent[], now: number, snapshot: Snapshot = ready()) =>
  new SpendingCalculator().spending({
    snapshot,
    receipts: fold(events),
    prices: PRICES,
    now,
    balance: undefined,
    pricesAsOf: undefined,
  });
