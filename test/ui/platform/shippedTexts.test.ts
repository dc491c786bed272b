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
const fileOf = (content: string) => packedFile(Buffer.from(content), new Uint8Array());

const ALL = `en de ja
texts:65 house:4 places:6
Open
Öffnen
開く
{0} left
noch {0}
残り {0}
Keep
Keep
維持codeplaces`;

test('texts of a language are found by their English ones and by their numbers', async (t) => {
  const file = packedIn(packed(t, fileOf(ALL)));
  const german = { Open: 'Öffnen', '{0} left': 'noch {0}', Keep: 'Keep' };
  assert.deepEqual(await translationsIn(file, 'de'), { ...german, 0: 'Öffnen', 1: 'noch {0}', 2: 'Keep' });
  const japanese = { Open: '開く', '{0} left': '残り {0}', Keep: '維持' };
  assert.deepEqual(await translationsIn(file, 'JA'), { ...japanese, 0: '開く', 1: '残り {0}', 2: '維持' });
});

test('texts and code are unpacked once for both, where the texts are asked for first', async (t) => {
  const folder = packed(t, fileOf(ALL));
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
  assert.equal(await translationsIn(packedIn(packed(t, fileOf('odd'))), 'de'), undefined);
  assert.equal(await translationsIn(packedIn('/nowhere'), 'de'), undefined);
});

test('what ships has every text in German, Japanese and Chinese', async () => {
  const shipped = packedIn(path.join(__dirname, '..'));
  for (const language of ['de', 'ja', 'zh-cn'])
    assert.ok(Object.keys((await translationsIn(shipped, language)) ?? {}).length > 500, language);
});

const { numbered, content } = createRequire(__filename)(path.resolve('l10n', 'numbered.js')) as {
  numbered: Plugin;
  content: (bundles: readonly (readonly [name: string, code: string])[]) => Buffer;
};

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

const SOURCE = 'src/spending/menus.ts';

/** The texts of a language by their keys, which are longer than the English text where that is explained. */
function extracted(language: string): ReadonlyMap<string, string> {
  const texts: unknown = JSON.parse(fs.readFileSync(`l10n/bundle.l10n${language}.json`, 'utf8'));
  return new Map(
    Object.entries(texts as Record<string, string | { message: string }>).map(([key, text]) => [
      key,
      typeof text === 'string' ? text : text.message,
    ]),
  );
}

test('the code that ships names texts by numbers, and says them in each language', async (t) => {
  const bundles = [
    ['l10n', built('@vscode/l10n').replaceAll('export ', '')],
    ['house', built(SOURCE)],
    ['again', built(SOURCE)],
  ] as const;
  const shipped = packedIn(packed(t, packedFile(content(bundles))));
  assert.ok(await translationsIn(shipped, 'de'));
  const code = await shipped.code();
  const numbersIn = (name: string) =>
    [...(code.get(name) ?? '').matchAll(/l10n\.t\(\s*(?:\{\s*message: )?(\d+)/g)].map(([, id]) => Number(id));
  const numbers = numbersIn('house');
  assert.equal(numbers.length, fs.readFileSync(SOURCE, 'utf8').split('l10n.t(').length - 1);
  assert.deepEqual(numbersIn('again'), numbers);
  const l10n = vm.runInNewContext(`${code.get('l10n') ?? ''}; ({ t, config })`) as typeof L10n;
  const said = (contents: Readonly<Record<string, string>>) => {
    l10n.config({ contents });
    return numbers.map((id) => l10n.t(id as unknown as string));
  };
  const english = said({});
  for (const text of english) assert.ok(fs.readFileSync(SOURCE, 'utf8').includes(text), text);
  const keys = [...extracted('')];
  for (const language of ['de', 'ja', 'zh-cn']) {
    const texts = extracted(`.${language}`);
    for (const [at, text] of said((await translationsIn(shipped, language)) ?? {}).entries()) {
      const fitting = keys.filter(([, one]) => one === english[at]).map(([key]) => texts.get(key));
      assert.ok(fitting.includes(text), `${english[at] ?? ''}: ${text}`);
    }
  }
});
