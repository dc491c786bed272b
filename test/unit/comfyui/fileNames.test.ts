import assert from 'node:assert/strict';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { isSafePath, Names, safeName, sameOnDisk, withoutExtension } from '../../../src/comfyui/fileNames';
import { anyText } from '../../fakes/anyText';

test('an ordinary name is kept as it is', () => {
  for (const name of ['ComfyUI_00001_.png', 'Été à la plage (2).webp', '猫 🐈‍⬛.mp4', "it's #1 & 100%.flac", 'a.tar.gz'])
    assert.equal(safeName(name), name);
});

const NAMES: readonly (readonly [name: string, safe: string])[] = [
  ['a/b\\c.png', 'a_b_c.png'],
  ['..', '_'],
  ['', '_'],
  [' . ', '_'],
  ['line\nbreak\0.png', 'line_break_.png'],
  ['say "cheese"?.png', 'say _cheese__.png'],
  ['C:evil.png', 'C_evil.png'],
  ['stream.png:hidden', 'stream.png_hidden'],
  ['dots and spaces. . .', 'dots and spaces'],
  ['.bashrc', '_.bashrc'],
  ['CON', '_CON'],
  ['nul.tar.gz', '_nul.tar.gz'],
  ['com¹.png', '_com¹.png'],
  ['Lpt9 .txt', '_Lpt9 .txt'],
  ['console.png', 'console.png'],
  ['movie.mp4.PART', 'movie.mp4.PART_'],
  ['desktop.ini', 'desktop.ini_'],
  ['Desktop.INI. .', 'Desktop.INI_'],
  ['AutoRun.inf', 'AutoRun.inf_'],
  ['my desktop.ini', 'my desktop.ini'],
  ['free.lnk', 'free.lnk_'],
  ['a.png.URL ', 'a.png.URL_'],
  ['x.scf', 'x.scf_'],
  ['x.library-ms', 'x.library-ms_'],
  ['x.searchConnector-ms', 'x.searchConnector-ms_'],
  ['x.desktop', 'x.desktop_'],
  ['x.webloc', 'x.webloc_'],
  ['x.l\u200bnk', 'x.lnk_'],
  ['x.url\u2800', 'x.url_'],
  ['x.{21EC2020-3AEA-1069-A2DD-08002B30309D}', 'x.{21EC2020-3AEA-1069-A2DD-08002B30309D}_'],
  ['x.lnk:y', 'x.lnk_y'],
  ['y.png:x.lnk', 'y.png_x.lnk_'],
  ['CLOCK$.png', '_CLOCK$.png'],
  ['a\u061cb.png', 'ab.png'],
  ['a\u200b\u200c\u200d\u2060\ufeffb.png', 'ab.png'],
  ['a\u{e0041}\u{e007f}b.png', 'ab.png'],
  ['❤️ 👩🏽‍🚀 1️⃣.png', '❤️ 👩🏽‍🚀 1️⃣.png'],
  ['n\u200b\u0303.png', '\u00f1.png'],
  ['gnp.\u202egnp.exe', 'gnp._gnp.exe'],
  ['half \ud83d.png', 'half _.png'],
  ['e\u0301.png', '\u00e9.png'],
];
for (const [name, safe] of NAMES) {
  test(`${JSON.stringify(name)} becomes ${JSON.stringify(safe)}`, () => assert.equal(safeName(name), safe));
}

test('a long name is cut between its letters and keeps its extension', () => {
  const cut = safeName(`${'🐈'.repeat(100)}.png`);
  assert.equal(cut, `${'🐈'.repeat(49)}.png`);
  assert.equal(safeName('x'.repeat(300)), 'x'.repeat(200));
  assert.equal(safeName(`a.${'x'.repeat(300)}`), `a.${'x'.repeat(198)}`);
});

const WINDOWS_DEVICE = /^(con|prn|aux|nul|com[1-9¹²³]|lpt[1-9¹²³])\s*(\.|$)/i;
const ODD = /[<>:"/\\|?*\0-\x1f\x7f]/;

/** What servers, and people who mean no good, may call a file. */
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

/** No two files are one on any disk, and none has the name of a folder. */
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

test('files of one folder stay together, also those that come later', () => {
  const names = new Names();
  assert.equal(names.give('a:b/c', '1.png'), 'a_b/c/1.png');
  assert.equal(names.give('a?b', '2.png'), 'a_b (2)/2.png');
  const later = new Names();
  later.know('a?b', 'a_b (2)/2.png');
  later.know('a:b/c', 'a_b/c/1.png');
  assert.equal(later.give('a?b', '3.png'), 'a_b (2)/3.png');
  assert.equal(later.give('a:b', '3.png'), 'a_b/3.png');
});

test('a path from elsewhere is used only if it leads nowhere else', () => {
  assert.equal(isSafePath('video/x_00001_.mp4'), true);
  for (const one of ['', '/etc/passwd', '../x', 'a/../../x', 'a//b', 'C:/x', 'a\\..\\x', 'con', 'x\0', '.x', 'x.part'])
    assert.equal(isSafePath(one), false, one);
});

test('only the last extension counts, and a folder has none', () => {
  assert.equal(withoutExtension('a.b/c'), 'a.b/c');
  assert.equal(withoutExtension('a.b/c.tar.gz'), 'a.b/c.tar');
  assert.equal(withoutExtension('.x'), '.x');
});

const SOON = 50;

/** Of several tries, as another process may be at work. One that takes for ever is not tried again. */
function quickest(work: () => void): number {
  let best = Infinity;
  for (let tries = 5; tries > 0; tries--) {
    const began = performance.now();
    work();
    const took = performance.now() - began;
    best = Math.min(best, took);
    if (took > 1_000) break;
  }
  return best;
}

const LONG: readonly (readonly [what: string, of: (size: number) => () => void])[] = [
  ...['.', ' ', '\u200b', 'a.', '. ', '❤️'].map(
    (part) =>
      [
        `a name of many ${JSON.stringify(part)}`,
        (size: number) => {
          const name = `${part.repeat(size / part.length)}x`;
          return () => [name, `x${name}`, `${name}/`].forEach((one) => [safeName(one), isSafePath(one)]);
        },
      ] as const,
  ),
  [
    'a path of many levels',
    (size) => () => {
      const names = new Names();
      names.reserve('a/'.repeat(size));
      names.give('../'.repeat(size), 'x');
      isSafePath('a/'.repeat(size));
    },
  ],
  [
    'files whose names collide',
    (size) => () => {
      const names = new Names();
      for (let n = 0; n < size / 10; n++) names.give('', n % 2 === 0 ? 'a.png' : 'A.png');
    },
  ],
  [
    'names that are claimed one after the other',
    (size) => () => {
      const names = new Names();
      for (let n = 0; n < size / 10; n++) names.claim('deep/a.png');
    },
  ],
];
for (const [what, of] of LONG) {
  test(`${what} takes no longer for each than a few do`, () => {
    const tries = Array.from({ length: 3 }, () => [20_000, 80_000].map((size) => quickest(of(size))));
    // Twice doubled: four times as long is linear, sixteen times is not. What takes no time is quick enough.
    const isLinear = ([one = 0, four = 0]: readonly number[]) => four < SOON || four / one < 9;
    assert.ok(tries.some(isLinear), tries.map(([one, four]) => `${one} ms, then ${four} ms`).join('; '));
  });
}

test('4,000 files of one name all get names of their own', () => {
  const names = new Names();
  const given = Array.from({ length: 4_000 }, () => names.give('', 'a.png'));
  assert.deepEqual([new Set(given).size, given.at(-1)], [4_000, 'a (4000).png']);
});
