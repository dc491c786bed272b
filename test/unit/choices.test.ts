import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  costText,
  CREATE_MINUTES,
  EXTEND_MINUTES,
  extendMenu,
  gpuMenu,
  lengthMenu,
  typedExtension,
  typedLength,
  USUAL_MINUTES,
} from '../../src/core/present/choices';
import type { Session } from '../../src/core/model';
import { timeOfDay } from '../../src/core/present/durations';
import { machine, MINUTE, NOW, PRICES, session } from '../fakes/facts';

const A10G = 337_000;
const DAY = 24 * 60;

test('the GPU of the machine comes first, then the others from cheap to dear', () => {
  const menu = gpuMenu(machine('one', { gpu: 'A10G' }), new Map([...PRICES, ['T4', 180_000]]));

  assert.deepEqual(
    menu.map(({ value, description }) => [value, description]),
    [
      ['A10G', "24 GB · $1.21 an hour · this machine's own"],
      ['CPU', '$0.15 an hour'],
      ['T4', '16 GB · $0.65 an hour'],
    ],
  );
});

test('a machine without a GPU of its own has no first choice', () => {
  const menu = gpuMenu(machine('one', { gpu: undefined }), PRICES);

  assert.deepEqual(
    menu.map(({ label }) => label),
    ['CPU', 'A10G'],
  );
});

test('an unknown price is said to be unknown', () => {
  assert.match(gpuMenu(machine('one', { gpu: 'H100' }), PRICES)[0]?.description ?? '', /80 GB · price unknown/);
  assert.equal(costText(undefined, 15), 'price unknown');
  assert.equal(costText(A10G, 15), 'about $0.31');
});

test('the usual lengths are offered with their cost, and the last one among them', () => {
  assert.deepEqual(
    lengthMenu(A10G, 20).map(({ value }) => value),
    [2, 15, 20, 30, 60],
  );
  assert.deepEqual(
    lengthMenu(A10G, 15).map(({ value }) => value),
    CREATE_MINUTES,
  );
  assert.equal(lengthMenu(A10G, 20).find(({ value }) => value === 20)?.description, 'about $0.41 · last time');
  assert.ok(CREATE_MINUTES.includes(USUAL_MINUTES) && EXTEND_MINUTES.includes(USUAL_MINUTES));
});

test('any whole number of minutes up to a day can be typed', () => {
  const lengths = [
    ['20', 20],
    [' 90 min ', 90],
    ['1m', 1],
    ['5 minutes', 5],
    ['1440', DAY],
    ['1441', undefined],
    ['0', undefined],
    ['-5', undefined],
    ['1.5', undefined],
    ['20 h', undefined],
    ['15:40', undefined],
    ['', undefined],
  ] as const;
  for (const [text, minutes] of lengths) assert.equal(typedLength(text, A10G)?.value, minutes, text);
  assert.equal(typedLength('90', A10G)?.label, '1 h 30 min');
});

test('an extension says until when, and what it adds to the cost', () => {
  const one = session('one', { left: 10 });
  const [first] = extendMenu(one, A10G);

  assert.deepEqual(
    extendMenu(one, A10G).map(({ value }) => value),
    EXTEND_MINUTES,
  );
  assert.equal(first?.label, '1 min more');
  assert.equal(first.description, `until ${timeOfDay(NOW + 11 * MINUTE)} · about $0.03 more`);
  assert.equal(extendMenu(session('one', { phase: 'undated' }), undefined)[0]?.description, 'price unknown');
});

test('typed minutes extend by as much', () => {
  assert.equal(typedExtension('20', session('one'), NOW, A10G)?.value, 20);
  assert.equal(typedExtension('soon', session('one'), NOW, A10G), undefined);
  assert.equal(typedExtension('25:00', session('one'), NOW, A10G), undefined);
  assert.equal(typedExtension('12:60', session('one'), NOW, A10G), undefined);
});

/** The wall clock here, whatever zone that is. */
const wall = (at: number) => {
  const date = new Date(at);
  return `${date.getHours()}:${date.getMinutes().toString().padStart(2, '0')}`;
};
const endingAt = (endsAt: number): Session => session('one', { left: (endsAt - NOW) / MINUTE });

test('a typed time of day is the new end, today or after midnight', () => {
  const midnight = new Date(2030, 5, 16).getTime(); // in the zone we are in
  const now = midnight - 30 * MINUTE;
  const one = endingAt(midnight - 10 * MINUTE);
  const until = (text: string) => typedExtension(text, one, now, A10G)?.value;

  assert.equal(until('23:55'), 5);
  assert.equal(until('0:20'), 30);
  assert.equal(until('00:20'), 30);
  assert.equal(until('6:00'), 370);
  assert.equal(until('23:50'), undefined, 'that is the end already');
  assert.equal(until('23:40'), undefined, 'that is before the end');
  assert.equal(until('23:30'), DAY - 20, 'now means tomorrow');
});

test('an end within a minute is rounded up to a whole one', () => {
  const noon = new Date(2030, 5, 16, 12).getTime();
  assert.equal(typedExtension('12:10', endingAt(noon + 30_500), noon, A10G)?.value, 10);
});

test('a session whose time is up is not extended by more than a day', () => {
  const noon = new Date(2030, 5, 16, 12).getTime();
  const until = (text: string) => typedExtension(text, endingAt(noon - 120 * MINUTE), noon, A10G)?.value;

  assert.equal(until('13:00'), 180);
  assert.equal(until('9:59'), DAY - 1);
  assert.equal(until('11:00'), undefined);
});

test('a time of day means nothing for a session without an end', () => {
  assert.equal(typedExtension('23:55', session('one', { phase: 'undated' }), NOW, A10G), undefined);
});

/** Around the days on which some zone of the tests changes its clocks, and around days like any other. */
const moments = fc
  .tuple(
    fc.constantFrom([2030, 2, 10], [2030, 10, 3], [2030, 3, 7], [2030, 9, 6], [2030, 8, 29], [2030, 5, 16]),
    fc.integer({ min: -36 * 3_600_000, max: 36 * 3_600_000 }),
  )
  .map(([[year = 0, month = 0, day = 0], offset]) => Date.UTC(year, month, day) + offset);

test('a typed time of day is the next time the wall clock shows it, also when clocks are changed', () => {
  const remaining = fc.integer({ min: 1, max: 6 * 3_600_000 });
  fc.assert(
    fc.property(moments, remaining, fc.nat(23), fc.nat(59), (now, left, hour, minute) => {
      const text = `${hour}:${minute.toString().padStart(2, '0')}`;
      const endsAt = now + left;
      const minutes = typedExtension(text, endingAt(endsAt), now, A10G)?.value;

      const steps = Array.from({ length: DAY + 360 }, (_, index) => (Math.floor(now / MINUTE) + 1 + index) * MINUTE);
      const next = steps.find((at) => at <= endsAt + DAY * MINUTE && wall(at) === text);
      const expected = next === undefined ? 0 : Math.ceil((next - endsAt) / MINUTE);
      assert.equal(minutes, expected > 0 ? expected : undefined, `${text} at ${wall(now)}, ending ${wall(endsAt)}`);
    }),
    { numRuns: 100 },
  );
});

test('in the hour that comes twice, the second one is meant once the first is over', () => {
  const now = Date.UTC(2030, 10, 3, 9, 10); // 1:10 for the second time in Los Angeles
  const text = wall(now + 40 * MINUTE);

  assert.equal(typedExtension(text, endingAt(now + 10 * MINUTE), now, A10G)?.value, 30);
});
