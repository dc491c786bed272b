import { scopeOfKey, type Key } from './accounts/keyRing';
import type { TokenVault } from './accounts/ui/tokenVault';
import type { App } from './app';
import type { Guarded, OtherAccounts } from './otherAccounts';
import { accountName } from './sidebar/accounts';
import type { Accounts } from './sidebar/ui/accountCommands';
import { KeyNotices } from './sidebar/ui/keyNotices';
import type { LateAccounts, SigningIn } from './sidebar/ui/lateAccounts';
import { atMost, type Clock } from './platform/clock';
import type { Memory } from './platform/memory';
import { fieldOf } from './platform/plainJson';
import { ContextKeys } from './platform/ui/contextKeys';
import { run, type CommandHandlers, type CommandName, type RunCommand } from './platform/ui/commands';
import type { Settings } from './platform/ui/settings';
import { isOwn, sessionsOf, type Snapshot } from './sessions/snapshot';

interface Context {
  readonly vault: TokenVault;
  readonly settings: Settings;
  readonly memory: Memory;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
  /** VS Code's menu. */
  readonly porch: { readonly accounts: Pick<LateAccounts, 'show'> };
  readonly surfaces: { redraw(): void };
}

/** How long to wait for the first answer of another account, ms. */
const PATIENCE = 15_000;
/** Without a row, they are about all accounts. */
const OF_ALL: readonly CommandName[] = ['refresh', 'cancelAllSessions'];

/** What is about more than the account in use. No decision is made here. */
export function createAccounts(app: App, others: OtherAccounts, context: Context) {
  const { memory, vault, report, porch, surfaces } = context;
  const use = switching(app, context);
  const words = new ContextKeys();
  app.store.onDidChange(() => notices.redraw());
  const all = () =>
    others.signedIn.map(({ key: { server }, scope, account }) => {
      const other = others.all().find((one) => one.scope === scope);
      const { snapshot } = app.store;
      const isInUse = !other && snapshot.kind === 'ready' && snapshot.scope === scope;
      // A server is asked for the names of its own accounts only.
      const nameOf = isInUse || other ? (other ?? app).appState().nameOf : () => undefined;
      const { appState } = other ?? app;
      return { scope, server, account, appState, isInUse, isOther: !!other, nameOf };
    });
  const notices = new KeyNotices(memory, all, report);
  const list = () => porch.accounts.show(all().map((one) => ({ id: one.scope, label: accountName(one, one.nameOf) })));
  const signingIn = (handlers: CommandHandlers): SigningIn => ({
    signIn: async () => {
      const before = await vault.get().catch(() => undefined);
      await handlers.signIn(undefined);
      await others.follow();
      list();
      const now = await vault.get();
      return now && now.token !== before?.token ? scopeOfKey(now) : undefined;
    },
    signOut: async (account) => {
      await run('signOut', { kind: 'account', account });
    },
  });
  return {
    others: others.all,
    use,
    signingIn,
    routed: (handlers: CommandHandlers) => routed(handlers, app, others, use),
    redraw: () => {
      // until the first answer, the rows of last time are shown
      if (app.store.snapshot.kind !== 'loading') surfaces.redraw();
      list();
      notices.redraw();
      words.set('comfydeploy.accounts', others.all().length > 0 ? '+others' : '');
    },
  };
}

/** Looks at another account. The one before stays signed in and guarded, so nothing is asked. */
function switching({ store }: App, { vault, settings, memory, clock }: Context): (key: Key) => Promise<void> {
  return async (key) => {
    const scope = scopeOfKey(key);
    const isThere = ({ kind, ...snapshot }: Snapshot) =>
      kind === 'signedOut' || kind === 'failed' || ('scope' in snapshot && snapshot.scope === scope);
    let arrived = (): void => undefined;
    const there = new Promise<void>((resolve) => (arrived = resolve));
    const waiting = store.onDidChange((now) => {
      if (isThere(now)) arrived();
    });
    try {
      await vault.use(key);
      await settings.useServer(key.server, memory);
      await atMost(clock, PATIENCE, there);
    } finally {
      waiting.dispose();
    }
  };
}

/**
 * Carries out each command in the account that its row belongs to. What only the account in use can do is done there,
 * after a switch.
 */
function routed(main: CommandHandlers, { store }: App, others: OtherAccounts, use: Accounts['use']): RunCommand {
  const inOther = async (other: Guarded, name: CommandName, target: unknown) => {
    const own = other.handlers[name];
    if (own) return own(target);
    await use(other.key);
    if (name !== 'switchAccount') await main[name](target);
  };
  return async (name, target) => {
    const all = others.all();
    const rows = rowsOf(target);
    const isOfAll = target === undefined && OF_ALL.includes(name);
    const meant = isOfAll ? [undefined, ...all] : rows.map((row) => whose(row, store.snapshot, all));
    for (const other of new Set(meant)) await (other ? inOther(other, name, target) : main[name](target));
  };
}

function rowsOf(target: unknown): readonly unknown[] {
  if (Array.isArray(target)) return target.slice(1, 2); // of a key: the row that had the focus
  const selected = fieldOf(target, 'selected');
  return Array.isArray(selected) ? selected : [target];
}

/** The account of a row, if it is not the one in use. */
function whose(row: unknown, inUse: Snapshot, all: readonly Guarded[]): Guarded | undefined {
  const [account, id] = [fieldOf(row, 'account'), fieldOf(row, 'sessionId')];
  if (typeof account === 'string') return all.find(({ scope }) => scope === account);
  // The user may choose any session: offered are those of the account in use, if it has some.
  if (fieldOf(row, 'kind') === 'all' && sessionsOf(inUse).length === 0)
    return all.find(({ store }) => sessionsOf(store.snapshot).length > 0);
  const has = (snapshot: Snapshot) =>
    snapshot.kind === 'ready' &&
    snapshot.sessions.some((session) => session.id === id && isOwn(snapshot.account, session));
  return has(inUse) ? undefined : all.find(({ store }) => has(store.snapshot));
}
