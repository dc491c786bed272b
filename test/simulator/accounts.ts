import { randomUUID } from 'node:crypto';
import type { SimulatorClock } from './clock';
import { accountId, type Account, type KeyRecord, type OrgRecord, type Scope, type UserRecord } from './model';
import { issueToken } from './tokens';

export type Authentication =
  { readonly kind: 'known'; readonly scope: Scope } | { readonly kind: 'refused'; readonly detail: string };

interface Approval {
  readonly at: number;
  readonly token: string;
  readonly name: string | null;
}

export type SignIn =
  | { readonly kind: 'waiting' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'accepted'; readonly token: string; readonly name: string | null };

const APPROVAL_SHOWN_MS = 30_000;
const SIGN_IN_KEY_LIFE_MS = 7 * 24 * 3_600_000;

export interface NewKey {
  readonly userId: string;
  readonly orgId?: string | null;
  readonly name?: string;
  readonly lifeMs?: number;
}

/** People, organisations, what they pay, and the keys they hold. */
export class Accounts {
  readonly #users = new Map<string, UserRecord>();
  readonly #orgs = new Map<string, OrgRecord>();
  readonly #accounts = new Map<string, Account>();
  readonly #keys = new Map<string, KeyRecord>();
  readonly #approvals = new Map<string, Approval>();

  constructor(private readonly clock: SimulatorClock) {}

  addUser(user: Pick<UserRecord, 'id'> & Partial<UserRecord>): void {
    this.#users.set(user.id, { username: null, firstName: null, lastName: null, imageUrl: null, ...user });
  }

  addOrg(org: OrgRecord): void {
    this.#orgs.set(org.id, org);
  }

  user(id: string): UserRecord | undefined {
    return this.#users.get(id);
  }

  account(scope: Scope): Account {
    return this.#accounts.get(accountId(scope)) ?? { plan: 'creator_monthly', creditDollars: 25 };
  }

  setAccount(scope: Scope, change: Partial<Account>): void {
    this.#accounts.set(accountId(scope), { ...this.account(scope), ...change });
  }

  keys(): readonly KeyRecord[] {
    return [...this.#keys.values()];
  }

  addKey({ userId, orgId = null, name = 'key', lifeMs }: NewKey): KeyRecord {
    const now = this.clock.now();
    const expiresAt = lifeMs === undefined ? null : now + lifeMs;
    const id = randomUUID();
    const claims = {
      user_id: userId,
      iat: Math.floor(now / 1_000),
      ...(orgId === null ? {} : { org_id: orgId }),
      ...(expiresAt === null ? {} : { exp: Math.floor(expiresAt / 1_000) }),
    };
    const token = issueToken(claims, id);
    const key: KeyRecord = { id, userId, orgId, name, token, createdAt: now, revoked: false, expiresAt };
    this.#keys.set(token, key);
    return key;
  }

  revoke(token: string): void {
    const key = this.#keys.get(token);
    if (key) this.#keys.set(token, { ...key, revoked: true });
  }

  authenticate(token: string | undefined): Authentication {
    if (!token) return { kind: 'refused', detail: 'Invalid or missing token' };
    const key = this.#keys.get(token);
    if (!key) return { kind: 'refused', detail: 'Invalid or expired token' };
    if (key.expiresAt !== null) {
      if (key.expiresAt <= this.clock.now()) return { kind: 'refused', detail: 'Invalid or expired token' };
    } else if (key.revoked) {
      return { kind: 'refused', detail: 'Revoked token' };
    }
    return { kind: 'known', scope: { userId: key.userId, orgId: key.orgId } };
  }

  acceptSignIn(requestId: string, { userId, orgId }: Scope): void {
    const { token } = this.addKey({ userId, orgId, name: 'auth-request', lifeMs: SIGN_IN_KEY_LIFE_MS });
    const name = orgId === null ? this.#users.get(userId)?.username : this.#orgs.get(orgId)?.name;
    this.#approvals.set(requestId, { at: this.clock.now(), token, name: name ?? null });
  }

  signIn(requestId: string): SignIn {
    const approval = this.#approvals.get(requestId);
    if (!approval) return { kind: 'waiting' };
    if (this.clock.now() - approval.at > APPROVAL_SHOWN_MS) return { kind: 'expired' };
    return { kind: 'accepted', token: approval.token, name: approval.name };
  }
}
