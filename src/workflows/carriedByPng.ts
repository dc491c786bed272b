import { bytesWithin, TooLong } from '../platform/body';
import { joined, viewOf } from '../platform/bytes';
import { lettersIn, splitAtZero, type FileParts, type NamedTexts } from './fileParts';

/** Limit for a text after decompression, bytes. */
const LONGEST = 16 * 1024 * 1024;
const LONGEST_NAME = 79;
/** In animated PNGs, ComfyUI writes texts into chunks of its own, after the image data. */
const TEXTS = new Set(['tEXt', 'zTXt', 'iTXt', 'comf']);

/** The text chunks of a PNG. */
export async function* pngTexts(parts: FileParts): NamedTexts {
  for (let at = 8; ;) {
    const head = await parts.at(at, 8);
    if (!head) return;
    const [length, kind] = [viewOf(head).getUint32(0), lettersIn(head, 4)];
    if (kind === 'IEND') return;
    const chunk = TEXTS.has(kind) && length <= LONGEST ? await parts.at(at + 8, length) : undefined;
    const named = chunk && (await textIn(kind, chunk, parts));
    if (named) yield named;
    at += 12 + length;
  }
}

async function textIn(kind: string, chunk: Uint8Array, parts: FileParts) {
  const [name, rest] = splitAtZero(chunk) ?? [];
  if (!name || !rest || name.length > LONGEST_NAME) return undefined;
  const text =
    kind === 'zTXt'
      ? await unpacked(rest.subarray(1), parts)
      : kind === 'iTXt'
        ? await international(rest, parts)
        : rest;
  return text && ([lettersIn(name), parts.text(text)] as const);
}

/** Between the compression flag and the text: language, and translated name. */
async function international(bytes: Uint8Array, parts: FileParts): Promise<Uint8Array | undefined> {
  const [, inLanguage] = splitAtZero(bytes.subarray(2)) ?? [];
  const [, text] = (inLanguage && splitAtZero(inLanguage)) ?? [];
  return text && bytes[0] === 1 ? unpacked(text, parts) : text;
}

/** Undefined if it is damaged, or far longer than it looks. */
async function unpacked(bytes: Uint8Array, parts: FileParts): Promise<Uint8Array | undefined> {
  const pieces: Uint8Array[] = [];
  try {
    const plain = new Blob([Uint8Array.from(bytes)]).stream().pipeThrough(new DecompressionStream('deflate'));
    for await (const piece of bytesWithin(plain, LONGEST)) {
      parts.spend(piece.length);
      pieces.push(piece);
    }
  } catch (error) {
    if (error instanceof TooLong || error instanceof TypeError || isBroken(error)) return undefined;
    throw error;
  }
  return joined(pieces);
}

/** The compressed data is incomplete, or was never compressed. */
function isBroken(error: unknown): boolean {
  return error instanceof Error && 'code' in error;
}
