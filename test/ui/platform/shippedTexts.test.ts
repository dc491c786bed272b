import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { brotliCompressSync } from 'node:zlib';
import { translationsIn } from '../../../src/platform/node/translations';

function packed(t: test.TestContext, content: string | Uint8Array): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'texts-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  fs.writeFileSync(path.join(folder, 'later.br'), content);
  return folder;
}

const ALL = { en: ['Open', '{0} left', 'Keep'], de: ['Öffnen', 'noch {0}', null], ja: ['開く', '残り {0}', '維持'] };

test('texts of a language are found by their English ones, and one that is missing is English', (t) => {
  const folder = packed(t, brotliCompressSync(`${JSON.stringify(ALL)}\nhouse:4\ncode`));
  assert.deepEqual(translationsIn(folder, 'de'), { Open: 'Öffnen', '{0} left': 'noch {0}', Keep: 'Keep' });
  assert.deepEqual(translationsIn(folder, 'JA'), { Open: '開く', '{0} left': '残り {0}', Keep: '維持' });
});

test('English, a language that there is not, and a file that is broken or missing leave the texts as they are', (t) => {
  const folder = packed(t, brotliCompressSync(`${JSON.stringify(ALL)}\nhouse:4\ncode`));
  for (const language of ['en', 'en-GB', 'fr', 'zh-tw', '__proto__'])
    assert.equal(translationsIn(folder, language), undefined, language);
  assert.equal(translationsIn(packed(t, 'no brotli'), 'de'), undefined);
  assert.equal(translationsIn(packed(t, brotliCompressSync('[1]\nhouse:4\ncode')), 'de'), undefined);
  assert.equal(translationsIn('/nowhere', 'de'), undefined);
});

test('what ships has every text in German, Japanese and Chinese', () => {
  const shipped = path.join(__dirname, '..');
  for (const language of ['de', 'ja', 'zh-cn'])
    assert.ok(Object.keys(translationsIn(shipped, language) ?? {}).length > 500, language);
});
