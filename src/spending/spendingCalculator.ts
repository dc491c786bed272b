import { once } from '../platform/once';
import type { Prices } from '../comfydeploy/model';
import type { Snapshot } from '../sessions/snapshot';
import { dayOf, monthOf, nextDay, nextMonth } from './calendar';
import type { Receipts } from './receipts';
import { closedStretches, liveStretches, totalOf, type Spending } from './spending';

export interface SpendingSources extends Pick<Spending, 'balance' | 'pricesAsOf'> {
  readonly snapshot: Snapshot;
  readonly receipts: Receipts;
  readonly prices: Prices | undefined;
  /** Server time, ms. */
  readonly now: number;
}

interface Sums {
  readonly receipts: Receipts;
  readonly dayStart: number;
  readonly today: bigint;
  readonly month: bigint;
  readonly isPartial: boolean;
}

/** Adds up sessions that are over once a day and after each end, and running ones on every call. */
export class SpendingCalculator {
  #sums: Sums | undefined;

  spending({ snapshot, receipts, prices, now, ...rest }: SpendingSources): Spending {
    const [dayStart, monthStart] = [dayOf(now), monthOf(now)];
    const [dayEnd, monthEnd] = [nextDay(now), nextMonth(now)];
    const over = this.#over(receipts, dayStart, now);
    const live = liveStretches(snapshot, receipts, prices, now);
    const past = live.map((one) => one.past);
    const toCome = live.map((one) => one.ahead);
    const sessions = once(
      () => new Map(live.map(({ id, past, ahead }) => [id, { soFar: past.cost ?? 0n, ahead: ahead.cost ?? 0n }])),
    );
    return {
      ...rest,
      dayStart,
      monthStart,
      today: over.today + totalOf(past, dayStart, dayEnd),
      month: over.month + totalOf(past, monthStart, monthEnd),
      aheadToday: totalOf(toCome, dayStart, dayEnd),
      aheadMonth: totalOf(toCome, monthStart, monthEnd),
      get sessions() {
        return sessions();
      },
      of: (id) => sessions().get(id)?.soFar ?? 0n,
      isPartial: over.isPartial || past.some(({ cost }) => cost === undefined),
    };
  }

  #over(receipts: Receipts, dayStart: number, now: number): Sums {
    if (this.#sums?.receipts === receipts && this.#sums.dayStart === dayStart) return this.#sums;
    const monthStart = monthOf(now);
    const stretches = closedStretches(receipts).filter(({ to }) => to >= monthStart);
    const sums = {
      receipts,
      dayStart,
      today: totalOf(stretches, dayStart, nextDay(now)),
      month: totalOf(stretches, monthStart, nextMonth(now)),
      isPartial: stretches.some(({ cost }) => cost === undefined),
    };
    this.#sums = sums;
    return sums;
  }
}
