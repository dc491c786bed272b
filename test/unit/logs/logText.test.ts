import assert from 'node:assert/strict';
import test from 'node:test';
import { plain } from '../../../src/platform/escapes';
import { clockTime, terminalLine, terminalNote } from '../../../src/logs/logText';

const at = new Date(2026, 10, 21, 9, 5, 7).getTime();

test('a line has its time in the zone of the user, and says its level in words, too', () => {
  assert.equal(clockTime(at), '09:05:07');
  assert.equal(plain(terminalLine({ message: 'up', level: 'info', at })), '09:05:07 up\r\n');
  assert.equal(plain(terminalLine({ message: 'down', level: 'error', at })), '09:05:07 ERROR down\r\n');
  assert.equal(plain(terminalLine({ message: 'careful', level: 'warning', at: 0 })), 'WARNING careful\r\n');
  assert.match(terminalLine({ message: 'down', level: 'error', at: 0 }), /^\x1b\[31mERROR down\x1b\[0m/);
});

test("a message's colours end with its line, and its further lines stand below it", () => {
  const text = terminalLine({ message: 'one\n\x1b[32mtwo\n', level: 'error', at });
  assert.equal(plain(text), '09:05:07 ERROR one\r\n         two\r\n');
  assert.ok(text.endsWith('\x1b[0m\r\n'));
});

test('a note is words, whoever has said them: no escape sequence, no line of its own, no address', () => {
  const text = terminalNote('No.\x1b]52;c;cm0=\x07\x1b[2J\r\n\x9b1;1H12:00:00 all is well at https://one.tunnel.test/');
  assert.equal(plain(text), '· No.]52;c;cm0=[2J 1;1H12:00:00 all is well at https://[address]\r\n');
});
