import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { isSafePath, Names, sameOnDisk } from '../../../src/comfyui/fileNames';
import { anyText } from '../../fakes/anyText';

const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])\s*(\.|$)/i;
const ODD = /[<>:"/\\|?*\0-\x1f\x7f]/;

/** Names that servers and attackers may give to a file. */
const trap = fc.constantFrom(
  ...['..', '.', '/', '\\', 'C:\\x', 'con', 'NUL.png', 'a.part', 'A.part', '.hidden', ' ', 'a ', 'a.', 'ａ', 'A', 'a'],
  ...['é', 'e\u0301', 'ß', 'SS', 'a\nb', 'a_b', '\ud800', 'x'.repeat(400), '.comfydeploy-saved.jsonl', 'a (2)', '🐈'],
);
const anyName = fc.oneof(
  trap,
  anyText(),
  fc.array(trap).map((parts) => parts.join('')),
);
const anyFolder = fc.oneof(
  fc.constant(''),
  fc.array(anyName, { maxLength: 12 }).map((parts) => parts.join('/')),
);
const anyFile = fc.record({ subfolder: anyFolder, filename: anyName });
const distinctFiles = fc.uniqueArray(anyFile, { selector: (file) => JSON.stringify(file), maxLength: 20 });

function assertUsable(given: string): void {
  const parts = given.split('/');
  for (const part of parts) {
    assert.ok(part !== '' && !ODD.test(part) && !WINDOWS_DEVICE.test(part), given);
    assert.ok(!/^[. ]|[. ]$|\.part$/i.test(part), `${given} is hidden, ends oddly or is a part`);
    assert.ok(Buffer.byteLength(part) <= 215 && Buffer.from(part).toString() === part, given);
  }
  assert.ok(Buffer.byteLength(given) < 1_000, given);
  for (const system of [path.posix, path.win32]) {
    const folder = system.resolve('/saved/here');
    assert.ok(system.resolve(folder, ...parts).startsWith(folder + system.sep), given);
  }
  assert.ok(isSafePath(given), given);
}

test('whatever a server calls its files, each gets a path of its own inside the folder, on every system', () => {
  fc.assert(
    fc.property(distinctFiles, (files) => {
      const names = new Names();
      for (const { subfolder } of files) names.reserve(subfolder);
      const given = files.map(({ subfolder, filename }) => names.give(subfolder, filename));
      given.forEach(assertUsable);
      assertApart(given);
    }),
  );
});

/** No two paths are the same file on any disk, and no file has the name of a folder. */
function assertApart(given: readonly string[]): void {
  const keys = given.map((one) => sameOnDisk(one));
  assert.equal(new Set(keys).size, keys.length, given.join('\n'));
  const folders = given.flatMap((one) => one.split('/').map((_, at, all) => all.slice(0, at).join('/')));
  const taken = new Set(folders.map((one) => sameOnDisk(one)));
  for (const key of keys) assert.ok(!taken.has(key), key);
}

test('what was saved earlier keeps its paths, and the others keep away from them', () => {
  fc.assert(
    fc.property(distinctFiles, distinctFiles, (earlier, later) => {
      const first = new Names();
      const before = earlier.map((file) => ({ ...file, path: first.give(file.subfolder, file.filename) }));
      const second = new Names();
      for (const { subfolder, path: where } of before) second.know(subfolder, where);
      for (const { subfolder } of later) second.reserve(subfolder);
      const after = later.map(({ subfolder, filename }) => second.give(subfolder, filename));
      after.forEach(assertUsable);
      assertApart([...before.map(({ path: where }) => where), ...after]);
    }),
  );
});
