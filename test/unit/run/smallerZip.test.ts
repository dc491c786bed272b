import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { crc32, deflateRawSync } from 'node:zlib';
import { readZip } from '../../bench/zip';
import { smallerZip } from '../../vscode/smallerZip';

/** As programs write it that do not know lengths beforehand: these follow the content, and there are extra fields. */
function zipOf(files: ReadonlyMap<string, Buffer>): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  const extra = Buffer.from('UT\x01\x00\x00', 'latin1');
  let at = 0;
  for (const [path, content] of files) {
    const name = Buffer.from(path);
    const packed = deflateRawSync(content, { level: 1 });
    const entry = Buffer.alloc(46);
    entry.write('PK\x01\x02', 'latin1');
    entry.writeUInt16LE(0x808, 8);
    entry.writeUInt16LE(8, 10);
    entry.writeUInt32LE(crc32(content), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(extra.length, 30);
    entry.writeUInt32LE(at, 42);
    const header = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), entry.subarray(6, 32)]).fill(0, 14, 26);
    const file = [header, name, extra, packed, Buffer.from('PK\x07\x08', 'latin1'), entry.subarray(16, 28)];
    directory.push(entry, name, extra);
    parts.push(...file);
    at += Buffer.concat(file).length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  for (const place of [8, 10]) end.writeUInt16LE(files.size, place);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, ...directory, end]);
}

test('a package is made smaller, has the same files, and is the same each time', async () => {
  const files = new Map([
    ['extension/package.json', Buffer.from(JSON.stringify(Array.from({ length: 900 }, (_, at) => ({ at: at * at }))))],
    ['extension/dist/later.bin', randomBytes(3_000)],
    ['extension/media/ö.css', Buffer.alloc(0)],
  ]);
  const zip = zipOf(files);
  assert.deepEqual([...readZip(zip)], [...files]);
  const smaller = await smallerZip(zip);
  assert.ok(smaller.length < zip.length - 100, `${smaller.length} of ${zip.length}`);
  assert.deepEqual([...readZip(smaller)], [...files]);
  assert.deepEqual(await smallerZip(zip), smaller);
  assert.deepEqual(await smallerZip(smaller), smaller);
});
