import { viewOf } from '../platform/bytes';
import { lettersIn, type FileParts, type NamedTexts } from './fileParts';

const MOST_ENTRIES = 1_000;
/** The cost of reading an entry, in bytes: directories may overlap, so that few bytes hold many entries. */
const ENTRY = 256;
const ASCII = 2;
const MORE = 0x87_69;
const USER_COMMENT = 0x92_86;
/** Length of the encoding at the start of a comment. */
const CHARSET = 8;

/** In the segments before the image data. */
export async function* jpegTexts(parts: FileParts): NamedTexts {
  for (let at = 2; ;) {
    const head = await parts.at(at, 4);
    if (!head || head[0] !== 0xff) return;
    const [marker, length] = [head[1] ?? 0, viewOf(head).getUint16(2)];
    if (marker === 0xda || marker === 0xd9 || length < 2) return;
    const segment = marker === 0xe1 || marker === 0xfe ? await parts.at(at + 4, length - 2) : undefined;
    if (segment && marker === 0xfe) yield ['comment', parts.text(segment)];
    if (segment && lettersIn(segment, 0, 6) === 'Exif\0\0') yield* exifTexts(segment.subarray(6), parts);
    at += 2 + length;
  }
}

/** In a chunk, usually after the image data. */
export async function* webpTexts(parts: FileParts): NamedTexts {
  for (let at = 12; ;) {
    const head = await parts.at(at, 8);
    if (!head) return;
    const length = viewOf(head).getUint32(4, true);
    const chunk = lettersIn(head, 0, 4) === 'EXIF' ? await parts.at(at + 8, length) : undefined;
    if (chunk) yield* exifTexts(lettersIn(chunk, 0, 6) === 'Exif\0\0' ? chunk.subarray(6) : chunk, parts);
    at += 8 + length + (length % 2);
  }
}

/** ComfyUI writes `workflow:{...}` into fields for the camera and its owner. */
function* exifTexts(bytes: Uint8Array, parts: FileParts): Generator<readonly [string, string]> {
  const order = lettersIn(bytes, 0, 2);
  if (bytes.length < 8 || (order !== 'II' && order !== 'MM')) return;
  const view = viewOf(bytes);
  const isLittle = order === 'II';
  const open = [view.getUint32(4, isLittle)];
  const seen = new Set(open);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const count = at + 2 <= bytes.length ? Math.min(view.getUint16(at, isLittle), MOST_ENTRIES) : 0;
    for (let entry = at + 2; entry < at + 2 + 12 * count && entry + 12 <= bytes.length; entry += 12) {
      parts.spend(ENTRY);
      const [tag, type] = [view.getUint16(entry, isLittle), view.getUint16(entry + 2, isLittle)];
      const [size, offset] = [view.getUint32(entry + 4, isLittle), view.getUint32(entry + 8, isLittle)];
      if (tag === MORE && !seen.has(offset)) {
        seen.add(offset);
        open.push(offset);
      }
      if ((type !== ASCII && tag !== USER_COMMENT) || size <= CHARSET) continue;
      const value = bytes.subarray(offset, offset + size);
      yield tag === USER_COMMENT ? ['comment', commentIn(value, isLittle, parts)] : namedIn(parts.text(value));
    }
  }
}

function namedIn(text: string): readonly [string, string] {
  const [, name, rest] = /^(\w{1,40}):([\s\S]*)$/.exec(text) ?? [];
  return name !== undefined && rest !== undefined ? [name, rest] : ['comment', text];
}

function commentIn(value: Uint8Array, isLittle: boolean, parts: FileParts): string {
  const text = value.subarray(CHARSET);
  if (!lettersIn(value, 0, CHARSET).startsWith('UNICODE')) return parts.text(text);
  return parts.text(text, isLittle && text[0] !== 0 ? 'utf-16le' : 'utf-16be');
}
