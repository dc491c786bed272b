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

/** The state at one moment. Each reader declares the parts that it needs. */
export interface AppState {
  readonly snapshot: Snapshot;
  /** Server time, ms: deadlines are relative to it. */
  readonly now: number;
  /** Local clock, ms: ages are relative to it. */
  readonly localNow: number;
  /** For the user's own sessions that have a page; missing ones have not been read yet. */
  readonly work: ReadonlyMap<SessionId, Work>;
  /** The guard preferences of a session. */
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
  /** When sessions are ended automatically unless the user keeps them, server time, ms. */
  readonly countdowns: ReadonlyMap<SessionId, number>;
  /** Sessions whose outputs are being saved, in any window. */
  readonly saving: ReadonlySet<SessionId>;
  readonly prices: Prices | undefined;
  readonly spending: Spending;
  /** The user's settings for money and leases, and whether any editor saves outputs. */
  readonly limits: Pick<Wants, 'spendingLimits' | 'lease' | 'savesOutputs'> & {
    /** In all, for one session. */ readonly planMinutes: number;
  };
  readonly nameOf: (userId: string) => string | undefined;
  readonly history: Past;
}

interface Past {
  /** The receipt of a session. */
  readonly receiptOf: (id: SessionId) => Receipt | undefined;
  /** Whether the server still keeps the reason of a failed start on the machine. */
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

/** The current state on every call. Spending and the state of other windows are only computed when read. */
export function createAppState(
  sources: AppStateSources,
  wanted: () => Wants,
  named: (snapshot: Snapshot) => Snapshot,
): () => AppState {
  const { store, monitor, money, leadership, intents, directory, serverTime, clock } = sources;
  return () => {
    const set = once(wanted);
    const spending = money.spending();
    const failed = once(() => failedLately(money.history.receipts, serverTime.now()));
    const saving = once(() => leadership.presence.saving);
    return {
      snapshot: named(store.snapshot),
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
