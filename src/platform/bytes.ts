// Compares sixteen bytes at a time, at any alignment: the fastest way in JavaScript.

/** How many bytes are equal from these positions on. @param most the highest result. */
export function alikeFrom(
  one: Uint8Array,
  from: number,
  other: Uint8Array,
  otherFrom: number,
  most = Math.min(one.length - from, other.length - otherFrom),
): number {
  const [a, b] = [viewOf(one), viewOf(other)];
  let at = 0;
  while (at + STEP <= most && isAlike(a, from + at, b, otherFrom + at)) at += STEP;
  while (at < most && one[from + at] === other[otherFrom + at]) at++;
  return at;
}

/** How many bytes are equal at the ends. @param most the highest result. */
export function alikeToEnd(one: Uint8Array, other: Uint8Array, most: number): number {
  const [a, b] = [viewOf(one), viewOf(other)];
  const [end, otherEnd] = [one.length - STEP, other.length - STEP];
  let length = 0;
  while (length + STEP <= most && isAlike(a, end - length, b, otherEnd - length)) length += STEP;
  while (length < most && one[one.length - length - 1] === other[other.length - length - 1]) length++;
  return length;
}

const STEP = 16;

function isAlike(a: DataView, at: number, b: DataView, there: number): boolean {
  return (
    ((a.getInt32(at, true) ^ b.getInt32(there, true)) |
      (a.getInt32(at + 4, true) ^ b.getInt32(there + 4, true)) |
      (a.getInt32(at + 8, true) ^ b.getInt32(there + 8, true)) |
      (a.getInt32(at + 12, true) ^ b.getInt32(there + 12, true))) ===
    0
  );
}

/** All parts in one array. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first, ...more] = parts;
  if (!first || more.length === 0) return first ?? new Uint8Array();
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

export const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
