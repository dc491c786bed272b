import type { Account } from '../comfydeploy/model';

const NAMELESS: Account = { userId: undefined, orgId: undefined, expiresAt: undefined };

/**
 * Reads the owner of a key from its JWT payload. A key of another form has no known owner. Parsed by hand, since it is
 * needed while the window opens, before any schema is loaded.
 */
export function accountOf(key: string): Account {
  const payload = decode(key.split('.')[1] ?? '');
  if (typeof payload !== 'object' || payload === null || Array.isArray(payload)) return NAMELESS;
  const field = (name: string): unknown => Reflect.get(payload, name);
  const [userId, orgId, exp] = [field('user_id'), field('org_id') ?? undefined, field('exp')];
  if (!isTextOrMissing(userId) || !isTextOrMissing(orgId)) return NAMELESS;
  if (exp !== undefined && (typeof exp !== 'number' || !Number.isFinite(exp))) return NAMELESS;
  return { userId, orgId, expiresAt: exp === undefined ? undefined : exp * 1000 };
}

function isTextOrMissing(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function decode(base64Url: string): unknown {
  try {
    const bytes = Uint8Array.from(atob(base64Url.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined; // not a JWT: the server decides whether it is a key
  }
}
