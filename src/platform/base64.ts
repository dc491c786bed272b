/** Arguments that a call certainly may have. */
const CHUNK = 8_192;

export function toBase64(bytes: Uint8Array): string {
  const chunks = Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, n) =>
    bytes.subarray(n * CHUNK, (n + 1) * CHUNK),
  );
  return btoa(chunks.map((chunk) => String.fromCharCode(...chunk)).join(''));
}

/** @throws {DOMException} if it is not base64. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}
