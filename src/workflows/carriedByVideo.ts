import { viewOf } from '../platform/bytes';
import { lettersIn, type FileParts, type NamedTexts } from './fileParts';

/** Limit for all metadata of a video, bytes. */
const LONGEST = 32 * 1024 * 1024;
const MOST_BOXES = 20_000;

interface Box {
  readonly kind: string;
  /** Some have a number instead of four letters. */
  readonly number: number;
  readonly content: Uint8Array;
}

/** In nested boxes: one lists names, another has the texts by the numbers of the names. */
export async function* mp4Texts(parts: FileParts): NamedTexts {
  const outer = await findBox(parts, 0, parts.size, 'moov');
  if (!outer) return;
  const { from, to } = outer;
  const inside = (await findBox(parts, from, to, 'udta')) ?? outer;
  const meta = (await findBox(parts, inside.from, inside.to, 'meta')) ?? (await findBox(parts, from, to, 'meta'));
  const content = meta && meta.to - meta.from <= LONGEST ? await parts.at(meta.from, meta.to - meta.from) : undefined;
  if (!content) return;
  // Four bytes with the kind of the box come first, but not in all files.
  const boxes = [...boxesIn(content, lettersIn(content, 4, 4) === 'hdlr' ? 0 : 4)];
  const keys = namesIn(parts, boxes.find(({ kind }) => kind === 'keys')?.content);
  for (const { kind, number, content: item } of boxesIn(
    boxes.find((box) => box.kind === 'ilst')?.content ?? new Uint8Array(),
  )) {
    const name = kind === '\xa9cmt' ? 'comment' : keys[number - 1];
    const [value] = boxesIn(item);
    if (name !== undefined && value?.kind === 'data') yield [name, parts.text(value.content.subarray(8))];
  }
}

async function findBox(parts: FileParts, start: number, end: number, wanted: string) {
  for (let at = start; at + 8 <= end;) {
    const head = await parts.at(at, 8);
    if (!head) return undefined;
    const short = viewOf(head).getUint32(0);
    const long = short === 1 ? await parts.at(at + 8, 8) : undefined;
    const size = short === 0 ? end - at : long ? Number(viewOf(long).getBigUint64(0)) : short;
    const from = at + (long ? 16 : 8);
    if (size < from - at || at + size > end) return undefined;
    if (lettersIn(head, 4) === wanted) return { from, to: at + size };
    at += size;
  }
  return undefined;
}

function* boxesIn(bytes: Uint8Array, start = 0): Generator<Box> {
  const view = viewOf(bytes);
  for (let [at, count] = [start, 0]; at + 8 <= bytes.length && count < MOST_BOXES; count++) {
    const size = view.getUint32(at);
    if (size < 8 || at + size > bytes.length) return;
    yield {
      kind: lettersIn(bytes, at + 4, 4),
      number: view.getUint32(at + 4),
      content: bytes.subarray(at + 8, at + size),
    };
    at += size;
  }
}

function namesIn(parts: FileParts, keys: Uint8Array | undefined): readonly string[] {
  return keys ? [...boxesIn(keys, 8)].map(({ content }) => parts.text(content)) : [];
}

const SEGMENT = 0x18_53_80_67;
const TAGS = 0x12_54_c3_67;
const CLUSTER = 0x1f_43_b6_75;
const [TAG, SIMPLE_TAG, TAG_NAME, TAG_STRING] = [0x73_73, 0x67_c8, 0x45_a3, 0x44_87];

/** In the tags of the whole file, before the media data. */
export async function* webmTexts(parts: FileParts): NamedTexts {
  let [at, end] = [0, parts.size];
  for (let count = 0; count < MOST_BOXES && at < end; count++) {
    const head = await parts.at(at, Math.min(12, end - at));
    const element = head && elementIn(head, 0);
    if (!element) return;
    const from = at + element.head;
    if (element.id === SEGMENT) {
      at = from;
      end = Math.min(end, element.size === undefined ? end : from + element.size);
      continue;
    }
    if (element.id === CLUSTER && element.size === undefined) return;
    const tags =
      element.id === TAGS && (element.size ?? Infinity) <= LONGEST
        ? await parts.at(from, element.size ?? 0)
        : undefined;
    if (tags) yield* tagsIn(tags, parts);
    at = from + (element.size ?? 0);
  }
}

function* tagsIn(bytes: Uint8Array, parts: FileParts): Generator<readonly [string, string]> {
  for (const tag of elementsIn(bytes, TAG))
    for (const simple of elementsIn(tag, SIMPLE_TAG)) {
      const [[name], [text]] = [[...elementsIn(simple, TAG_NAME)], [...elementsIn(simple, TAG_STRING)]];
      if (name && text) yield [parts.text(name), parts.text(text)];
    }
}

function* elementsIn(bytes: Uint8Array, wanted: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const element = elementIn(bytes, at);
    if (element?.size === undefined) return;
    const from = at + element.head;
    if (element.id === wanted) yield bytes.subarray(from, from + element.size);
    at = from + element.size;
  }
}

/** The id and size of an element: both begin with their own length. Some have no known size. */
function elementIn(
  bytes: Uint8Array,
  at: number,
): { readonly id: number; readonly head: number; readonly size: number | undefined } | undefined {
  const idLength = Math.clz32(bytes[at] ?? 0) - 23;
  const first = bytes[at + idLength] ?? 0;
  const sizeLength = Math.clz32(first) - 23;
  if (idLength > 4 || sizeLength > 8 || at + idLength + sizeLength > bytes.length) return undefined;
  const number = (from: number, length: number, start: number) =>
    bytes.subarray(from, from + length).reduce((sum, byte) => sum * 256 + byte, start);
  const size = number(at + idLength + 1, sizeLength - 1, first & (0xff >> sizeLength));
  const isUnknown = size === 2 ** (7 * sizeLength) - 1;
  return { id: number(at, idLength, 0), head: idLength + sizeLength, size: isUnknown ? undefined : size };
}
