import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { deflateAsync } from '@gfx/zopfli';

const ENTRY = 46;
const STORED = 0;
const DEFLATED = 8;
/** Lengths stand in the entry, and not after the content. */
const LENGTHS_FOLLOW = 8;

/** The same archive in fewer bytes: each file as short as deflating gets it, and nothing between them. */
export async function smallerZip(zip: Buffer): Promise<Buffer> {
  const end = zip.subarray(zip.lastIndexOf('PK\x05\x06', undefined, 'latin1')).subarray(0, 22);
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = end.readUInt32LE(16);
  let length = 0;
  for (let left = end.readUInt16LE(10); left > 0; left--) {
    const entry = Buffer.from(zip.subarray(at, at + ENTRY));
    const name = zip.subarray(at + ENTRY, at + ENTRY + entry.readUInt16LE(28));
    const content = await smallest(contentOf(zip, entry));
    at += ENTRY + name.length + entry.readUInt16LE(30) + entry.readUInt16LE(32);
    entry.writeUInt16LE(entry.readUInt16LE(8) & ~LENGTHS_FOLLOW, 8);
    entry.writeUInt16LE(content.length < entry.readUInt32LE(24) ? DEFLATED : STORED, 10);
    entry.writeUInt32LE(content.length, 20);
    entry.fill(0, 30, 34); // neither extra fields nor a comment
    entry.writeUInt32LE(length, 42);
    directory.push(entry, name);
    const file = [Buffer.from('PK\x03\x04', 'latin1'), entry.subarray(6, 32), name, content];
    parts.push(...file);
    length += file.reduce((sum, part) => sum + part.length, 0);
  }
  const last = Buffer.from(end);
  last.writeUInt32LE(Buffer.concat(directory).length, 12);
  last.writeUInt32LE(length, 16);
  last.writeUInt16LE(0, 20);
  return Buffer.concat([...parts, ...directory, last]);
}

function contentOf(zip: Buffer, entry: Buffer): Buffer {
  const header = entry.readUInt32LE(42);
  const start = header + 30 + zip.readUInt16LE(header + 26) + zip.readUInt16LE(header + 28);
  const packed = zip.subarray(start, start + entry.readUInt32LE(20));
  return entry.readUInt16LE(10) === STORED ? packed : inflateRawSync(packed);
}

/** What is packed already is stored. */
async function smallest(content: Buffer): Promise<Buffer> {
  if (deflateRawSync(content).length >= content.length) return content;
  return Buffer.from(await deflateAsync(content, { numiterations: 15 }));
}
