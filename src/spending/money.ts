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
import { Bookkeeper } from './bookkeeper';
import { Credit } from './credit';
import { FailedStarts, type StartProofs } from './failedStarts';
import { History } from './history';
import { PriceList } from './priceList';
import { Reconciler } from './reconcile';
import type { Spending } from './spending';
import { Till } from './till';

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
  /** Whether it is this window that keeps the books. */
  readonly isMine: () => boolean;
}

/** Everything about money: prices, credit, what was spent, and who keeps the books. */
export interface Money {
  readonly prices: PriceList;
  readonly credit: Credit;
  readonly history: History;
  readonly books: Bookkeeper;
  /** As of this moment, added up when it is first asked for: that takes its time. */
  readonly spending: () => () => Spending;
  /** Asks the server for what is due. */
  refresh(): Promise<void>;
  readonly onDidChange: Event<unknown>;
  reset(): void;
  dispose(): void;
}

export function createMoney({ journal, memory, baseUrl, scope, isMine, reasons, ...shared }: MoneyOptions): Money {
  const { api, store, serverTime, clock, log } = shared;
  const prices = new PriceList({ api, baseUrl, memory, clock, log });
  const credit = new Credit(api, clock);
  const history = new History({ journal, scope, serverTime, clock, log });
  const books = new Bookkeeper({ ...shared, history, prices: () => prices.current, isMine });
  const reconciler = new Reconciler({
    ...shared,
    history,
    prices: () => prices.current,
    isMine,
    hasFailed: books.hasFailed,
  });
  const failedStarts = new FailedStarts({ ...shared, history, reasons, isMine });
  const till = new Till();
  prices.onDidChange(() => books.attend());
  const sources = [prices, credit, history];
  return {
    prices,
    credit,
    history,
    books,
    spending: () => {
      const known = { snapshot: store.snapshot, receipts: history.receipts, prices: prices.current };
      const told = { now: serverTime.now(), balance: credit.balance, pricesAsOf: prices.asOf };
      return once(() => till.spending({ ...known, ...told }));
    },
    refresh: async () => {
      await Promise.all([prices.refresh(), credit.refresh(ownSessions(store.snapshot).length > 0)]);
    },
    onDidChange: changesOf(sources),
    reset: () => [books, reconciler, failedStarts, ...sources].forEach((source) => source.reset()),
    dispose: () => [books, reconciler, failedStarts, ...sources].forEach((source) => source.dispose()),
  };
}
