import assert from 'node:assert/strict';
import test from 'node:test';
import { isSafePath, Names, safeName, withoutExtension } from '../../../src/comfyui/fileNames';

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

test('4,000 files of one name all get names of their own', () => {
  const names = new Names();
  const given = Array.from({ length: 4_000 }, () => names.give('', 'a.png'));
  assert.deepEqual([new Set(given).size, given.at(-1)], [4_000, 'a (4000).png']);
});
