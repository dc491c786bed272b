import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { Packed } from '../../../src/platform/node/packed';
import { ManualClock } from '../../fakes/manualClock';
import { until } from '../../fakes/until';
import { knownIn, packedFile } from '../../run/packing';

const TEXTS = new Map([
  ['en', ['Open', 'Keep']],
  ['ja', ['開く', '維持']],
]);
const LINES = 'Open\n開く\nKeep\n維持';
const HOUSE = 'exports.open = () => "a house";\n'.repeat(600);
const CONTENT = contentOf([
  ['house', HOUSE],
  ['places', 'öp'],
]);
const BUNDLES = [
  ['house', HOUSE],
  ['places', 'öp'],
];

function contentOf(bundles: readonly (readonly [name: string, code: string])[]): Buffer {
  const parts = [['texts', LINES] as const, ...bundles];
  const index = parts.map(([name, text]) => `${name}:${Buffer.byteLength(text)}`).join(' ');
  return Buffer.from(`en ja\n${index}\n${parts.map(([, text]) => text).join('')}`);
}

/** Where the content begins, after its length and checksum. */
const HEAD = 21;

function setup(t: TestContext, content = CONTENT) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'packed-'));
  t.after(() => fs.promises.rm(root, { recursive: true, force: true, maxRetries: 10 })); // what is stored may not be yet
  const folder = path.join(root, 'dist');
  const storage = path.join(root, 'storage');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'extension.js'), 'exports.activate = () => "a house";');
  fs.writeFileSync(path.join(root, 'package.nls.ja.json'), '{"open":"開く"}');
  const whole = packedFile(content, knownIn(folder));
  const ship = (file: Uint8Array) => fs.writeFileSync(path.join(folder, 'later.bin'), file);
  ship(whole);
  const stored = () => (fs.existsSync(storage) ? fs.readdirSync(storage).filter((name) => /\.bin$/.test(name)) : []);
  const open = (kept = storage) => new Packed(folder, kept, new ManualClock());
  const openFirst = async () => {
    await open().code();
    await until('what is stored', () => stored().length === 1);
    return path.join(storage, stored()[0] ?? '');
  };
  return { folder, whole, ship, stored, open, openFirst };
}

/** The file with everything after its head destroyed: only what is stored can be used. */
const withoutContent = (file: Buffer) => Buffer.concat([file.subarray(0, HEAD), Buffer.alloc(file.length - HEAD)]);

test('texts and code are those that were packed, in less than half the bytes', async (t) => {
  const { whole, open } = setup(t);
  assert.ok(whole.length * 2 < CONTENT.length);
  assert.deepEqual([...(await open().code())], BUNDLES);
  const both = open();
  assert.deepEqual(await both.texts(), TEXTS);
  assert.deepEqual([...(await both.code())], BUNDLES);
});

test('where numbers of texts or the English ones are marked, the code that is run has them', async (t) => {
  const { ship, open } = setup(t);
  const bundles = [
    ['house', 'const all = \x02; t(\x01), t(\x01), t(0)'],
    ['places', 't(\x01)'],
  ] as const;
  ship(packedFile(contentOf(bundles)));
  assert.deepEqual(
    [...(await open().code())],
    [
      ['house', 'const all = ["Open","Keep"]; t(0), t(1), t(0)'],
      ['places', 't(2)'],
    ],
  );
});

test('a file that a development build has not packed is read, and not stored', async (t) => {
  const { ship, open, stored } = setup(t);
  ship(packedFile(CONTENT));
  assert.deepEqual(await open().texts(), TEXTS);
  assert.deepEqual([...(await open().code())], BUNDLES);
  assert.deepEqual(stored(), []);
});

test('the second window uses what the first one unpacked', async (t) => {
  const { whole, ship, open, openFirst } = setup(t);
  await openFirst();
  ship(withoutContent(whole));
  assert.deepEqual([...(await open().code())], BUNDLES);
  assert.deepEqual(await open().texts(), TEXTS);
});

test('windows that open at the same time both have the code, and one file is stored', async (t) => {
  const { stored, open } = setup(t);
  const windows = await Promise.all([open().code(), open().code(), open().code()]);
  for (const code of windows) assert.deepEqual([...code], BUNDLES);
  await until('what is stored', () => stored().length === 1);
  assert.deepEqual([...(await open().code())], BUNDLES);
});

test('what is stored and damaged, cut off or of another version is never used', async (t) => {
  const { open, openFirst } = setup(t);
  const file = await openFirst();
  const content = fs.readFileSync(file);
  const other = Buffer.from(content.toString('latin1').replace('a house', 'a mouse'), 'latin1');
  for (const damage of [Buffer.alloc(0), content.subarray(0, -1), Buffer.concat([content, Buffer.from(' ')]), other]) {
    fs.writeFileSync(file, damage);
    assert.deepEqual(await open().texts(), TEXTS);
    await until('the right one is stored again', () => content.equals(fs.readFileSync(file)));
    fs.writeFileSync(file, damage);
    assert.deepEqual([...(await open().code())], BUNDLES);
  }
});

test('what an earlier version stored is removed', async (t) => {
  const { folder, ship, stored, open, openFirst } = setup(t);
  const earlier = path.basename(await openFirst());
  ship(packedFile(contentOf([['house', '7']]), knownIn(folder)));
  assert.deepEqual([...(await open().code())], [['house', '7']]);
  await until('the earlier one is removed', () => stored().length === 1 && stored()[0] !== earlier);
});

test('where nothing can be stored, each window unpacks', async (t) => {
  const { folder, open } = setup(t);
  for (let window = 0; window < 2; window++)
    assert.deepEqual([...(await open(path.join(folder, 'extension.js')).code())], BUNDLES);
});

test('a file that is altered, cut off or claims to be huge is refused, and nothing is stored', async (t) => {
  const { whole, ship, stored, open } = setup(t);
  const flipped = Buffer.from(whole);
  flipped[60] = (flipped[60] ?? 0) ^ 16;
  const huge = Buffer.from(whole);
  huge.writeUInt32LE(2 ** 31, 1);
  for (const file of [flipped, whole.subarray(0, 60), whole.subarray(0, 20), Buffer.alloc(0), huge]) {
    ship(file);
    await assert.rejects(open().code());
    await assert.rejects(open().texts());
  }
  assert.deepEqual(stored(), []);
});

test('beside files of another version it is refused', async (t) => {
  const { folder, open } = setup(t);
  fs.appendFileSync(path.join(folder, 'extension.js'), ' ');
  await assert.rejects(open().code());
});
