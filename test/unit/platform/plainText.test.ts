import assert from 'node:assert/strict';
import test from 'node:test';
import { plainLines, plainName, plainPage, plainText } from '../../../src/platform/plainText';

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

test('what is long is cut, and says so', () => {
  assert.equal(plainText('a'.repeat(1_000)), 'a'.repeat(1_000));
  assert.equal(plainText('a'.repeat(1_001)), `${'a'.repeat(999)}…`);
  assert.equal(plainName('a'.repeat(81)), `${'a'.repeat(79)}…`);
  assert.equal(plainText(`${'\u200b'.repeat(10_000)}a`, 10), '…', 'what is invisible does not count as short');
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
