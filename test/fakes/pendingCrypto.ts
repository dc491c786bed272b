const { subtle } = globalThis.crypto;
let pending = 0;

/** Ciphers are reckoned beside the event loop: who waits until nothing is left to do waits for them, too. */
export const isCryptoPending = (): boolean => pending > 0;

for (const name of ['importKey', 'deriveKey', 'encrypt', 'decrypt'] as const) {
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
