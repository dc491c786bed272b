import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import { DEFAULT_API_URL, parseBaseUrl } from '../../platform/baseUrl';
import { ApiError } from '../../platform/errors';
import { atMost, type Clock } from '../../platform/clock';
import { Emitter, together, type Disposable } from '../../platform/emitter';
import { keysIn, onePerAccount, scopeOfKey, type Key, type KeyRing, type StoredKey } from '../keyRing';

/* eslint-disable texts/marked -- names in the key store */
/** The key that is used for a server. */
const SLOT = 'comfydeploy.key ';
/** The keys of all accounts that are signed in, but perhaps for one in use. */
const OTHERS = 'comfydeploy.keys';
/* eslint-enable texts/marked */
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

/**
 * The API keys, stored in VS Code's secret storage and nowhere else. One for each server is in use: a key is never sent
 * to an address that it was not given for.
 */
export class TokenVault implements KeyRing {
  /** Avoids reading the keyring for every request. */
  #known: { readonly server: string; readonly key: Promise<Key | undefined> } | undefined;
  /** Keys that the keyring did not store: used in this window until it closes. */
  #unkept: readonly StoredKey[] = [];
  readonly #unkeptChanged = new Emitter<void>();

  constructor(
    private readonly secrets: vscode.SecretStorage,
    private readonly apiUrl: () => string,
    private readonly environment: EnvironmentKey | undefined,
    private readonly clock: Clock,
    /** Runs while no other window changes the keys. */
    private readonly alone = <T>(work: () => Promise<T>): Promise<T> => work(),
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

  /**
   * Signs in: the account is the one in use for its server, and the account before it stays signed in. Returns whether
   * the keyring really stored it; some systems have none, with or without an error.
   */
  async keep(token: string, server: string): Promise<boolean> {
    const key = { server, token };
    const isKept = await this.alone(async () => {
      const isNoted = await this.#alter(server, without(key)).then(
        () => true,
        () => false,
      );
      if (!isNoted || !(await this.#store(SLOT + server, token))) return false;
      await this.#note(server).catch(() => undefined); // it is in use, and noted later
      return true;
    });
    const others = this.#unkept.filter(without(key));
    this.#setUnkept(isKept ? others : [key, ...others]);
    return isKept;
  }

  /** Uses another account that is signed in. */
  async use({ server, token, source }: Key): Promise<void> {
    if (source === 'environment') return; // nothing is stored for its server
    if (this.#unkept.some((key) => key.token === token)) await this.keep(token, server);
    else
      await this.alone(async () => {
        await this.#alter(server);
        await this.secrets.store(SLOT + server, token);
      });
  }

  /** An account is in use: it stays signed in when another server takes its place, even while no window is open. */
  readonly note = (server: string): Promise<void> => this.alone(() => this.#note(server));

  /** One key for each account that is signed in, the one in use first. @throws {ApiError} `keyStore` */
  async all(): Promise<readonly Key[]> {
    const inUse = await this.get().catch(() => undefined); // the others are there all the same
    const others = await this.#stored(OTHERS);
    if (others instanceof ApiError) throw others;
    const environment = this.#environmentServer;
    const slots = [DEFAULT_API_URL, environment].map(async (server) => {
      const token = server === undefined ? undefined : await this.#stored(SLOT + server);
      return server !== undefined && typeof token === 'string' && token ? [{ server, token }] : [];
    });
    const stored = [...(await Promise.all(slots)).flat(), ...this.#unkept, ...keysIn(others)];
    const known = [inUse ?? [], ...stored.map((key) => ({ ...key, source: 'stored' }) as const)].flat();
    // Whoever is signed in nowhere else is signed out on other servers than that of the environment.
    const isFree = known.length > 0 && known.every(({ server }) => server !== environment);
    return onePerAccount([...known, (isFree && environment !== undefined && this.behind(environment)) || []].flat());
  }

  /** The key from the environment, which takes over once the stored one is removed; undefined if there is none. */
  behind(server = this.apiUrl()): Key | undefined {
    const isForIt = this.environment !== undefined && server === serverOf(this.environment);
    return isForIt ? { token: this.environment.token, source: 'environment', server } : undefined;
  }

  /** Signs an account out. @throws {ApiError} `keyStore` if the keyring may still contain the key. */
  async forget(key: StoredKey): Promise<void> {
    const slot = SLOT + key.server;
    this.#setUnkept(this.#unkept.filter(without(key)));
    try {
      await this.alone(async () => {
        const token = await this.secrets.get(slot);
        await this.#alter(key.server, without(key));
        if (token && !without(key)({ server: key.server, token })) await this.secrets.delete(slot);
      });
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

  /** Also fires when another window signs in or out. @param isOfAny also when the account in use stays the same. */
  onDidChange(listener: () => void, isOfAny = false): Disposable {
    const stored = this.secrets.onDidChange(({ key }) => {
      if (!key.startsWith(SLOT) && !(isOfAny && key === OTHERS)) return;
      this.#known = undefined;
      listener();
    });
    return together([stored, this.#unkeptChanged.event(listener)]);
  }

  get #environmentServer(): string | undefined {
    try {
      return this.environment && serverOf(this.environment);
    } catch {
      return undefined; // it is used nowhere
    }
  }

  #setUnkept(unkept: readonly StoredKey[]): void {
    const isNews = unkept.length + this.#unkept.length > 0;
    this.#unkept = unkept;
    this.#known = undefined;
    if (isNews) this.#unkeptChanged.fire();
  }

  /** Adds the key in use of a server to the others, and leaves some of them out. @throws what the keyring throws. */
  async #alter(server: string, isLeft: (key: StoredKey) => boolean = () => true): Promise<void> {
    const [text, token] = await Promise.all([this.secrets.get(OTHERS), this.secrets.get(SLOT + server)]);
    const noted = keysIn(text);
    // Two windows with two servers would else put theirs first in turn, for ever.
    const isNoted = noted.some((key) => key.server === server && key.token === token);
    const all = onePerAccount([...(token && !isNoted ? [{ server, token }] : []), ...noted]).filter(isLeft);
    const next = all.length === 0 ? undefined : JSON.stringify(all);
    if (next === undefined && text) await this.secrets.delete(OTHERS);
    if (next !== undefined && next !== text) await this.secrets.store(OTHERS, next);
  }

  /** What is in use for ComfyDeploy's own server is found without. */
  async #note(server: string): Promise<void> {
    if (server !== DEFAULT_API_URL) await this.#alter(server);
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
    const stored = await this.#stored(SLOT + server);
    if (stored instanceof ApiError) isForNow();
    const unkept = this.#unkept.find((key) => key.server === server)?.token;
    const token = (stored instanceof ApiError ? undefined : stored) ?? unkept;
    if (token) return { token, source: 'stored', server };
    const behind = this.behind(server);
    if (behind) return behind;
    if (stored instanceof ApiError) throw stored;
    return undefined;
  }

  async #stored(slot: string): Promise<string | undefined | ApiError> {
    try {
      const reading = Promise.resolve(this.secrets.get(slot));
      if (await atMost(this.clock, PATIENCE, reading)) return await reading;
      return new ApiError('keyStore', l10n.t("VS Code's key store does not answer, so your key isn't available."));
    } catch (error) {
      return new ApiError('keyStore', l10n.t("VS Code's key store can't be read, so your key isn't available."), {
        cause: error,
      });
    }
  }
}

/** Finds the keys of other accounts. */
function without(key: StoredKey): (other: StoredKey) => boolean {
  const scope = scopeOfKey(key);
  return (other) => scopeOfKey(other) !== scope;
}

/** @throws {ApiError} `misconfigured` */
function serverOf({ server }: EnvironmentKey): string {
  // Whether plain http is safe was checked for the address in use, and this one is only used if it is equal to that.
  return server === undefined ? DEFAULT_API_URL : parseBaseUrl(server, 'COMFYDEPLOY_API_URL', true);
}
