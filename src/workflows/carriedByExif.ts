import { viewOf } from '../platform/bytes';
import { lettersIn, textOf, type FileParts, type NamedTexts } from './fileParts';

/** Bytes of all texts together: many entries may name the same ones. */
const LONGEST = 32 * 1024 * 1024;
const MOST_ENTRIES = 1_000;
const ASCII = 2;
const MORE = 0x87_69;
const USER_COMMENT = 0x92_86;
/** Which letters a comment is written in. */
const CHARSET = 8;

/** In the segments before the picture itself. */
export async function* jpegTexts(parts: FileParts): NamedTexts {
  for (let at = 2; ;) {
    const head = await parts.at(at, 4);
    if (!head || head[0] !== 0xff) return;
    const [marker, length] = [head[1] ?? 0, viewOf(head).getUint16(2)];
    if (marker === 0xda || marker === 0xd9 || length < 2) return;
    const segment = marker === 0xe1 || marker === 0xfe ? await parts.at(at + 4, length - 2) : undefined;
    if (segment && marker === 0xfe) yield ['comment', textOf(segment)];
    if (segment && lettersIn(segment, 0, 6) === 'Exif\0\0') yield* exifTexts(segment.subarray(6));
    at += 2 + length;
  }
}

/** In a chunk behind the picture, mostly. */
export async function* webpTexts(parts: FileParts): NamedTexts {
  for (let at = 12; ;) {
    const head = await parts.at(at, 8);
    if (!head) return;
    const length = viewOf(head).getUint32(4, true);
    const chunk = lettersIn(head, 0, 4) === 'EXIF' ? await parts.at(at + 8, length) : undefined;
    if (chunk) yield* exifTexts(lettersIn(chunk, 0, 6) === 'Exif\0\0' ? chunk.subarray(6) : chunk);
    at += 8 + length + (length % 2);
  }
}

/** ComfyUI writes `workflow:{...}` where others name the camera and who made it. */
function* exifTexts(bytes: Uint8Array): Generator<readonly [string, string]> {
  const order = lettersIn(bytes, 0, 2);
  if (bytes.length < 8 || (order !== 'II' && order !== 'MM')) return;
  const view = viewOf(bytes);
  const isLittle = order === 'II';
  let left = LONGEST;
  const open = [view.getUint32(4, isLittle)];
  const seen = new Set(open);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const count = at + 2 <= bytes.length ? Math.min(view.getUint16(at, isLittle), MOST_ENTRIES) : 0;
    for (let entry = at + 2; entry < at + 2 + 12 * count && entry + 12 <= bytes.length; entry += 12) {
      const [tag, type] = [view.getUint16(entry, isLittle), view.getUint16(entry + 2, isLittle)];
      const [size, offset] = [view.getUint32(entry + 4, isLittle), view.getUint32(entry + 8, isLittle)];
      if (tag === MORE && !seen.has(offset)) {
        seen.add(offset);
        open.push(offset);
      }
      if ((type !== ASCII && tag !== USER_COMMENT) || size <= CHARSET || (left -= size) < 0) continue;
      const value = bytes.subarray(offset, offset + size);
      yield tag === USER_COMMENT ? ['comment', commentIn(value, isLittle)] : namedIn(value);
    }
  }
}

function namedIn(value: Uint8Array): readonly [string, string] {
  const text = textOf(value).replace(/\0+$/, '');
  const [, name, rest] = /^(\w{1,40}):([\s\S]*)$/.exec(text) ?? [];
  return name !== undefined && rest !== undefined ? [name, rest] : ['comment', text];
}

function commentIn(value: Uint8Array, isLittle: boolean): string {
  const text = value.subarray(CHARSET);
  if (!lettersIn(value, 0, CHARSET).startsWith('UNICODE')) return textOf(text).replace(/\0+$/, '');
  return new TextDecoder(isLittle && text[0] !== 0 ? 'utf-16le' : 'utf-16be').decode(text);
}
