import type { Key, KeyRing } from '../../src/accounts/keyRing';

/** A key in the form of ComfyDeploy's; its signature is not valid. */
export function keyOf(payload: Readonly<Record<string, unknown>>): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}.c2lnbmF0dXJlLW9mLXRoaXMta2V5`;
}

export class FakeKeyRing implements KeyRing {
  /** The store that keeps it does not answer. */
  isSilent = false;

  constructor(public key: Key | undefined) {}

  async get(): Promise<Key | undefined> {
    return this.isSilent ? new Promise(() => undefined) : this.key;
  }
}
