import * as z from 'zod/mini';
import type { Account } from '../comfydeploy/model';

const Payload = z.lazy(() =>
  z.object({
    user_id: z.optional(z.string()),
    org_id: z.nullish(z.string()),
    exp: z.optional(z.number()),
  }),
);

/** Reads whose key it is from the key's own JWT payload. A key of another form just stays nameless. */
export function accountOf(key: string): Account {
  const payload = z.safeParse(Payload, decode(key.split('.')[1] ?? ''));
  if (!payload.success) return { userId: undefined, orgId: undefined, expiresAt: undefined };
  const { user_id: userId, org_id: orgId, exp } = payload.data;
  return { userId, orgId: orgId ?? undefined, expiresAt: exp === undefined ? undefined : exp * 1000 };
}

function decode(base64Url: string): unknown {
  try {
    const bytes = Uint8Array.from(atob(base64Url.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined; // not a JWT: the server decides whether it is a key
  }
}
