import { accountOf } from './account';

/** The key in use. One from the environment is a fallback and is never kept. */
export interface Key {
  readonly token: string;
  readonly source: 'stored' | 'environment';
  /** The address it was made for, and the only one that it is sent to. */
  readonly server: string;
}

export interface KeyRing {
  /**
   * @param server whose key is wanted; by default of the server in use.
   * @throws {ApiError} `keyStore` if VS Code's key store cannot be read, `misconfigured` without a usable address.
   */
  get(server?: string): Promise<Key | undefined>;
}

/** Whose key it is: an account on a server, as a short hash. Keys come and go, their owner stays. */
export function scopeOfKey({ server, token }: Pick<Key, 'server' | 'token'>): string {
  return scopeOf(server, ownerOf(token));
}

/** A key that names nobody stands for itself. */
function ownerOf(token: string): string {
  const { userId, orgId } = accountOf(token);
  return userId === undefined ? token : `${userId} ${orgId ?? ''}`;
}

/** Whose intents: an account on a server, as a short hash that tells neither. */
export function scopeOf(server: string, who: string): string {
  return hash(`${server} ${who}`);
}

/** FNV-1a, 32 bits: distinguishes a handful of accounts, and is of no use for finding out a key. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum.toString(16).padStart(8, '0');
}
