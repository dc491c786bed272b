import type * as vscode from 'vscode';
import type { Key, KeyRing } from '../core/state/keyRing';

const SLOT = 'comfydeploy.key ';

/**
 * The API key, in VS Code's secret storage and nowhere else. One per server:
 * a key is never sent to an address it was not given for.
 */
export class TokenVault implements KeyRing {
  /** Saves asking the keyring for every request. */
  #known: { readonly slot: string; readonly key: Promise<Key | undefined> } | undefined;

  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly apiUrl: () => string,
    private readonly environmentKey: string | undefined,
  ) {}

  readonly get = (): Promise<Key | undefined> => {
    const slot = this.#slot();
    if (this.#known?.slot === slot) return this.#known.key;
    const known = { slot, key: this.#read(slot) };
    this.#known = known;
    known.key.catch(() => {
      if (this.#known === known) this.#known = undefined; // a locked keyring may open later
    });
    return known.key;
  };

  /** Says whether the keyring really holds it now; some systems have none and say nothing. */
  async keep(token: string): Promise<boolean> {
    const slot = this.#slot();
    await this.secrets.store(slot, token);
    this.#known = undefined;
    return (await this.secrets.get(slot)) === token;
  }

  async forget(): Promise<void> {
    await this.secrets.delete(this.#slot());
    this.#known = undefined;
  }

  /** Also fires when another window signs in or out. */
  onDidChange(listener: () => void): vscode.Disposable {
    return this.secrets.onDidChange(({ key }) => {
      if (!key.startsWith(SLOT)) return;
      this.#known = undefined;
      listener();
    });
  }

  #slot(): string {
    return SLOT + this.apiUrl();
  }

  async #read(slot: string): Promise<Key | undefined> {
    const stored = await this.secrets.get(slot);
    if (stored) return { token: stored, source: 'stored' };
    return this.environmentKey ? { token: this.environmentKey, source: 'environment' } : undefined;
  }
}
