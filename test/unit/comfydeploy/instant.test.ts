import assert from 'node:assert/strict';
import test from 'node:test';
import { parseInstant } from '../../../src/comfydeploy/instant';

const AT = Date.UTC(2026, 10, 21, 22, 18, 6, 969);

test('a time without a zone is UTC, wherever we are', () => {
  assert.equal(parseInstant('2026-11-21T22:18:06.969954'), AT);
  assert.equal(parseInstant('2026-11-21 22:18:06.969954'), AT);
  assert.equal(parseInstant('2026-11-21T22:18:06'), AT - 969);
});

test('a time with a zone is in that zone', () => {
  assert.equal(parseInstant('2026-11-21T22:18:06.969Z'), AT);
  assert.equal(parseInstant('2026-11-22T03:48:06.969+05:30'), AT);
  assert.equal(parseInstant('2026-11-22T03:48:06.969954+0530'), AT);
  assert.equal(parseInstant('2026-11-21T14:18:06.969-08:00'), AT);
});

test('a whole minute may come without its seconds', () => {
  assert.equal(parseInstant('2026-11-21T22:18Z'), Date.UTC(2026, 10, 21, 22, 18));
  assert.equal(parseInstant('2026-11-21T22:18'), Date.UTC(2026, 10, 21, 22, 18));
});

test('a short fraction is a fraction, not milliseconds', () => {
  assert.equal(parseInstant('2026-11-21T22:18:06.9'), AT - 69);
  assert.equal(parseInstant('2026-11-21T22:18:06.000001'), AT - 969);
});

test('times that a clock change repeats or skips in some zone are read as they are', () => {
  for (const [day, hour] of [
    ['2026-03-08', 2], // skipped in Los Angeles
    ['2026-11-01', 1], // twice in Los Angeles
    ['2026-10-04', 2], // half of it skipped on Lord Howe Island
    ['2026-04-05', 3], // twice on the Chatham Islands
  ] as const) {
    const text = `${day}T0${hour}:45:00`;
    assert.equal(new Date(parseInstant(text) ?? NaN).toISOString(), `${text}.000Z`);
  }
});

test('what is no time is no time', () => {
  for (const text of ['', 'now', '2026-11-21', '22:18:06', '2026-13-01T00:00:00', '2026-11-21T25:00:00', '1763763486'])
    assert.equal(parseInstant(text), undefined, text);
  assert.equal(parseInstant('2026-11-21T22:18:061'), undefined, 'three digits of seconds');
  assert.equal(parseInstant(' 2026-11-21T22:18:06 or so'), undefined);
});
