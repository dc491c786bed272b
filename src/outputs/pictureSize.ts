/** Pixels. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** The header of a picture fits into so many bytes, with all metadata of camera, colours and workflow. */
export const HEAD_BYTES = 256 * 1024;

/**
 * The size of a picture, read from its header. Undefined if these bytes do not contain it, `unreadable` if more bytes
 * would not help.
 * @param head the first bytes: PNG, GIF, WebP and BMP have it within thirty of them, JPEG after its metadata.
 */
export function pictureSizeIn(head: Uint8Array): PictureSize | 'unreadable' | undefined {
  if (head.length < LONGEST_PREAMBLE) return undefined;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const text = (at: number, length: number) => String.fromCharCode(...head.subarray(at, at + length));
  if (text(0, 8) === '\x89PNG\r\n\x1a\n' && text(12, 4) === 'IHDR')
    return sized(view.getUint32(16), view.getUint32(20));
  if (/^GIF8[79]a$/.test(text(0, 6))) return sized(view.getUint16(6, true), view.getUint16(8, true));
  if (text(0, 4) === 'RIFF' && text(8, 4) === 'WEBP') return sizeOfWebp(view, text(12, 4));
  if (text(0, 2) === 'BM') return sized(view.getInt32(18, true), Math.abs(view.getInt32(22, true)));
  return view.getUint16(0) === 0xff_d8 ? sizeOfJpeg(view) : 'unreadable';
}

const LONGEST_PREAMBLE = 30;

function sized(width: number, height: number): PictureSize | 'unreadable' {
  return width > 0 && height > 0 ? { width, height } : 'unreadable';
}

function sizeOfWebp(view: DataView, kind: string): PictureSize | 'unreadable' {
  const uint24 = (at: number) => view.getUint16(at, true) + (view.getUint8(at + 2) << 16);
  if (kind === 'VP8X') return sized(uint24(24) + 1, uint24(27) + 1);
  if (kind === 'VP8 ') return sized(view.getUint16(26, true) & 0x3f_ff, view.getUint16(28, true) & 0x3f_ff);
  if (kind !== 'VP8L') return 'unreadable';
  const bits = view.getUint32(21, true); // 14 bits for each, minus one
  return sized((bits & 0x3f_ff) + 1, ((bits >>> 14) & 0x3f_ff) + 1);
}

/** After the leading segments, each of which has its own length. */
function sizeOfJpeg(view: DataView): PictureSize | 'unreadable' | undefined {
  for (let at = 2; at + 9 <= view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return 'unreadable';
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at++;
    else if (isFrame(marker)) return sized(view.getUint16(at + 7), view.getUint16(at + 5));
    else at += 2 + Math.max(2, view.getUint16(at + 2));
  }
  return undefined;
}

/** A frame segment of any encoding; three markers in the range mean something else. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}
