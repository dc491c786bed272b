import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { plainLines, plainName, plainPage, plainText } from '../../../src/platform/plainText';
import { anyText } from '../../fakes/anyText';
import { ICON, LINK, UNSEEN } from '../../fakes/vscode/expressions';

const isInert = (text: string) => [LINK, ICON, UNSEEN].every((pattern) => text.search(pattern) < 0);

/** What links, icons and tricks are made of, in any order. */
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
  { weight: 1, arbitrary: anyText({ maxLength: 200 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
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
    'sd-box (A10G), 12 min left · idle for 3 min, “Save Outputs…” at about $1.21 an hour, 50 %',
    'Größe, 模型, نموذج, मॉडल, 모델, ❤️ 👍🏽 #️⃣',
    'a [b] (c) $HOME',
  ])
    assert.equal(plainText(text), text);
});

test('a link that runs a command is words', () => {
  const name = '[Please confirm](command:workbench.action.terminal.sendSequence?%7B%22text%22%3A%22id%5Cn%22%7D)';
  assert.equal(plainText(name), name.replace('](', '] ('));
  assert.equal(plainText('[a]\u200b(command:b)'), '[a] (command:b)', 'nothing invisible holds it apart');
  assert.equal(plainText('[a]]((command:b)'), '[a]] ((command:b)');
  assert.equal(plainText('$(key) $\u200d(key)'), '$ (key) $ (key)');
});

test('names stand on one line, with every break and gap a space', () => {
  assert.equal(plainName('a\nb\r\nc\u2028d\u2029e\x85f\tg'), 'a b c d e f g');
  assert.equal(plainName('  a    b\u2800\u2800c '), 'a b c');
  assert.equal(plainName('\u200b\u3164\n'), '(no name)');
});

test('signs do not pile up until they cover other lines', () => {
  assert.equal(plainText(`a${'\u0301'.repeat(500)}b`), `a${'\u0301'.repeat(4)}b`);
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

test('what is long is cut, and says so', () => {
  assert.equal(plainText('a'.repeat(1_000)), 'a'.repeat(1_000));
  assert.equal(plainText('a'.repeat(1_001)), `${'a'.repeat(999)}…`);
  assert.equal(plainName('a'.repeat(81)), `${'a'.repeat(79)}…`);
  assert.equal(plainText(`${'\u200b'.repeat(10_000)}a`, 10), '…', 'what is invisible does not count as short');
});

test('the time it takes does not grow with what is thrown away', () => {
  for (const piece of ['[', '](', '$(', '\u0301', ' ', '\u200b', 'eyJ', 'https://', 'a.', '\ud800', '/a', '\n']) {
    const huge = Buffer.from(piece.repeat(1_000_000), 'utf16le').toString('utf16le');
    const before = process.cpuUsage();
    for (const wayOut of [plainText, plainName, plainLines]) wayOut(huge);
    const { user } = process.cpuUsage(before);
    assert.ok(user < 250_000, `${JSON.stringify(piece)} took ${user} µs`);
  }
});

test('lines of a dialog stay lines, each of them plain, and are not too many', () => {
  assert.equal(plainLines('a\n\n[b](command:c)\u202e'), 'a\n\n[b] (command:c)');
  assert.equal(plainLines('a\n'.repeat(500)).split('\n').length, 60);
});

test('a page keeps its lines and columns, without what hides or turns them', () => {
  assert.equal(plainPage('a    b\n\tc\u202e\u200b\x1b\u2028d'), 'a    b\n\tc\nd');
});

test('no key and no address leaves with a text', () => {
  const said = plainText('Failed: https://x--y.modal.host/?token=1 with eyJhbGciOiJIUzI1NiJ9.eyJ1Ijoi.c2ln');
  assert.equal(said, 'Failed: https://[address] with [key]');
});
