import assert from 'node:assert/strict';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import vm from 'node:vm';
import type * as L10n from '@vscode/l10n';
import type { OnLoadOptions, OnLoadResult, Plugin, PluginBuild } from 'esbuild';
import { Packed } from '../../../src/platform/node/packed';
import { translationsIn } from '../../../src/platform/node/translations';
import { ManualClock } from '../../fakes/manualClock';
import { packedFile } from '../../run/packing';

function packed(t: test.TestContext, content: string | Uint8Array): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'texts-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, 'later.bin'), content);
  return folder;
}

/** Nothing is stored: the storing would outlast the test. */
const packedIn = (folder: string) => new Packed(folder, '/no/such/storage', new ManualClock());
const fileOf = (all: unknown, code = 'house:4\ncode') =>
  packedFile(Buffer.from(`${JSON.stringify(all)}\n${code}`), new Uint8Array());

const ALL = { en: ['Open', '{0} left', 'Keep'], de: ['Öffnen', 'noch {0}', null], ja: ['開く', '残り {0}', '維持'] };

test('texts of a language are found by their English ones, and one that is missing is English', async (t) => {
  const file = packedIn(packed(t, fileOf(ALL)));
  const german = { Open: 'Öffnen', '{0} left': 'noch {0}', Keep: 'Keep' };
  assert.deepEqual(await translationsIn(file, 'de'), { ...german, 0: 'Öffnen', 1: 'noch {0}', 2: 'Keep' });
  const japanese = { Open: '開く', '{0} left': '残り {0}', Keep: '維持' };
  assert.deepEqual(await translationsIn(file, 'JA'), { ...japanese, 0: '開く', 1: '残り {0}', 2: '維持' });
});

test('texts and code are unpacked once for both, where the texts are asked for first', async (t) => {
  const folder = packed(t, fileOf(ALL, 'house:4 places:6\ncodeplaces'));
  const file = packedIn(folder);
  assert.ok(await translationsIn(file, 'de'));
  fs.rmSync(path.join(folder, 'later.bin'));
  assert.deepEqual(
    [...(await file.code())],
    [
      ['house', 'code'],
      ['places', 'places'],
    ],
  );
  await assert.rejects(file.code(), 'it is not kept any longer than that');
});

test('English, a language that there is not, and a file that is broken or missing leave the texts as they are', async (t) => {
  const file = packedIn(packed(t, fileOf(ALL)));
  for (const language of ['en', 'en-GB', 'fr', 'zh-tw', '__proto__'])
    assert.equal(await translationsIn(file, language), undefined, language);
  assert.equal(await translationsIn(packedIn(packed(t, 'no such file')), 'de'), undefined);
  const odd = packedIn(packed(t, fileOf([1])));
  assert.equal(await translationsIn(odd, 'de'), undefined);
  assert.equal(await translationsIn(packedIn('/nowhere'), 'de'), undefined);
});

test('what ships has every text in German, Japanese and Chinese', async () => {
  const shipped = packedIn(path.join(__dirname, '..'));
  for (const language of ['de', 'ja', 'zh-cn'])
    assert.ok(Object.keys((await translationsIn(shipped, language)) ?? {}).length > 500, language);
});

const { numbered } = createRequire(__filename)(path.resolve('l10n', 'numbered.js')) as { numbered: Plugin };

/** What the build makes of a module. */
function built(file: string): string {
  let contents: unknown;
  const build = {
    onResolve: () => undefined,
    onLoad: ({ filter, namespace }: OnLoadOptions, load: (args: { path: string }) => OnLoadResult | undefined) => {
      if ((namespace === undefined) === file.startsWith('src') && filter.test(path.resolve(file)))
        contents = load({ path: path.resolve(file) })?.contents;
    },
  };
  void numbered.setup(build as unknown as PluginBuild);
  return String(contents);
}

test('the code that ships names texts by numbers, and says them in each language', async () => {
  const english = JSON.parse(fs.readFileSync('l10n/bundle.l10n.json', 'utf8')) as Record<
    string,
    string | { message: string }
  >;
  const l10n = vm.runInNewContext(`${built('@vscode/l10n').replaceAll('export ', '')}; ({ t, config })`) as typeof L10n;
  const file = 'src/spending/menus.ts';
  const source = fs.readFileSync(file, 'utf8');
  const numbers = [...built(file).matchAll(/l10n\.t\(\s*(?:\{\s*message: )?(\d+)/g)].map(([, id]) => Number(id));
  assert.equal(numbers.length, source.split('l10n.t(').length - 1);
  const shipped = packedIn(path.join(__dirname, '..'));
  for (const language of ['de', 'ja', 'zh-cn']) {
    const texts = JSON.parse(fs.readFileSync(`l10n/bundle.l10n.${language}.json`, 'utf8')) as Record<string, string>;
    l10n.config({ contents: (await translationsIn(shipped, language)) ?? {} });
    for (const id of numbers) {
      const [key = '', text] = Object.entries(english)[id] ?? [];
      assert.ok(source.includes(typeof text === 'string' ? text : (text?.message ?? key)), key);
      assert.equal(l10n.t(id as unknown as string), texts[key], key);
    }
  }
});
