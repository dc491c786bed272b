import type { ComfyDeployClient } from '../comfydeploy/client';
import type { Journal } from '../platform/journal';
import type { Logger } from '../platform/logger';
import { once } from '../platform/once';
import type { Clock } from '../platform/clock';
import { changesOf, type Event } from '../platform/emitter';
import type { Memory } from '../platform/memory';
import type { ServerTime } from '../platform/serverTime';
import { ownSessions } from '../sessions/snapshot';
import type { Store } from '../sessions/store';
import { ReceiptRecorder } from './receiptRecorder';
import { Credit } from './credit';
import { minutesOnFreePlan, Plan } from './plan';
import { FailedStarts, type StartProofs } from './failedStarts';
import { History } from './history';
import { PriceList } from './priceList';
import { Reconciler } from './reconcile';
import type { Spending } from './spending';
import { SpendingCalculator } from './spendingCalculator';
import type { Usages } from './usages';

export interface MoneyOptions {
  readonly api: ComfyDeployClient;
  readonly store: Store;
  readonly journal: Journal;
  readonly memory: Memory;
  readonly baseUrl: () => string;
  readonly scope: () => Promise<string>;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly reasons: StartProofs;
  readonly usages: Usages;
  /** This window writes the receipts unless another one leads; the event fires when that may have changed. */
  readonly leadership: { readonly isTaken: boolean; readonly onDidLook: Event<unknown> };
}

/** Everything about money: prices, credit, spending, and the receipts. */
export interface Money {
  readonly prices: PriceList;
  readonly credit: Credit;
  readonly plan: Plan;
  /** The longest that one session may last in all, as far as known. */
  readonly planMinutes: () => number;
  readonly history: History;
  readonly recorder: ReceiptRecorder;
  readonly usages: Usages;
  /** The spending at this moment; adding up is slow, so it is done when first read. */
  readonly spending: () => () => Spending;
  /** Asks the server for whatever is due. */
  refresh(): Promise<void>;
  readonly onDidChange: Event<unknown>;
  reset(): void;
  dispose(): void;
}

export function createMoney({ journal, memory, baseUrl, scope, leadership, reasons, ...shared }: MoneyOptions): Money {
  const { api, store, usages, serverTime, clock, log } = shared;
  const isLeader = () => !leadership.isTaken;
  const prices = new PriceList({ api, baseUrl, memory, clock, log });
  const credit = new Credit(api, clock);
  const plan = new Plan(api, clock);
  const history = new History({ journal, scope, serverTime, clock, log });
  const now = () => prices.current;
  const recorder = new ReceiptRecorder({ ...shared, history, prices: now, usageOf: usages.of, isLeader });
  const reconciler = new Reconciler({
    ...shared,
    history,
    prices: now,
    isLeader,
    onDidLook: leadership.onDidLook,
    hasFailed: recorder.hasFailed,
  });
  const failedStarts = new FailedStarts({ ...shared, history, reasons, isLeader });
  const calculator = new SpendingCalculator();
  prices.onDidChange(() => recorder.attend());
  const sources = [prices, credit, history];
  return {
    prices,
    credit,
    plan,
    planMinutes: () => (plan.isFree ? minutesOnFreePlan(credit.balance) : Number.POSITIVE_INFINITY),
    history,
    recorder,
    usages,
    spending: () => {
      const known = { snapshot: store.snapshot, receipts: history.receipts, prices: prices.current };
      const own = { now: serverTime.now(), balance: credit.balance, pricesAsOf: prices.asOf };
      return once(() => calculator.spending({ ...known, ...own }));
    },
    refresh: async () => {
      const isPaying = ownSessions(store.snapshot).length > 0;
      await Promise.all([prices.refresh(), credit.refresh(isPaying), isPaying && plan.renew()]);
    },
    onDidChange: changesOf(sources),
    reset: () => [recorder, reconciler, failedStarts, plan, ...sources].forEach((source) => source.reset()),
    dispose: () => [recorder, reconciler, failedStarts, ...sources].forEach((source) => source.dispose()),
  };
}
