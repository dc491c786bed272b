import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ApiError, type ApiErrorKind } from '../../../src/platform/errors';
import { reportText, wrong, type Finding, type Part } from '../../../src/sidebar/doctor';
import { doctorPage } from '../../../src/sidebar/doctorPage';
import { keyOf } from '../../fakes/keys';

const PARTS: readonly Part[] = ['key', 'server', 'network', 'frame', 'storage', 'outputs', 'windows'];
const KINDS: readonly ApiErrorKind[] = [
  'unauthorized',
  'forbidden',
  'refused',
  'missing',
  'busy',
  'offline',
  'keyStore',
];

const anything = fc.string({ unit: 'binary-ascii', maxLength: 40 });
const host = fc.stringMatching(/^[a-z][a-z0-9]{7,15}\.modal\.host$/);
const user = fc.stringMatching(/^[A-Z]?[a-z]{5,10}[ .-]?[a-z]{0,4}\d{3}$/);
const spelled = fc.constantFrom(
  (text: string) => text,
  encodeURIComponent,
  (text: string) => encodeURIComponent(encodeURIComponent(text)),
  (text: string) => JSON.stringify(text),
  (text: string) => text.replaceAll('/', '\\'),
  (text: string) => text.toUpperCase(),
  (text: string) => `file://${text}`,
);

test('nothing of an account or a computer is in a report, in whatever spelling it was met', () => {
  const secret = fc.tuple(fc.constantFrom('key' as const, 'host' as const, 'path' as const), host, user, spelled);
  const found = fc.record({
    part: fc.constantFrom(...PARTS),
    kind: fc.constantFrom(...KINDS),
    message: fc.tuple(anything, anything),
    isCode: fc.boolean(),
    isVersion: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(secret, found), { minLength: 1, maxLength: 8 }), (all) => {
      const words: string[] = [];
      let version = '1.2.3';
      const findings = all.map(([[what, server, name, spell], one]): Finding => {
        const plain = { key: keyOf({ user_id: name }), host: `https://${server}/`, path: `/home/${name}/out` }[what];
        const text = spell(plain);
        words.push(...plain.split(/[/.]/).filter((word) => word.length >= 6 && !['modal', 'https:'].includes(word)));
        if (one.isVersion) version = text;
        const code = one.isCode ? { code: text } : {};
        const error = new ApiError(one.kind, one.message.join(text), { ...code, said: text, cause: new Error(text) });
        return { part: one.part, ...wrong(error) };
      });
      const report = reportText(findings, { version, editor: version, isWeb: false, isRemote: true, hasProxy: true });
      for (const word of words) assert.ok(!report.toLowerCase().includes(word.toLowerCase()), `${word} in ${report}`);
    }),
    { numRuns: 500 },
  );
});

test('no line of the page is wider than 80 columns, and none loses a word, with or without spaces', () => {
  const word = fc.oneof(
    fc.stringMatching(/^[a-z.]{1,20}$/),
    fc.constantFrom('時計を合わせてください。', '请校准此计算机的时钟：', '、', '(ECONNRESET)', '⚠️😀'),
  );
  fc.assert(
    fc.property(fc.array(word, { minLength: 1, maxLength: 60 }), fc.constantFrom('', ' '), (words, between) => {
      const text = words.join(between);
      fc.pre(!/\S{60}/.test(text.replace(/[\u2e80-\uffff]/g, ' ')));
      const [, lines = []] = doctorPage([{ part: 'clock', state: 'wrong', text }]);
      const wide = (line: string) => line.length + (line.match(/[\u2e80-\uffff]/g)?.length ?? 0);
      for (const line of lines) assert.ok(wide(line) <= 80, line);
      assert.equal(lines.join('').replace(/\s/g, ''), `✗Clock:${text}`.replace(/\s/g, ''));
    }),
  );
});
