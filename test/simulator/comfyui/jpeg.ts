import { squares, type Picture } from './picture';

const BLOCK = 8;
const FLAT_QUANTUM = 8; // of the mean of a block; an 8x8 DCT's first coefficient is 8 times the mean
const AT_MOST = 11; // bits of a DC difference

/** A JPEG of flat 8x8 blocks: coarse, but any viewer shows it. */
export function encodeJpeg(picture: Picture): Buffer {
  const { width, height } = picture;
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
    segment(0xdb, Buffer.from([0, ...Array<number>(64).fill(FLAT_QUANTUM)])),
    segment(0xc0, Buffer.from([8, height >> 8, height & 255, width >> 8, width & 255, 3, ...components(0x11, 0)])),
    segment(0xc4, Buffer.from([0x00, 0, 0, 0, AT_MOST + 1, ...Array<number>(12).fill(0), ...lengths()])),
    segment(0xc4, Buffer.from([0x10, 1, ...Array<number>(15).fill(0), 0])),
    segment(0xda, Buffer.from([3, 1, 0, 2, 0, 3, 0, 0, 63, 0])),
    scan(squares(picture, BLOCK)),
    Buffer.from([0xff, 0xd9]),
  ]);
}

/** Each component of the frame: id, sampling, quantisation table. */
const components = (sampling: number, table: number): readonly number[] =>
  [1, 2, 3].flatMap((id) => [id, sampling, table]);

const lengths = (): readonly number[] => Array.from({ length: AT_MOST + 1 }, (_, length) => length);

function segment(marker: number, body: Buffer): Buffer {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([head, body]);
}

function scan({ rgb }: Picture): Buffer {
  const bits: number[] = [];
  const before = [0, 0, 0];
  for (let at = 0; at < rgb.length; at += 3) {
    const levels = luminanceAndChroma(rgb[at] ?? 0, rgb[at + 1] ?? 0, rgb[at + 2] ?? 0);
    levels.forEach((level, component) => {
      const value = Math.round((level * 8) / FLAT_QUANTUM);
      writeDifference(bits, value - (before[component] ?? 0));
      before[component] = value;
    });
  }
  return stuffed(bits);
}

/** A four-bit code for the length, the difference itself, and one bit that ends the block. */
function writeDifference(bits: number[], difference: number): void {
  const length = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
  const value = difference < 0 ? difference + (1 << length) - 1 : difference;
  for (let bit = 3; bit >= 0; bit--) bits.push((length >> bit) & 1);
  for (let bit = length - 1; bit >= 0; bit--) bits.push((value >> bit) & 1);
  bits.push(0);
}

function luminanceAndChroma(red: number, green: number, blue: number): readonly number[] {
  const y = 0.299 * red + 0.587 * green + 0.114 * blue;
  return [y - 128, 0.564 * (blue - y), 0.713 * (red - y)];
}

/** Bits to bytes, filled up with ones; a 0 byte follows each 0xff. */
function stuffed(bits: readonly number[]): Buffer {
  const bytes: number[] = [];
  for (let at = 0; at < bits.length; at += 8) {
    let byte = 0;
    for (let bit = 0; bit < 8; bit++) byte = (byte << 1) | (bits[at + bit] ?? 1);
    bytes.push(byte);
    if (byte === 0xff) bytes.push(0);
  }
  return Buffer.from(bytes);
}
