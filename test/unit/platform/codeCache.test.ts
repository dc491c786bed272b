import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { CodeCache } from '../../../src/platform/node/codeCache';
import { ManualClock } from '../../fakes/manualClock';
import { until } from '../../fakes/until';

const MINUTE = 60_000;
const TEXT = `
const { sep } = require('node:path');
exports.answer = () => 6 * 7;
exports.sep = sep;
exports.folder = __dirname;
exports.beside = () => require('./beside.js');
`;
const BESIDE = `
globalThis.timesRun = (globalThis.timesRun ?? 0) + 1;
exports.name = require('node:path').basename(__filename);
exports.times = globalThis.timesRun;
`;

interface Loaded {
  readonly answer: () => number;
  readonly sep: string;
  readonly folder: string;
  readonly beside: () => { readonly name: string; readonly times: number };
}

function setup(t: TestContext) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'code-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const [file, folder] = [path.join(root, 'bundle.js'), path.join(root, 'storage')];
  fs.writeFileSync(file, TEXT);
  const kept = () => (fs.existsSync(folder) ? fs.readdirSync(folder) : []);
  const clock = new ManualClock();
  /** Opens a window: the output of the bundle, and whether it was compiled from its text. */
  const open = async (version = '1.139.1') => {
    const read = async () =>
      new Map([
        ['bundle', await fs.promises.readFile(file, 'utf8')],
        ['beside', BESIDE],
      ]);
    const code = new CodeCache({ file, name: 'bundle', read, folder, clock, version });
    const loaded = (await code.run()) as Loaded;
    const isCompiled = clock.pending > 0;
    return { loaded, isCompiled, code };
  };
  const openAndStay = async (version?: string) => {
    const window = await open(version);
    await clock.advance(2 * MINUTE);
    await until('what is kept', () => kept().some((name) => name.endsWith('.bin')));
    return window;
  };
  return { root, file, folder, kept, clock, open, openAndStay };
}

test('a bundle runs as if it were required', async (t) => {
  const { root, open } = setup(t);
  const { loaded, code } = await open();
  assert.deepEqual([loaded.answer(), loaded.sep, loaded.folder], [42, path.sep, root]);
  code.dispose();
});

test('a bundle finds others that were read with it, and each is run once', async (t) => {
  const { open } = setup(t);
  const { loaded, code } = await open();
  assert.deepEqual([loaded.beside(), loaded.beside()], Array(2).fill({ name: 'beside.js', times: 1 }));
  code.dispose();
});

test('the second window runs what the first one compiled', async (t) => {
  const { kept, open, openAndStay } = setup(t);
  assert.equal((await openAndStay()).isCompiled, true);
  assert.equal(kept().length, 1);
  const { loaded, isCompiled } = await open();
  assert.deepEqual([loaded.answer(), isCompiled], [42, false]);
});

test('a window that closes soon keeps nothing', async (t) => {
  const { kept, clock, open } = setup(t);
  (await open()).code.dispose();
  await clock.advance(2 * MINUTE);
  assert.deepEqual(kept(), []);
});

test('what another editor or another text left is not run, and makes room', async (t) => {
  const { file, kept, openAndStay } = setup(t);
  await openAndStay();
  const [first] = kept();
  assert.equal((await openAndStay('1.140.0')).isCompiled, true);
  await until('one that is kept', () => kept().length === 1 && kept()[0] !== first);

  fs.writeFileSync(file, TEXT.replace('6 * 7', '6 * 8'));
  const { loaded, isCompiled } = await openAndStay('1.140.0');
  assert.deepEqual([loaded.answer(), isCompiled], [48, true]);
});

for (const [what, damage] of Object.entries({
  'cut short': (data: Buffer) => data.subarray(0, data.length / 2),
  'changed in one place': (data: Buffer) => (data.writeUInt8(data.readUInt8(200) ^ 1, 200), data),
  empty: () => Buffer.alloc(0),
  foreign: () => Buffer.from('not compiled code, but whole words of somebody else, longer than a sum'),
}))
  test(`a cache that is ${what} is not believed: the bundle is compiled, and kept anew`, async (t) => {
    const { folder, kept, open, openAndStay } = setup(t);
    await openAndStay();
    const cache = path.join(folder, kept()[0]!);
    fs.writeFileSync(cache, damage(fs.readFileSync(cache)));
    const { loaded, isCompiled, code } = await open();
    assert.deepEqual([loaded.answer(), isCompiled], [42, true]);
    code.dispose();
    await openAndStay();
    await until('a whole one', async () => !(await open()).isCompiled);
  });

test('a folder that cannot be written costs nothing but the time', async (t) => {
  const { folder, clock, open } = setup(t);
  fs.writeFileSync(folder, 'a file in its place');
  const { loaded } = await open();
  await clock.advance(2 * MINUTE);
  assert.equal(loaded.answer(), 42);
  assert.equal((await open()).isCompiled, true);
});
