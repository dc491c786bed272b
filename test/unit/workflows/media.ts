import { deflateSync } from 'node:zlib';

/** Files as ComfyUI's libraries write them, with names and texts in them. */
export type Texts = Readonly<Record<string, string>>;

const latin = (text: string) => Buffer.from(text, 'latin1');
const be32 = (number: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(number);
  return bytes;
};
const le32 = (number: number) => be32(number).reverse();

const chunk = (kind: string, data: Buffer) => Buffer.concat([be32(data.length), latin(kind), data, be32(0)]);
const png = (...chunks: readonly Buffer[]) =>
  Buffer.concat([
    latin('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', Buffer.alloc(13)),
    ...chunks,
    chunk('IEND', Buffer.alloc(0)),
  ]);
const picture = (size = 100) => chunk('IDAT', Buffer.alloc(size));
const named = (texts: Texts, write: (name: string, text: string) => Buffer) =>
  Object.entries(texts).map(([name, text]) => write(name, text));

/** @param kind `iTXt` and `zTXt` are packed. */
export function pngOf(texts: Texts, kind = 'tEXt'): Buffer {
  const chunks = named(texts, (name, text) => {
    const key = latin(`${name}\0`);
    if (kind === 'zTXt') return chunk(kind, Buffer.concat([key, Buffer.of(0), deflateSync(text)]));
    if (kind === 'iTXt') return chunk(kind, Buffer.concat([key, Buffer.of(1, 0), latin('en\0n\0'), deflateSync(text)]));
    if (kind === 'iTXt plain') return chunk('iTXt', Buffer.concat([key, Buffer.of(0, 0, 0, 0), Buffer.from(text)]));
    return chunk(kind, Buffer.concat([key, Buffer.from(text)]));
  });
  return kind === 'comf' ? png(picture(), ...chunks, picture()) : png(...chunks, picture());
}

/** Exif data; `isLittle` is the byte order of numbers. */
function exif(texts: Texts, isLittle: boolean, comment?: string): Buffer {
  const values = [
    ...named(texts, (name, text) => Buffer.from(`${name}:${text}\0`)),
    ...(comment === undefined ? [] : [latin(`ASCII\0\0\0${comment}`)]),
  ];
  const number = (size: 2 | 4, value: number) => {
    const bytes = Buffer.alloc(size);
    if (isLittle) bytes.writeUIntLE(value, 0, size);
    else bytes.writeUIntBE(value, 0, size);
    return bytes;
  };
  const [main, inner] = [Object.keys(texts).length + (comment === undefined ? 0 : 1), comment === undefined ? 0 : 1];
  const after = 8 + 2 + 12 * main + 4 + (inner ? 2 + 12 + 4 : 0);
  const offsets = values.map((_, at) => after + values.slice(0, at).reduce((sum, { length }) => sum + length, 0));
  const entry = (tag: number, type: number, at: number) =>
    Buffer.concat([number(2, tag), number(2, type), number(4, values[at]!.length), number(4, offsets[at]!)]);
  const first = Object.keys(texts).map((_, at) => entry(0x0110 - at, 2, at));
  const more = Buffer.concat([number(2, 0x8769), number(2, 4), number(4, 1), number(4, 8 + 2 + 12 * main + 4)]);
  return Buffer.concat([
    ...[latin(isLittle ? 'II' : 'MM'), number(2, 42), number(4, 8), number(2, main), ...first],
    ...(inner ? [more, number(4, 0), number(2, 1), entry(0x9286, 7, values.length - 1)] : []),
    ...[number(4, 0), ...values],
  ]);
}

/** Directories that lie in each other, a thousand entries in each; the last one to be looked at has a text. */
export function webpOfDirectories(count: number, text: string): Buffer {
  const main = 8 + 2 + 12 * (count + 1) + 4;
  const entry = (tag: number, type: number, size: number, offset: number) =>
    Buffer.concat([be32(tag).subarray(2), be32(type).subarray(2), be32(size), be32(offset)]);
  const last = main + 2 + 12 + 4;
  const others = Array.from({ length: count }, (_, at) => entry(0x8769, 4, 1, last + text.length + at));
  const head = Buffer.concat([latin('MM'), be32(42).subarray(2), be32(8), be32(count + 1).subarray(2)]);
  const directory = Buffer.concat([be32(1).subarray(2), entry(0x010f, 2, text.length, last), be32(0)]);
  const entries = [entry(0x8769, 4, 1, main), ...others];
  return webpOf(Buffer.concat([head, ...entries, be32(0), directory, latin(text), Buffer.alloc(12_100 + count, 4)]));
}

export function webpOf(texts: Texts | Buffer): Buffer {
  const part = (kind: string, data: Buffer) =>
    Buffer.concat([latin(kind), le32(data.length), data, Buffer.alloc(data.length % 2)]);
  const parts = Buffer.concat([
    latin('WEBP'),
    part('VP8X', Buffer.alloc(10)),
    part('VP8 ', Buffer.alloc(33)),
    part('EXIF', Buffer.isBuffer(texts) ? texts : exif(texts, false)),
  ]);
  return Buffer.concat([latin('RIFF'), le32(parts.length), parts]);
}

export function jpegOf(texts: Texts, comment?: string): Buffer {
  const segment = (marker: number, data: Buffer) =>
    Buffer.concat([Buffer.of(0xff, marker, (data.length + 2) >> 8, (data.length + 2) & 0xff), data]);
  const own = segment(0xe1, Buffer.concat([latin('Exif\0\0'), exif(texts, true, comment)]));
  return Buffer.concat([
    Buffer.of(0xff, 0xd8),
    segment(0xe0, latin('JFIF\0')),
    own,
    segment(0xda, Buffer.alloc(2)),
    Buffer.alloc(50),
  ]);
}

const box = (kind: string | Buffer, ...content: readonly Buffer[]) => {
  const data = Buffer.concat(content);
  return Buffer.concat([be32(data.length + 8), typeof kind === 'string' ? latin(kind) : kind, data]);
};

/** @param isFast metadata comes before the pictures. */
export function mp4Of(texts: Texts, isFast = false): Buffer {
  const keys = named(texts, (name) => box('mdta', latin(name)));
  const values = named(texts, (_, text) => box('data', be32(1), be32(0), Buffer.from(text))).map((data, at) =>
    box(be32(at + 1), data),
  );
  const meta = box(
    'meta',
    be32(0),
    box('hdlr', Buffer.alloc(25)),
    box('keys', be32(0), be32(keys.length), ...keys),
    box('ilst', ...values),
  );
  const moov = box('moov', box('mvhd', Buffer.alloc(100)), box('trak', Buffer.alloc(40)), box('udta', meta));
  const seen = Buffer.concat([be32(1), latin('mdat'), be32(0), be32(16 + 500), Buffer.alloc(500)]);
  return Buffer.concat([box('ftyp', latin('isom\0\0\0\0')), ...(isFast ? [moov, seen] : [seen, moov])]);
}

const element = (id: number, ...content: readonly Buffer[]) => {
  const data = Buffer.concat(content);
  const bytes = be32(id);
  const size = be32(data.length);
  return Buffer.concat([
    bytes.subarray(bytes.findIndex((byte) => byte !== 0)),
    Buffer.of(0x08),
    Buffer.alloc(0),
    size,
    data,
  ]);
};

/** Names are written in capitals there. */
export function webmOf(texts: Texts): Buffer {
  const tags = named(texts, (name, text) =>
    element(0x67c8, element(0x45a3, latin(name.toUpperCase())), element(0x4487, Buffer.from(text))),
  );
  const unknown = Buffer.of(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
  const segment = [
    element(0x1549a966, Buffer.alloc(20)),
    element(0x1254c367, element(0x7373, element(0x63c0), ...tags)),
  ];
  const cluster = Buffer.concat([be32(0x1f43b675), unknown, Buffer.alloc(300)]);
  return Buffer.concat([element(0x1a45dfa3, Buffer.alloc(10)), be32(0x18538067), unknown, ...segment, cluster]);
}

export function flacOf(texts: Texts): Buffer {
  const lines = named(texts, (name, text) => Buffer.from(`${name}=${text}`)).flatMap((line) => [
    le32(line.length),
    line,
  ]);
  const block = (kind: number, data: Buffer) => Buffer.concat([Buffer.of(kind), be32(data.length).subarray(1), data]);
  const comments = Buffer.concat([le32(3), latin('ffm'), le32(lines.length / 2), ...lines]);
  return Buffer.concat([latin('fLaC'), block(0, Buffer.alloc(34)), block(0x84, comments), Buffer.alloc(60)]);
}

const seven = (number: number) =>
  Buffer.of((number >> 21) & 0x7f, (number >> 14) & 0x7f, (number >> 7) & 0x7f, number & 0x7f);

/** @param isWide two bytes for each letter. */
export function mp3Of(texts: Texts, isWide = false): Buffer {
  const wide = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
  const frames = named(texts, (name, text) => {
    const data = isWide
      ? Buffer.concat([Buffer.of(1), wide(`${name}\0`), wide(text)])
      : Buffer.concat([Buffer.of(3), Buffer.from(`${name}\0${text}`)]);
    return Buffer.concat([latin('TXXX'), seven(data.length), Buffer.of(0, 0), data]);
  });
  const tag = Buffer.concat([...frames, Buffer.alloc(20)]);
  return Buffer.concat([latin('ID3'), Buffer.of(4, 0, 0), seven(tag.length), tag, Buffer.alloc(100, 0xff)]);
}
