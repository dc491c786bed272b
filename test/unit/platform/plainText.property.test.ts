import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { plainLines, plainName, plainText } from '../../../src/platform/plainText';
import { anyText } from '../../fakes/anyText';
import { ICON, LINK, UNSEEN } from '../../fakes/vscode/expressions';

const isInert = (text: string) => [LINK, ICON, UNSEEN].every((pattern) => text.search(pattern) < 0);

/** Parts of links, icons and tricks, in any order. */
const bricks = fc.constantFrom(
  ...[
    '[',
    ']',
    '(',
    ')',
    '](',
    '](command:',
    '](https://x.test',
    '](file:',
    'command:x',
    '$(',
    '$',
    'key)',
    '\\',
    '~spin)',
  ],
  ...[
    '"',
    "'",
    ' ',
    '\n',
    '\r',
    '\t',
    '\0',
    '\x1b',
    '\x85',
    '\u061c',
    '\u200b',
    '\u200d',
    '\u2028',
    '\u202e',
    '\u2066',
  ],
  ...['\ufeff', '\u{e0041}', '\ufe0f', '\ud800', '\udc00', '\u2060', '\u00ad', '❤', 'Please confirm', 'a'],
);
const hostile = fc.oneof(
  { weight: 4, arbitrary: fc.array(bricks, { maxLength: 40 }).map((parts) => parts.join('')) },
  { weight: 2, arbitrary: anyText({ maxLength: 200 }) },
);

test('VS Code finds neither a link nor an icon in a text from anywhere, and nothing in it is hidden or turned', () => {
  for (const wayOut of [plainText, plainName, plainLines]) {
    fc.assert(
      fc.property(hostile, (text) => isInert(wayOut(text))),
      { numRuns: 3_000 },
    );
  }
});

test('nor in a sentence that is made of such texts and shown as a whole', () => {
  fc.assert(
    fc.property(hostile, hostile, (name, message) => isInert(plainText(`${plainName(name)}${plainText(message)}`))),
    { numRuns: 3_000 },
  );
});

test('what is plain stays as it is, however often it passes', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const once = plainText(text);
      assert.equal(plainText(once), once);
    }),
  );
  for (const text of [
    'sd-box (A10G), 12 min left · idle for 3 min, “Save Outputs…” at about $1.22 an hour, 50 %',
    'Größe, 模型, نموذج, मॉडल, 모델, ❤️ 👍🏽 #️⃣',
    'a [b] (c) $HOME',
  ])
    assert.equal(plainText(text), text);
});

test('half a character is shown as a broken one, and no cut makes one', () => {
  assert.equal(plainText('a\ud83db'), 'a\ufffdb');
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), (longest) => {
      const cut = plainText('👍'.repeat(50), longest);
      assert.ok(cut.length <= longest && !/\p{Cs}/u.test(cut) && cut.endsWith('…'), cut);
    }),
  );
});
