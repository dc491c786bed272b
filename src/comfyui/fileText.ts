/**
 * The bytes of a file as text, in the Unicode encoding that they evidently have, without a byte order mark. Other
 * encodings, such as Latin-1, give U+FFFD: good enough to look at, but not to be sent on.
 */
export function textIn(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/** The exact text, including a byte order mark's effect; undefined if it is not valid in that encoding. */
export function exactTextIn(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** By the byte order mark; without one by the first two characters, which are always ASCII in JSON. */
function encodingOf([first, second, third, fourth]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le';
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? 'utf-16be' : 'utf-8';
}
