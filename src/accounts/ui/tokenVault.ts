import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import { DEFAULT_API_URL, parseBaseUrl } from '../../platform/baseUrl';
import { ApiError } from '../../platform/errors';
import { atMost, type Clock } from '../../platform/clock';
import { Emitter, together, type Disposable } from '../../platform/emitter';
import type { Key, KeyRing } from '../keyRing';

// eslint-disable-next-line texts/marked -- a name in the key store
const SLOT = 'comfydeploy.key ';
/** A keyring that waits for its password does not answer, ms. */
const PATIENCE = 10_000;

/** A key from the environment. */
export interface EnvironmentKey {
  readonly token: string;
  /** The server that it belongs to, as the user set it; by default ComfyDeploy's own. */
  readonly server: string | undefined;
}

/** The user is still signed in. */
export class KeyNotRemoved extends ApiError {}

interface Unkept {
  readonly server: string;
  readonly token: string;
}

/**
 * The API key, stored in VS Code's secret storage and nowhere else. One for each server: a key is never sent to an
 * address that it was not given for.
 */
export class TokenVault implements KeyRing {
  /** Avoids reading the keyring for every request. */
  #known: { readonly server: string; readonly key: Promise<Key | undefined> } | undefined;
  /** A key that the keyring did not store: used in this window until it closes. */
  #unkept: Unkept | undefined;
  readonly #unkeptChanged = new Emitter<void>();

  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly apiUrl: () => string,
    private readonly environment: EnvironmentKey | undefined,
    private readonly clock: Clock,
  ) {}

  readonly get = async (server = this.apiUrl()): Promise<Key | undefined> => {
    if (this.#known?.server === server) return this.#known.key;
    const forget = () => {
      if (this.#known === known) this.#known = undefined; // a locked keyring may be unlocked later
    };
    const known = { server, key: this.#read(server, forget) };
    this.#known = known;
    known.key.catch(forget);
    return known.key;
  };

  /** Returns whether the keyring really stored it; some systems have none, with or without an error. */
  async keep(token: string, server: string): Promise<boolean> {
    const isKept = await this.#store(SLOT + server, token);
    this.#setUnkept(isKept ? undefined : { server, token });
    return isKept;
  }

  /** The key from the environment, which takes over once the stored one is removed; undefined if there is none. */
  behind(server = this.apiUrl()): Key | undefined {
    const isForIt = this.environment !== undefined && server === serverOf(this.environment);
    return isForIt ? { token: this.environment.token, source: 'environment', server } : undefined;
  }

  /** @throws {ApiError} `keyStore` if the keyring may still contain the key. */
  async forget(): Promise<void> {
    const slot = SLOT + this.apiUrl();
    this.#setUnkept(undefined);
    try {
      await this.secrets.delete(slot);
    } catch (error) {
      throw new KeyNotRemoved(
        'keyStore',
        l10n.t(
          "Your key could not be removed from VS Code's key store. Unlock your system's keyring and sign out again, or revoke the key in the dashboard.",
        ),
        { cause: error },
      );
    }
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

  async #store(slot: string, token: string): Promise<boolean> {
    try {
      await this.secrets.store(slot, token);
      return (await this.secrets.get(slot)) === token;
    } catch {
      return false; // the caller informs the user
    }
  }

  /** @param isForNow called if the result must not be cached. */
  async #read(server: string, isForNow: () => void): Promise<Key | undefined> {
    const stored = await this.#stored(server);
    if (stored instanceof ApiError) isForNow();
    const unkept = this.#unkept?.server === server ? this.#unkept.token : undefined;
    const token = (stored instanceof ApiError ? undefined : stored) ?? unkept;
    if (token) return { token, source: 'stored', server };
    const behind = this.behind(server);
    if (behind) return behind;
    if (stored instanceof ApiError) throw stored;
    return undefined;
  }

  async #stored(server: string): Promise<string | undefined | ApiError> {
    try {
      const reading = Promise.resolve(this.secrets.get(SLOT + server));
      if (await atMost(this.clock, PATIENCE, reading)) return await reading;
      return new ApiError('keyStore', l10n.t("VS Code's key store does not answer, so your key isn't available."));
    } catch (error) {
      return new ApiError('keyStore', l10n.t("VS Code's key store can't be read, so your key isn't available."), {
        cause: error,
      });
    }
  }
}

/** @throws {ApiError} `misconfigured` */
function serverOf({ server }: EnvironmentKey): string {
  // Whether plain http is safe was checked for the address in use, and this one is only used if it is equal to that.
  return server === undefined ? DEFAULT_API_URL : parseBaseUrl(server, 'COMFYDEPLOY_API_URL', true);
}
