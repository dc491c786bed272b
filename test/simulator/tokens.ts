import { createHmac } from 'node:crypto';

export interface TokenClaims {
  readonly user_id: string;
  /** Seconds. */
  readonly iat: number;
  readonly org_id?: string;
  /** Seconds; only keys of the browser sign-in have it. */
  readonly exp?: number;
}

const HEADER = encode({ alg: 'HS256', typ: 'JWT' });

/** A key in the form of the real ones, with readable claims. The secret makes two keys of the same second differ. */
export function issueToken(claims: TokenClaims, secret: string): string {
  const signed = `${HEADER}.${encode(claims)}`;
  const signature = createHmac('sha256', secret).update(signed).digest('base64url');
  return `${signed}.${signature}`;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
