import type { Intents } from './sessions/intents';
import type { Leadership } from './windows/leaderLease';
import type { Wants } from './guardian/wants';
import { preferencesFrom, type GuardPreferences } from './sessions/preferences';
import type { MachineId, Prices, SessionId, Work } from './comfydeploy/model';
import { failedLately } from './spending/failedStarts';
import type { Money } from './spending/money';
import type { Receipt } from './spending/receipts';
import type { Spending } from './spending/spending';
import { once } from './platform/once';
import type { Clock } from './platform/clock';
import type { Directory } from './accounts/directory';
import type { ServerTime } from './platform/serverTime';
import type { Snapshot } from './sessions/snapshot';
import type { Store } from './sessions/store';
import type { ActivityMonitor } from './activity/activityMonitor';

/** What is known at one time. Each reader declares what it needs of it. */
export interface AppState {
  readonly snapshot: Snapshot;
  /** Server time, ms: what deadlines are compared with. */
  readonly now: number;
  /** Local clock, ms: what ages are compared with. */
  readonly localNow: number;
  /** Of the user's own sessions that have a page; one that is missing has not been looked at yet. */
  readonly work: ReadonlyMap<SessionId, Work>;
  /** What the guardian is to do about a session. */
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
  /** When sessions will be ended unless somebody needs them, server time, ms. */
  readonly countdowns: ReadonlyMap<SessionId, number>;
  /** Sessions whose outputs are being saved, in any window. */
  readonly saving: ReadonlySet<SessionId>;
  readonly prices: Prices | undefined;
  readonly spending: Spending;
  /** What the user has set, for money and for leases. */
  readonly limits: Pick<Wants, 'spendingLimits' | 'lease'> & {
    /** In all, for one session. */ readonly planMinutes: number;
  };
  readonly nameOf: (userId: string) => string | undefined;
  readonly history: Past;
}

interface Past {
  /** What is kept of a session. */
  readonly receiptOf: (id: SessionId) => Receipt | undefined;
  /** Whether the server still keeps why a start failed on it. */
  readonly hasFailedStart: (id: MachineId) => boolean;
}

interface AppStateSources {
  readonly store: Pick<Store, 'snapshot'>;
  readonly monitor: Pick<ActivityMonitor, 'current'>;
  readonly money: Pick<Money, 'spending' | 'prices' | 'history' | 'planMinutes'>;
  readonly leadership: Pick<Leadership, 'presence'>;
  readonly intents: Pick<Intents, 'state'>;
  readonly directory: Pick<Directory, 'nameOf'>;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly countdowns: () => ReadonlyMap<SessionId, number>;
}

/** What is known whenever somebody asks. Money is added up, and other windows are asked, only where somebody reads it. */
export function createAppState(sources: AppStateSources, wanted: () => Wants): () => AppState {
  const { store, monitor, money, leadership, intents, directory, serverTime, clock } = sources;
  return () => {
    const set = once(wanted);
    const spending = money.spending();
    const failed = once(() => failedLately(money.history.receipts, serverTime.now()));
    const saving = once(() => leadership.presence.saving);
    return {
      snapshot: store.snapshot,
      now: serverTime.now(),
      localNow: clock.now(),
      work: monitor.current,
      preferencesOf: (id) => preferencesFrom(set().usual, intents.state.preferences.get(id)),
      countdowns: sources.countdowns(),
      prices: money.prices.current,
      get spending() {
        return spending();
      },
      get saving() {
        return saving();
      },
      get limits() {
        return { ...set(), planMinutes: money.planMinutes() };
      },
      nameOf: directory.nameOf,
      history: { receiptOf: (id) => money.history.receipts.get(id), hasFailedStart: (id) => failed().has(id) },
    };
  };
}
