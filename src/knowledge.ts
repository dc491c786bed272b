import { appState, type AppState } from './appState';
import { ComfyDeployClient } from './comfydeploy/client';
import { Http, type HttpOptions } from './platform/http';
import { RecentOutputs } from './outputs/recentOutputs';
import type { Presence } from './windows/election';
import { Acts } from './sessions/acts';
import { Guardian, type Audience } from './guardian/guardian';
import type { GuardRules } from './guardian/guardRules';
import { Intents } from './sessions/intents';
import type { Files } from './platform/journal';
import { patientFiles } from './platform/patience';
import type { WindowSeat } from './windows/seat';
import type { Logger } from './platform/logger';
import type { Ceilings } from './spending/ceilings';
import { createMoney, type Money } from './spending/money';
import type { PriceList } from './spending/priceList';
import type { Clock } from './platform/clock';
import { Directory } from './accounts/directory';
import { changesOf, type Event } from './platform/emitter';
import { scopeOfKey, type KeyRing } from './accounts/keyRing';
import { LastSeen } from './windows/lastSeen';
import type { Memory } from './platform/memory';
import { ServerTime } from './platform/serverTime';
import { Logs } from './logs/logs';
import type { Sharing } from './windows/sharing';
import { writeWork } from './windows/sharedWork';
import { Store, type StoreOptions } from './sessions/store';
import { Watch } from './activity/watch';
import { joinWindows } from './windows/windows';

/** What the core needs from the world around it. */
export interface Ports extends Pick<HttpOptions, 'baseUrl' | 'fetch' | 'random'> {
  readonly keys: KeyRing;
  readonly files: Files;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly log: Logger;
  /** What the user wants to be told, and not to spend more than. */
  readonly wishes: () => { readonly warnAt: readonly number[]; readonly ceilings: Ceilings };
  /** What the guardian may do by itself. */
  readonly rules: () => GuardRules;
  /** What this window may say of itself to the others. */
  readonly presence: () => Presence;
}

/** All that is known about an account, and the ways to learn more: the whole core, put together. */
export interface Knowledge {
  readonly api: ComfyDeployClient;
  /** What may change the bill, from the user's yes to the request. */
  readonly acts: Acts;
  readonly store: Store;
  readonly prices: PriceList;
  readonly money: Money;
  readonly watch: Watch;
  /** Among the windows of the account in use. */
  readonly seat: WindowSeat;
  readonly sharing: Sharing;
  readonly guardian: Guardian;
  readonly lastSeen: LastSeen;
  readonly facts: () => AppState;
  readonly logs: Logs;
  readonly outputs: RecentOutputs;
  /** Fires when anything in `facts` is new. */
  readonly onDidChange: Event<unknown>;
  /** Another account or server: forget everything. */
  reset(): void;
  dispose(): void;
}

export function createKnowledge(ports: Ports): Knowledge {
  const { keys, files: disk, memory, clock, log, random, wishes, rules, presence, ...web } = ports;
  const files = patientFiles(disk, clock);
  const serverTime = new ServerTime(clock);
  const token = async (server: string) => (await keys.get(server))?.token;
  const api = new ComfyDeployClient(new Http({ ...web, token, clock, serverTime, log, random }), log);
  const scope = scopeFrom(web.baseUrl, keys);
  const intents = new Intents({ journal: files('intents.jsonl'), scope, clock, log });
  const ofAccount = (name: string) => async () => files(`${name}-${await scope()}`);
  const among = { ofAccount, presence, keys, intents, serverTime, clock, log };
  const { seat, sharing } = joinWindows({ ...among, store: () => store, work: () => writeWork(watch.current) });
  const acts = new Acts({ seat, clock });
  const activityOf: StoreOptions['activityOf'] = async (session) => (await watch.lookAt(session))?.activity;
  const store: Store = new Store({ api, keys, intents, acts, activityOf, sharing, clock, serverTime, log, random });
  const journal = files('history.jsonl');
  const shared = { api, store, memory, scope, serverTime, clock, log };
  const money = createMoney({ ...web, ...shared, journal, isMine: () => !seat.isTaken });
  const { prices } = money;
  const snapshot = () => store.snapshot;
  const watch: Watch = new Watch({ snapshot, seat, serverTime, clock, log, random, fetch: web.fetch });
  const outputs = new RecentOutputs({ store, watch, serverTime, clock, log, random, fetch: web.fetch });
  const directory = new Directory(api);
  const logs = new Logs({ api, clock, random }, store);
  const lastSeen = new LastSeen(memory, clock);
  const countdowns = () => guardian.countdowns;
  const usual = () => rules().usual;
  const ceilings = () => wishes().ceilings;
  const facts = appState({
    store,
    watch,
    money,
    seat,
    intents,
    directory,
    serverTime,
    clock,
    countdowns,
    usual,
    ceilings,
  });
  const audience: Audience = {
    isRead: () => presence().isFocused,
    away: () => lastSeen.away,
    warnAt: () => wishes().warnAt,
  };
  const parts = { store, acts, watch, seat, intents, books: money.books, journal: ofAccount('guard'), clock, log };
  const guardian: Guardian = new Guardian({ facts, rules, audience, ...parts });
  const sources = [store, money, watch, directory, guardian];
  const all = [logs, outputs, ...sources, seat, sharing];
  return {
    ...{ api, acts, store, prices, money, watch, seat, sharing, guardian, lastSeen, logs, outputs, facts },
    onDidChange: changesOf(sources),
    reset: () => {
      if (store.snapshot.kind === 'ready') lastSeen.switched();
      acts.reset();
      all.forEach((source) => source.reset());
    },
    dispose: () => [...all, lastSeen].forEach((source) => source.dispose()),
  };
}

/** Whose files they are, found out anew only for another key or address. */
function scopeFrom(baseUrl: () => string, keys: KeyRing): () => Promise<string> {
  let last: { readonly server: string; readonly token: string; readonly scope: string } | undefined;
  return async () => {
    const server = baseUrl();
    const token = (await keys.get(server))?.token ?? '';
    if (last?.server !== server || last.token !== token) last = { server, token, scope: scopeOfKey({ server, token }) };
    return last.scope;
  };
}
