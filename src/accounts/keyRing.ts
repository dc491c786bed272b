import { fieldOf, parseJson } from '../platform/plainJson';
import { accountOf } from './account';

/** The key in use. A key from the environment is a fallback and is never stored. */
export interface Key {
  readonly token: string;
  readonly source: 'stored' | 'environment';
  /** The address that the key belongs to, and the only one that it is sent to. */
  readonly server: string;
}

export interface KeyRing {
  /**
   * @param server the server whose key is wanted; by default the one in use.
   * @throws {ApiError} `keyStore` if VS Code's key store cannot be read, `misconfigured` without a usable address.
   */
  get(server?: string): Promise<Key | undefined>;
}

export type StoredKey = Pick<Key, 'server' | 'token'>;

/** Keys as they are stored; any other text has none. */
export function keysIn(text: string | undefined): readonly StoredKey[] {
  const all: unknown = parseJson(text ?? '');
  return Array.isArray(all) ? all.filter(isStoredKey) : [];
}

function isStoredKey(value: unknown): value is StoredKey {
  return typeof fieldOf(value, 'server') === 'string' && typeof fieldOf(value, 'token') === 'string';
}

/** Of several keys of an account, the first. */
export function onePerAccount<K extends StoredKey>(keys: readonly K[]): readonly K[] {
  const scopes = keys.map(scopeOfKey);
  return keys.filter((_, index) => scopes.indexOf(scopes[index] ?? '') === index);
}

/** The owner of a key as a short hash of account and server, which stays the same when the key changes. */
export function scopeOfKey({ server, token }: Pick<Key, 'server' | 'token'>): string {
  return scopeOf(server, ownerOf(token));
}

/** A key without a known owner counts as its own owner. */
function ownerOf(token: string): string {
  const { userId, orgId } = accountOf(token);
  return userId === undefined ? token : `${userId} ${orgId ?? ''}`;
}

/** An account on a server, as a short hash that reveals neither. */
export function scopeOf(server: string, who: string): string {
  return hash(`${server} ${who}`);
}

/** FNV-1a, 32 bits: distinguishes a handful of accounts, and is of no use for finding out a key. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum.toString(16).padStart(8, '0');
}
