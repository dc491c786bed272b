import { viewOf } from '../platform/bytes';
import { lettersIn, type FileParts, type NamedTexts } from './fileParts';

/** Limit for all metadata of an audio file, bytes. */
const LONGEST = 32 * 1024 * 1024;
const MOST_BLOCKS = 1_000;
const COMMENTS = 4;

/** Lines `NAME=text` in one of the metadata blocks. */
export async function* flacTexts(parts: FileParts): NamedTexts {
  for (let [at, count] = [4, 0]; count < MOST_BLOCKS; count++) {
    const head = await parts.at(at, 4);
    if (!head) return;
    const [kind, length] = [head[0] ?? 0, viewOf(head).getUint32(0) & 0xff_ff_ff];
    const block = (kind & 0x7f) === COMMENTS ? await parts.at(at + 4, length) : undefined;
    if (block) yield* commentsIn(block, parts);
    if (kind >= 0x80) return;
    at += 4 + length;
  }
}

function* commentsIn(bytes: Uint8Array, parts: FileParts): Generator<readonly [string, string]> {
  const view = viewOf(bytes);
  if (bytes.length < 8) return;
  for (let at = 4 + view.getUint32(0, true) + 4; at + 4 <= bytes.length;) {
    const length = view.getUint32(at, true);
    const line = parts.text(bytes.subarray(at + 4, at + 4 + length));
    const equals = line.indexOf('=');
    if (equals !== -1) yield [line.slice(0, equals), line.slice(equals + 1)];
    at += 4 + length;
  }
}

/** Frames in the tag before the audio: those with names of their own, and comments. */
export async function* id3Texts(parts: FileParts): NamedTexts {
  const head = await parts.at(0, 10);
  const length = head ? Math.min(LONGEST, sevenBits(head, 6)) : 0;
  const tag = head && (await parts.at(10, Math.min(length, parts.size - 10)));
  if (!tag) return;
  const version = head[3] ?? 0;
  const view = viewOf(tag);
  for (let at = 0; at + 10 <= tag.length;) {
    const size = version >= 4 ? sevenBits(tag, at + 4) : view.getUint32(at + 4);
    const frame = tag.subarray(at + 10, at + 10 + size);
    const kind = lettersIn(tag, at, 4);
    if (kind === 'TXXX') yield namedIn(frame, 1, parts);
    if (kind === 'COMM') yield ['comment', namedIn(frame, 4, parts)[1]];
    if (size === 0) return;
    at += 10 + size;
  }
}

/** The first bit of each byte is not used. */
function sevenBits(bytes: Uint8Array, at: number): number {
  return bytes.subarray(at, at + 4).reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
}

/** A name and a text in the encoding given by the first byte. @param start where the name begins. */
function namedIn(frame: Uint8Array, start: number, parts: FileParts): readonly [string, string] {
  const isWide = frame[0] === 1 || frame[0] === 2;
  const wide = frame[0] === 2 || frame[start] === 0xfe ? 'utf-16be' : 'utf-16le';
  const all = parts.text(frame.subarray(start), isWide ? wide : undefined);
  const end = all.indexOf('\0');
  return end === -1 ? [all, ''] : [all.slice(0, end), all.slice(end + 1).replace(/^\ufeff/, '')];
}
