import type * as vscode from 'vscode';
import { accountOf } from './accounts/account';
import { scopeOfKey, type Key } from './accounts/keyRing';
import type { TokenVault } from './accounts/ui/tokenVault';
import { createApp, type App, type Ports } from './app';
import type { AppState } from './appState';
import { sessionHandlersOf } from './commands';
import type { Reach } from './comfyui/reach';
import { SessionSaver, type SessionSaverOptions } from './outputs/sessionSaver';
import { together, type Disposable } from './platform/emitter';
import type { Memory } from './platform/memory';
import type { CommandHandlers } from './platform/ui/commands';
import { hideAddresses } from './sessions/snapshot';
import type { OtherAccount } from './sidebar/accounts';
import { signOut } from './sidebar/ui/accountCommands';
import type { EndContext } from './sidebar/ui/endSessions';
import { Targets } from './sidebar/ui/targets';
import { createWatch, type WatchContext } from './surfaces';
import { createTimers } from './timers';
import { SEEN_AT } from './windows/lastSeen';
import type { Rounds } from './windows/round';

export interface OthersContext {
  readonly vault: TokenVault;
  readonly reach: Reach;
  readonly ports: Omit<Ports, 'keys' | 'baseUrl' | 'of'>;
  readonly saving: Pick<SessionSaverOptions, 'disk' | 'canvasOf'>;
  readonly watch: Omit<WatchContext, 'saver' | 'tabs'>;
  readonly host: Pick<vscode.ExtensionContext, 'extension' | 'subscriptions'>;
  /** What is created later. */
  readonly shown: () => { readonly tabs: WatchContext['tabs'] & EndContext['tabs']; readonly redraw: () => void };
}

/** An account that is guarded although another one is in use: an app of its own, whose sessions can be acted on. */
export interface Guarded extends OtherAccount<AppState>, Disposable {
  readonly key: Key;
  readonly store: App['store'];
  readonly handlers: Partial<CommandHandlers>;
  readonly rounds: Rounds;
  readonly wake: () => void;
}

interface SignedIn extends Pick<OtherAccount, 'scope' | 'account'> {
  readonly key: Key;
}

/** Guards all accounts that are signed in, apart from the one in use. */
export class OtherAccounts implements Disposable {
  readonly #open = new Map<string, Guarded>();
  #following: Promise<unknown> = Promise.resolve();
  #isOver = false;
  /** The window was there before the accounts that are added now. */
  #isLate = false;
  /** All accounts, the one in use first. */
  signedIn: readonly SignedIn[] = [];

  constructor(private readonly context: OthersContext) {}

  readonly all = (): readonly Guarded[] => [...this.#open.values()];

  /** Another account may be in use, or signed in or out. */
  readonly follow = (): Promise<unknown> => {
    const { report } = this.context.watch;
    return (this.#following = this.#following.then(() => this.#follow()).catch(report));
  };

  dispose(): void {
    this.#isOver = true;
    for (const one of this.#open.values()) one.dispose();
  }

  async #follow(): Promise<void> {
    const { vault, watch, shown } = this.context;
    const server = inUse(watch.settings.apiUrl);
    if (server !== undefined) await vault.note(server).catch(() => undefined);
    const own = await vault.get().catch(() => undefined);
    const keys = await vault.all().catch(() => undefined); // a locked keyring signs nobody out
    if (this.#isOver) return;
    if (keys) this.signedIn = keys.map((key) => ({ key, scope: scopeOfKey(key), account: accountOf(key.token) }));
    const others = new Map(this.signedIn.map(({ key, scope }) => [scope, key]));
    if (own) others.delete(scopeOfKey(own));
    for (const [scope, one] of this.#open) {
      if (others.get(scope)?.token === one.key.token) continue;
      one.dispose();
      this.#open.delete(scope);
    }
    for (const [scope, key] of others)
      if (!this.#open.has(scope))
        this.#open.set(scope, guard(key, this.#isLate ? withoutAbsence(this.context) : this.context));
    this.#isLate = true;
    shown().redraw();
  }
}

function inUse(apiUrl: () => string): string | undefined {
  try {
    return apiUrl();
  } catch {
    return undefined; // the view shows what is wrong with it
  }
}

/** The user was here all the time, and need not be reminded of what runs. */
function withoutAbsence(context: OthersContext): OthersContext {
  const { ports } = context;
  const memory: Memory = {
    get: (key) => (key === SEEN_AT ? undefined : ports.memory.get(key)),
    update: (key, value) => ports.memory.update(key, value),
  };
  return { ...context, ports: { ...ports, memory } };
}

/** Creates all that guards one account. No decision is made here. */
function guard(key: Key, context: OthersContext): Guarded {
  const { server } = key;
  const { ports, reach, watch, shown, host, vault } = context;
  const { disk, canvasOf } = context.saving;
  const { tabs, redraw } = shown();
  const { settings, report, guardSettings, outputsFolder } = watch;
  const { clock, log } = ports;
  const web = { ...ports, fetch: reach.from(server).guard(globalThis.fetch) };
  const account = accountOf(key.token);
  const keys = { get: (address = server) => Promise.resolve(address === server ? key : undefined) };
  const app = createApp({ ...web, keys, baseUrl: () => settings.allowed(server), of: { server, account } });
  const { appState, store, life } = app;
  const saver = new SessionSaver({ appState, disk, canvasOf, ...web });
  const watching = createWatch(app, web, { ...watch, tabs, saver });
  const targets = new Targets({ appState, activeTab: () => undefined });
  const ending = { ...app, guardSettings, saver, outputsFolder, tabs, clock, report };
  const timers = createTimers(
    app,
    { drawn: [watching, { redraw: () => redraw() }], during: (round) => round() },
    { failed: report, clock },
  );
  const hiding = store.onDidChange((snapshot) => hideAddresses(log, snapshot));
  timers.rounds.start();
  return {
    key,
    account,
    server,
    scope: scopeOfKey(key),
    appState,
    store,
    rounds: timers.rounds,
    wake: timers.wake,
    handlers: {
      ...sessionHandlersOf(app, { targets, ending }, { ...host, clock, guardSettings }),
      signOut: async () => {
        await signOut({ appState, vault }, key);
      },
      refresh: () => Promise.resolve(timers.rounds.wake()),
    },
    ...together([hiding, timers, watching, life]),
  };
}
