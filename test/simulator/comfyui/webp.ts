import { squares, type Picture } from './picture';

const SQUARE = 6;
const LITERALS = 256;
const LENGTH_CODES = 24;
/** Two-dimensional distances: the pixel above, the pixel to the left. */
const ABOVE = 0;
const LEFT = 1;
const LONGEST = 4096;
/** The order in which the lengths of the code-length codes are written. */
const LENGTH_ORDER = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/** A lossless WebP of plain squares: smaller than its PNG, as previews are. */
export function encodeWebp(picture: Picture): Buffer {
  const { width, height } = picture;
  const bits = new Bits();
  bits.write(0x2f, 8);
  bits.write(width - 1, 14);
  bits.write(height - 1, 14);
  bits.write(0, 4); // no alpha, version 0
  bits.write(0, 3); // no transform, no colour cache, one group of codes
  writeFlatCode(bits, LITERALS + LENGTH_CODES, 512);
  writeFlatCode(bits, LITERALS, 256);
  writeFlatCode(bits, LITERALS, 256);
  writeSingle(bits, 255, 8); // alpha
  writePair(bits, ABOVE, LEFT);
  writePixels(bits, squares(picture, SQUARE), width, height);

  const data = bits.toBuffer();
  const size = Buffer.alloc(4);
  size.writeUInt32LE(data.length);
  const body = Buffer.concat([Buffer.from('WEBPVP8L'), size, data, Buffer.alloc(data.length % 2)]);
  const whole = Buffer.alloc(4);
  whole.writeUInt32LE(body.length);
  return Buffer.concat([Buffer.from('RIFF'), whole, body]);
}

/** One pixel a square, copied along its row; then that row of pixels copied down. */
function writePixels(bits: Bits, { width: columns, height: rows, rgb }: Picture, width: number, height: number): void {
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = (row * columns + column) * 3;
      bits.writeCode(greenCode(rgb[at + 1] ?? 0));
      bits.writeCode({ bits: rgb[at] ?? 0, length: 8 });
      bits.writeCode({ bits: rgb[at + 2] ?? 0, length: 8 });
      copy(bits, Math.min(SQUARE, width - column * SQUARE) - 1, LEFT);
    }
    copy(bits, (Math.min(SQUARE, height - row * SQUARE) - 1) * width, ABOVE);
  }
}

function copy(bits: Bits, length: number, distance: number): void {
  for (let left = length; left > 0; left -= LONGEST) {
    const { symbol, extra, extraBits } = prefix(Math.min(left, LONGEST));
    bits.writeCode(greenCode(LITERALS + symbol));
    bits.write(extra, extraBits);
    bits.write(distance, 1);
  }
}

function prefix(value: number): { readonly symbol: number; readonly extra: number; readonly extraBits: number } {
  if (value <= 4) return { symbol: value - 1, extra: 0, extraBits: 0 };
  const rest = value - 1;
  const highest = 31 - Math.clz32(rest);
  const second = (rest >> (highest - 1)) & 1;
  const extraBits = highest - 1;
  return { symbol: 2 * highest + second, extra: rest - ((2 + second) << extraBits), extraBits };
}

interface Code {
  readonly bits: number;
  readonly length: number;
}

/** 232 of the 280 symbols have eight bits, the last 48 have nine: a full code. */
const SHORT = 232;
const greenCode = (symbol: number): Code =>
  symbol < SHORT ? { bits: symbol, length: 8 } : { bits: 2 * SHORT + (symbol - SHORT), length: 9 };

/** The lengths of a code of eight (and nine) bits whose room is 256 (or 512) long. */
function writeFlatCode(bits: Bits, symbols: number, room: 256 | 512): void {
  bits.write(0, 1); // not a simple code
  const used = room === 512 ? [8, 9] : [8];
  const written = LENGTH_ORDER.slice(0, LENGTH_ORDER.indexOf(9) + 1);
  bits.write(written.length - 4, 4);
  for (const length of written) bits.write(used.includes(length) ? 1 : 0, 3);
  bits.write(0, 1); // all symbols are listed
  if (room === 256) return;
  for (let symbol = 0; symbol < symbols; symbol++) bits.write(symbol < SHORT ? 0 : 1, 1);
}

function writeSingle(bits: Bits, symbol: number, size: number): void {
  bits.write(1, 1);
  bits.write(0, 1);
  bits.write(1, 1);
  bits.write(symbol, size);
}

function writePair(bits: Bits, first: number, second: number): void {
  bits.write(1, 1);
  bits.write(1, 1);
  bits.write(0, 1);
  bits.write(first, 1);
  bits.write(second, 8);
}

/** Bits, the lowest first; prefix codes go in the highest first. */
class Bits {
  readonly #bytes: number[] = [];
  #count = 0;

  write(value: number, length: number): void {
    for (let bit = 0; bit < length; bit++) {
      const at = this.#count >> 3;
      this.#bytes[at] = (this.#bytes[at] ?? 0) | (((value >> bit) & 1) << (this.#count & 7));
      this.#count++;
    }
  }

  writeCode({ bits, length }: Code): void {
    for (let bit = length - 1; bit >= 0; bit--) this.write(bits >> bit, 1);
  }

  toBuffer(): Buffer {
    return Buffer.from(this.#bytes);
  }
}
