import * as vscode from 'vscode';
import type { Disposable } from '../../platform/emitter';

const PROVIDER = 'comfydeploy';
/** VS Code withdraws our request, and its badge, once there is a session of the same scopes; of none, it never does. */
const SCOPES = ['sessions'];

/** An account as VS Code's menu lists it. */
export interface ListedAccount {
  /** Its scope. */
  readonly id: string;
  readonly label: string;
}

/** What signs in and out, once it is loaded. */
export interface SigningIn {
  /** The scope of the account; undefined if the user cancelled. */
  readonly signIn: () => Promise<string | undefined>;
  readonly signOut: (account: string) => Promise<void>;
}

/**
 * The accounts in VS Code's own menu. Other extensions that ask for one get its name, never its key: a key is sent to
 * the server that it was made for, and nobody else has a use for it.
 */
export class LateAccounts implements vscode.AuthenticationProvider, Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.AuthenticationProviderAuthenticationSessionsChangeEvent>();
  readonly onDidChangeSessions = this.#changed.event;
  #sessions: readonly vscode.AuthenticationSession[] = [];
  readonly #registered = vscode.authentication.registerAuthenticationProvider(PROVIDER, 'ComfyDeploy', this, {
    supportsMultipleAccounts: true,
  });

  constructor(private readonly house: () => Promise<SigningIn>) {}

  /** Nobody is signed in: the menu offers it. */
  readonly offer = (): void => void vscode.authentication.getSession(PROVIDER, SCOPES).then(undefined, () => undefined);

  show(accounts: readonly ListedAccount[]): void {
    const before = new Map(this.#sessions.map((session) => [session.id, session]));
    this.#sessions = accounts.map(sessionOf);
    const added = this.#sessions.filter(({ id }) => !before.has(id));
    const removed = [...before.values()].filter(({ id }) => !accounts.some((one) => one.id === id));
    const changed = this.#sessions.filter(({ id, account }) => {
      const { label } = before.get(id)?.account ?? account;
      return label !== account.label;
    });
    if (added.length + removed.length + changed.length > 0) this.#changed.fire({ added, removed, changed });
  }

  getSessions(
    _scopes?: readonly string[],
    options?: vscode.AuthenticationProviderSessionOptions,
  ): Promise<vscode.AuthenticationSession[]> {
    const wanted = options?.account?.id;
    return Promise.resolve(this.#sessions.filter(({ id }) => wanted === undefined || id === wanted));
  }

  async createSession(): Promise<vscode.AuthenticationSession> {
    const id = await (await this.house()).signIn();
    const made = this.#sessions.find((session) => session.id === id);
    if (!made) throw new vscode.CancellationError();
    return made;
  }

  async removeSession(id: string): Promise<void> {
    await (await this.house()).signOut(id);
  }

  dispose(): void {
    this.#registered.dispose();
    this.#changed.dispose();
  }
}

function sessionOf(account: ListedAccount): vscode.AuthenticationSession {
  return { id: account.id, accessToken: account.id, account, scopes: SCOPES };
}
