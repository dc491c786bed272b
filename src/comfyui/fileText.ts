/**
 * Bytes of a file as text, in the Unicode that they are evidently written in; a mark in front of it is left out. What is
 * no Unicode, as Latin-1, becomes U+FFFD: good enough to look at, and never to be handed on.
 */
export function textIn(bytes: Uint8Array): string {
  return new TextDecoder(encodingOf(bytes)).decode(bytes);
}

/** The same, letter by letter as it stands in the file; undefined where that is not known. */
export function exactTextIn(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(encodingOf(bytes), { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** By the mark in front; without one by the first two characters, which in JSON are none but plain ones. */
function encodingOf([first, second, third, fourth]: Uint8Array): string {
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first !== 0 && second === 0 && third !== 0 && fourth === 0) return 'utf-16le';
  return first === 0 && second !== 0 && third === 0 && fourth !== 0 ? 'utf-16be' : 'utf-8';
}
