import type * as vscode from 'vscode';
import { Emitter, together, type Disposable } from '../core/state/emitter';
import type { Key, KeyRing } from '../core/state/keyRing';

const SLOT = 'comfydeploy.key ';

interface Unkept {
  readonly slot: string;
  readonly token: string;
}

/**
 * The API key, in VS Code's secret storage and nowhere else. One per server:
 * a key is never sent to an address it was not given for.
 */
export class TokenVault implements KeyRing {
  /** Saves asking the keyring for every request. */
  #known: { readonly slot: string; readonly key: Promise<Key | undefined> } | undefined;
  /** What the keyring did not keep: it serves this window until the restart. */
  #unkept: Unkept | undefined;
  readonly #unkeptChanged = new Emitter<void>();

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
    const isKept = (await this.secrets.get(slot)) === token;
    this.#setUnkept(isKept ? undefined : { slot, token });
    return isKept;
  }

  async forget(): Promise<void> {
    await this.secrets.delete(this.#slot());
    this.#setUnkept(undefined);
  }

  /** Also fires when another window signs in or out. */
  onDidChange(listener: () => void): Disposable {
    const stored = this.secrets.onDidChange(({ key }) => {
      if (!key.startsWith(SLOT)) return;
      this.#known = undefined;
      listener();
    });
    return together([stored, this.#unkeptChanged.event(listener)]);
  }

  #setUnkept(unkept: Unkept | undefined): void {
    const isNews = unkept !== this.#unkept;
    this.#unkept = unkept;
    this.#known = undefined;
    if (isNews) this.#unkeptChanged.fire();
  }

  #slot(): string {
    return SLOT + this.apiUrl();
  }

  async #read(slot: string): Promise<Key | undefined> {
    const unkept = this.#unkept?.slot === slot ? this.#unkept.token : undefined;
    const token = (await this.secrets.get(slot)) ?? unkept;
    if (token) return { token, source: 'stored' };
    return this.environmentKey ? { token: this.environmentKey, source: 'environment' } : undefined;
  }
}
