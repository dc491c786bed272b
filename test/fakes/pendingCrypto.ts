import { createCipheriv, createDecipheriv, KeyObject } from 'node:crypto';

const { subtle } = globalThis.crypto;
let pending = 0;

/** Keys are derived outside the event loop: whoever waits for all work to finish must wait for them too. */
export const isCryptoPending = (): boolean => pending > 0;

for (const name of ['importKey', 'deriveKey'] as const) {
  const real = subtle[name].bind(subtle) as (...args: unknown[]) => Promise<unknown>;
  const counted = async (...args: unknown[]) => {
    pending++;
    try {
      return await real(...args);
    } finally {
      pending--;
    }
  };
  Object.defineProperty(subtle, name, { value: counted, configurable: true });
}

type Cipher = (how: { readonly iv: Uint8Array }, key: CryptoKey, data: Uint8Array) => Promise<ArrayBuffer>;
const TAG_BYTES = 16;

/** The same cipher, synchronously: waiting for another thread takes longer than the work. */
const encrypt: Cipher = async ({ iv }, key, data) => {
  const cipher = createCipheriv('aes-256-gcm', KeyObject.from(key), iv);
  return bytesOf(Buffer.concat([cipher.update(data), cipher.final(), cipher.getAuthTag()]));
};
const decrypt: Cipher = async ({ iv }, key, data) => {
  const cipher = createDecipheriv('aes-256-gcm', KeyObject.from(key), iv);
  cipher.setAuthTag(data.subarray(-TAG_BYTES));
  return bytesOf(Buffer.concat([cipher.update(data.subarray(0, -TAG_BYTES)), cipher.final()]));
};
Object.defineProperty(subtle, 'encrypt', { value: encrypt, configurable: true });
Object.defineProperty(subtle, 'decrypt', { value: decrypt, configurable: true });

function bytesOf(buffer: Buffer): ArrayBuffer {
  return new Uint8Array(buffer).buffer;
}
