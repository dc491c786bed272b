import { Directory } from './accounts/directory';
import { scopeOfKey, type KeyRing } from './accounts/keyRing';
import { ActivityMonitor } from './activity/activityMonitor';
import { createAppState, type AppState } from './appState';
import type { SessionId } from './comfydeploy/model';
import type { Web } from './comfyui/client';
import { ComfyDeployClient } from './comfydeploy/client';
import { LibraryClient } from './comfydeploy/libraryClient';
import { Guardian } from './guardian/guardian';
import { doingNow } from './guardian/guardInput';
import type { GuardSettings } from './guardian/guardSettings';
import { allWant, wantsText } from './guardian/wants';
import { Logs } from './logs/logs';
import { StartReasons } from './logs/startReasons';
import { RecentOutputs } from './outputs/recentOutputs';
import { changesOf, together, type Disposable, type Event } from './platform/emitter';
import { Http } from './platform/http';
import type { Files, Journal } from './platform/journal';
import { exactJson } from './platform/jsonText';
import type { Memory } from './platform/memory';
import { patientFiles } from './platform/patience';
import { ServerTime } from './platform/serverTime';
import { Acts } from './sessions/acts';
import { Intents } from './sessions/intents';
import { newsOf } from './sessions/news';
import { ownSessions, type Snapshot } from './sessions/snapshot';
import { accountName } from './sidebar/accounts';
import { Store } from './sessions/store';
import type { SpendingLimits } from './spending/spendingLimits';
import { createMoney, type Money } from './spending/money';
import { Usages } from './spending/usages';
import type { Presence } from './windows/leaderElection';
import { LastSeen } from './windows/lastSeen';
import { Editors, type EditorsOptions } from './windows/editors';
import type { LeaderLease } from './windows/leaderLease';
import { writeWork } from './windows/sharedWork';
import type { Sharing } from './windows/sharing';
import { joinWindows } from './windows/windows';

/** What the app needs of the platform. */
export interface Ports extends Web {
  /** Of the server. @throws {ApiError} `misconfigured` */
  readonly baseUrl: () => string;
  readonly keys: KeyRing;
  /** Files that all windows of this editor share. */
  readonly files: Files;
  /** Files that all editors of this user share; undefined where there is no such folder. */
  readonly common?: Promise<Files> | undefined;
  readonly memory: Memory;
  /** When the user wants to be warned, and the spending limits. */
  readonly display: () => { readonly warnAt: readonly number[]; readonly spendingLimits: SpendingLimits };
  /** What the guardian may do automatically. */
  readonly guardSettings: () => GuardSettings;
  /** What this window reports about itself to the others. */
  readonly presence: () => Presence;
  /** Whose sessions these are, if that is not the account in use: their names say so. */
  readonly of?: Parameters<typeof accountName>[0];
}

/** Everything that knows, decides and asks the server for the account in use. It shows nothing. */
export interface App {
  readonly api: ComfyDeployClient;
  /** The workflows that ComfyDeploy keeps. */
  readonly library: LibraryClient;
  /** Guards what changes the bill, from the user's consent to the request. */
  readonly acts: Acts;
  readonly store: Store;
  readonly monitor: ActivityMonitor;
  readonly money: Money;
  readonly windows: AmongWindows;
  readonly guardian: Guardian;
  readonly logs: Logs;
  readonly reasons: StartReasons;
  readonly outputs: RecentOutputs;
  readonly appState: () => AppState;
  readonly life: Life;
}

/** This window among those of the account in use. */
interface AmongWindows {
  readonly leadership: LeaderLease;
  /** The same among the leaders of all editors: the one that leads warns and acts. */
  readonly editors: Editors;
  readonly sharing: Sharing;
  /** A file that the windows of this account and editor share. */
  readonly ofAccount: (name: string) => () => Promise<Journal>;
  /** The same for all editors. */
  readonly ofUser: (name: string) => () => Promise<Journal>;
  /** Files that the windows of all accounts share. */
  readonly files: Files;
  /** The same for all editors. */
  readonly common: Files;
}

export interface Life extends Disposable {
  /** The state changed, or was read again. */
  readonly onDidChange: Event<unknown>;
  /** Something that is shown changed. */
  readonly onDidSee: Event<unknown>;
  /** Forgets everything: another account or server is in use. */
  reset(): void;
}

/** Creates the parts of the app and connects them. No decision is made here. */
export function createApp(ports: Ports): App {
  const { baseUrl, fetch, random, memory, clock, log, display, guardSettings, presence } = ports;
  const server = connect(ports);
  const { api, library, serverTime, scope } = server;
  const files = patientFiles(ports.files, clock);
  const common = patientFiles(ports.common ?? ports.files, clock);
  const of = (where: Files) => (name: string) => async () => where(`${name}-${await scope()}`);
  const [ofAccount, ofUser] = [of(files), of(common)];
  const wants = () => ({ ...guardSettings(), spendingLimits: display().spendingLimits });
  const lastSeen = new LastSeen(memory, clock);
  const among = { common, ofAccount, ofUser, wants: () => wantsText(wants()), met: () => lastSeen.switched() };
  const { intents, acts, store, monitor, leadership, editors, sharing } = createSessions(ports, server, among);

  const logs = new Logs({ api, clock, random }, store);
  const reasons = new StartReasons({ api, logs, clock });
  const history = { journal: common('history.jsonl'), reasons, leadership };
  const usages = watchUsages({ store, monitor, editors, serverTime }, memory);
  const money = createMoney({ api, store, ...history, memory, baseUrl, scope, usages, serverTime, clock, log });
  const outputs = new RecentOutputs({ store, monitor, serverTime, clock, log, random, fetch });
  const directory = new Directory(api, clock);

  const countdowns = (): Guardian['countdowns'] => guardian.countdowns;
  const wanted = () => allWant(wants(), editors.wanted);
  const sources = { store, monitor, money, leadership: editors, intents, directory, serverTime, clock, countdowns };
  const appState = createAppState(sources, wanted, naming(ports.of, directory));

  const away = () => (editors.isAlone ? lastSeen.away : undefined);
  const audience = { isRead: () => presence().isFocused, away, warnAt: () => display().warnAt };
  const journal = ofUser('guard');
  const { recorder } = money;
  const asSet = () => ({ ...guardSettings(), ...wanted() });
  const guardian = new Guardian(
    { appState, guardSettings: asSet, audience, store, acts, monitor, leadership: editors, intents, recorder, journal },
    { clock, log, random },
  );
  const seen = store.onDidChange((now) => lastSeen.note(ownSessions(now).length > 0));

  const others = [money, monitor, directory, guardian];
  const all = [logs, outputs, store, ...others, leadership, editors, sharing];
  const reset = () => {
    if (store.snapshot.kind === 'ready') lastSeen.switched();
    api.forget();
    [acts, ...all].forEach((source) => source.reset());
  };
  const onDidSee = changesOf([{ onDidChange: newsOf(store) }, ...others]);
  const life = { onDidChange: changesOf([store, ...others]), onDidSee, reset, ...together([seen, ...all, lastSeen]) };
  const windows = { leadership, editors, sharing, ofAccount, ofUser, files, common };
  return { api, library, acts, store, monitor, money, windows, guardian, logs, reasons, outputs, appState, life };
}

type Watched = Pick<ReturnType<typeof createSessions>, 'store' | 'monitor' | 'editors'> & Pick<Server, 'serverTime'>;

function watchUsages({ store, monitor, editors, serverTime }: Watched, memory: Memory): Usages {
  const now = () => ({ work: monitor.current, now: serverTime.now(), presence: editors.presence });
  const usages = new Usages({ store, memory, serverTime, doingOf: (id) => doingNow(now(), id) });
  monitor.onDidChange(() => usages.look());
  return usages;
}

/** Names the account in a snapshot. */
function naming(account: Ports['of'], { nameOf }: Directory): (snapshot: Snapshot) => Snapshot {
  if (!account) return (snapshot) => snapshot;
  return (now) => (now.kind === 'ready' ? { ...now, named: accountName(account, nameOf) } : now);
}

type Server = ReturnType<typeof connect>;
interface Among extends Pick<AmongWindows, 'ofAccount' | 'ofUser'>, Pick<EditorsOptions, 'wants' | 'met'> {
  readonly common: Files;
}

/** What is true now: the ledger of requests, this window among the others, the store, and the activity of sessions. */
function createSessions(ports: Ports, { api, serverTime, scope }: Server, among: Among) {
  const { keys, fetch, random, clock, log, presence } = ports;
  const intents = new Intents({ journal: among.common('intents.jsonl'), scope, clock, log });

  const work = () => writeWork(monitor.current);
  const { leadership, sharing } = joinWindows(
    { ofAccount: among.ofAccount, presence, keys, intents, serverTime, clock, log },
    { store: () => store, work },
  );
  const { wants, met } = among;
  const editors = new Editors({
    own: leadership,
    journal: among.ofUser('editors'),
    presence,
    wants,
    met,
    clock,
    log,
    hasToGuard: () => store.hasToGuard,
  });
  const acts = new Acts({ leadership: editors, clock });
  const activityOf = async (session: Parameters<ActivityMonitor['lookAt']>[0]) =>
    (await monitor.lookAt(session))?.activity;
  const store: Store = new Store({ api, keys, intents, acts, activityOf, sharing, clock, serverTime, log, random });
  store.onDidChange(() => editors.replan());
  const snapshot = () => store.snapshot;
  const isTimed = (id: SessionId) => (intents.state.preferences.get(id)?.lease ?? 0) > 0;
  const monitor: ActivityMonitor = new ActivityMonitor({
    snapshot,
    leadership,
    isTimed,
    serverTime,
    clock,
    log,
    random,
    fetch,
  });
  return { intents, acts, store, monitor, leadership, editors, sharing };
}

/** The server, with the key and address in use at each request. */
function connect({ keys, baseUrl, fetch, random, clock, log }: Ports) {
  const serverTime = new ServerTime(clock);
  const token = async (server: string) => (await keys.get(server))?.token;
  const options = { baseUrl, fetch, token, clock, serverTime, log, random };
  const api = new ComfyDeployClient(new Http(options), log);
  const library = new LibraryClient(new Http({ ...options, json: 'python', write: exactJson }), log);
  return { api, library, serverTime, scope: scopeFrom(baseUrl, keys) };
}

/** Whose files they are; computed again only for another key or address. */
function scopeFrom(baseUrl: () => string, keys: KeyRing): () => Promise<string> {
  let last: { readonly server: string; readonly token: string; readonly scope: string } | undefined;
  return async () => {
    const server = baseUrl();
    const token = (await keys.get(server))?.token ?? '';
    if (last?.server !== server || last.token !== token) last = { server, token, scope: scopeOfKey({ server, token }) };
    return last.scope;
  };
}
