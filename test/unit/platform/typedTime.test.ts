import assert from 'node:assert/strict';
import test from 'node:test';
import { endTime, timeOfDay, when } from '../../../src/platform/durations';
import { typedEnd } from '../../../src/guardian/typedEnd';
import { typedExtension, typedIdle, typedLength } from '../../../src/spending/typedChoices';
import { readTime } from '../../../src/platform/typedTime';
import { MINUTE, NOW, session } from '../../fakes/appState';
import { A10G, DAY, length, endingAt, extensions, wall } from './typedTime';

const H100 = 1_840_000;
const clock = (...times: readonly (readonly [number, number])[]) => ({
  kind: 'clock',
  times: times.map(([hour, minute]) => hour * 60 + minute),
});

test('lengths and times of day are read as people write them', () => {
  const readings = [
    ['20', length(20)],
    [' 90 min ', length(90)],
    ['1m', length(1)],
    ['5 minutes', length(5)],
    ['1440', length(DAY)],
    ['1h30', length(90)],
    ['1 h 30 min', length(90)],
    ['2 h', length(120)],
    ['2H', length(120)],
    ['1 hour', length(60)],
    ['24h', length(DAY)],
    ['20:16', clock([20, 16])],
    ['0:05', clock([0, 5])],
    ['8:16 pm', clock([20, 16])],
    ['8:16PM', clock([20, 16])],
    ['08:16\u202fp.m.', clock([20, 16])],
    ['8 pm', clock([20, 0])],
    ['12 am', clock([0, 0])],
    ['12:30 pm', clock([12, 30])],
    ['8:16', clock([8, 16], [20, 16])],
    ['12:30', clock([0, 30], [12, 30])],
    ['08:16', clock([8, 16], [20, 16])],
  ] as const;
  for (const [text, reading] of readings) assert.deepEqual(readTime(text), reading, text);
});

test('the minute that the clock shows is not taken for that of tomorrow, and the row says that it is now', () => {
  for (const now of [NOW, NOW + 59_999 - (NOW % MINUTE), NOW + 12 * 60 * MINUTE]) {
    const text = wall(now);
    const most = Number(text.split(':')[0]) >= 1 && Number(text.split(':')[0]) <= 12 ? 1 : 0;
    const typed = [
      typedExtension(text, endingAt(now + 5 * MINUTE), now, A10G),
      typedLength(text, now, A10G),
      typedEnd(text, now),
    ];
    for (const { choices, hint } of typed) {
      assert.equal(choices.length, most, `${text}: the other half of the day at most`);
      if (most === 0) assert.match(hint?.label ?? '', /^It is .+ now$/);
    }
  }
});

test('what cannot be meant is not guessed at', () => {
  const texts = [
    'abc',
    '-5',
    '+5',
    '1.5',
    '1,5',
    '25:99',
    '24:00',
    '12:60',
    '8:1',
    '13:00 pm',
    '0 am',
    '1h90',
    '3 days',
  ];
  const odd = [
    '',
    ' ',
    '20 20',
    '１５',
    '٢٠',
    '1e3',
    '0x10',
    '20'.repeat(40),
    `${' '.repeat(50)}20`,
    '\u202e02',
    'Infinity',
  ];
  for (const text of [...texts, ...odd]) assert.deepEqual(readTime(text), { kind: 'unreadable' }, text);
  for (const text of ['9999999', '0', '1441', '0 h', '25 h', '24h01', '99 hours'])
    assert.deepEqual(readTime(text), { kind: 'outOfRange' }, text);
});

test('typed minutes extend by as much, and say what they cost', () => {
  const [choice] = typedExtension('20', session('one'), NOW, A10G).choices;
  const end = timeOfDay(NOW + 50 * MINUTE);
  assert.deepEqual(choice, { value: 20, label: '20 min more', description: `until ${end} · about $0.41 more` });
});

test('a time of day that may be this evening or tomorrow is offered as both, the nearer one first', () => {
  const now = new Date(2030, 5, 16, 19, 47).getTime(); // in the local time zone
  const endsAt = new Date(2030, 5, 16, 20, 1).getTime();
  const { choices } = typedExtension('8:16', endingAt(endsAt), now, H100);
  const [evening, morning] = [endsAt + 15 * MINUTE, endsAt + (12 * 60 + 15) * MINUTE];
  assert.deepEqual(choices, [
    { value: 15, label: '15 min more', description: `until ${timeOfDay(evening)} · about $1.66 more` },
    {
      value: 735,
      label: '12 h 15 min more',
      description: `until tomorrow at ${timeOfDay(morning)} · about $81.15 more`,
    },
  ]);
  assert.deepEqual(extensions('8:16 pm', endsAt, now), [15]);
  assert.deepEqual(extensions('20:16', endsAt, now), [15]);
  assert.deepEqual(extensions('8 am', endsAt, now), [719]);
  const early = typedLength('15:40', now, H100).choices.map(({ label, description }) => `${label}, ${description}`);
  assert.deepEqual(early, [
    `19 h 53 min, until tomorrow at ${timeOfDay(new Date(2030, 5, 17, 15, 40).getTime())} · about $131.71`,
  ]);
});

test('a new session may be asked for by its end', () => {
  const now = new Date(2030, 5, 16, 9, 30, 20).getTime();
  assert.deepEqual(
    typedLength('10:00', now, A10G).choices.map(({ value }) => value),
    [30, 750],
  );
  assert.deepEqual(
    typedLength('1h30', now, undefined).choices.map(({ label, description }) => [label, description]),
    [['1 h 30 min', `until ${timeOfDay(now + 90 * MINUTE)} · price unknown`]],
  );
});

test('a typed length of a new session says its end, which may be tomorrow', () => {
  const now = new Date(2030, 5, 16, 19, 47).getTime();
  const said = (text: string) => typedLength(text, now, undefined).choices.map(({ description }) => description);
  assert.deepEqual(said('20'), [`until ${timeOfDay(now + 20 * MINUTE)} · price unknown`]);
  assert.deepEqual(said('600'), [`until tomorrow at ${timeOfDay(now + 600 * MINUTE)} · price unknown`]);
  assert.deepEqual(said('24h'), [`until tomorrow at ${timeOfDay(now)} · price unknown`]);
});

test('what cannot be read, or would not be later, is answered by what can be typed', () => {
  const now = new Date(2030, 5, 16, 19, 47).getTime();
  const one = endingAt(new Date(2030, 5, 16, 21).getTime());
  for (const text of ['abc', '-5', '1.5', '25:99', '20'.repeat(1_000), '２０']) {
    for (const { choices, hint } of [
      typedLength(text, now, A10G),
      typedExtension(text, one, now, A10G),
      typedIdle(text),
    ]) {
      assert.deepEqual([choices, hint?.label], [[], "This can't be read"]);
      assert.match(hint?.description ?? '', /^Type 20, 1h30/);
    }
  }
  assert.equal(typedLength('25 h', now, A10G).hint?.label, 'From 1 min to 24 h');
  const { choices, hint } = typedExtension('20:30', one, now, A10G);
  assert.deepEqual(
    [choices, hint?.label],
    [[], `That is before its current end, at ${timeOfDay(new Date(2030, 5, 16, 21).getTime())}`],
  );
  assert.equal(
    typedExtension('23:55', session('one', { phase: 'undated' }), now, A10G).hint?.label,
    'Its end is not known',
  );
});

test('idle is for so long, and not until some time', () => {
  assert.deepEqual(typedIdle('1h30').choices, [{ value: 90, label: 'After 1 h 30 min', description: '' }]);
  for (const text of ['20:16', '8 pm', '8:16'])
    assert.deepEqual(typedIdle(text), {
      choices: [],
      hint: { label: 'A length, not a time of day', description: 'Type 20, 1h30 or 2 h' },
    });
});

test('a typed time of day is the new end, today or after midnight', () => {
  const midnight = new Date(2030, 5, 16).getTime(); // in the local time zone
  const now = midnight - 30 * MINUTE;
  const until = (text: string) => extensions(text, midnight - 10 * MINUTE, now);

  assert.deepEqual(until('23:55'), [5]);
  assert.deepEqual(until('0:20'), [30]);
  assert.deepEqual(until('00:20'), [30]);
  assert.deepEqual(until('6:00 am'), [370]);
  assert.deepEqual(until('23:50'), [], 'that is the end already');
  assert.deepEqual(until('23:40'), [], 'that is before the end');
  assert.deepEqual(until('23:30'), [], 'that is now');
});

test('an end within a minute is rounded up to a whole one', () => {
  const noon = new Date(2030, 5, 16, 12).getTime();
  assert.deepEqual(extensions('12:10 pm', noon + 30_500, noon), [10]);
});

test('a session whose time is up is not extended by more than a day', () => {
  const noon = new Date(2030, 5, 16, 12).getTime();
  const until = (text: string) => extensions(text, noon - 120 * MINUTE, noon);

  assert.deepEqual(until('13:00'), [180]);
  assert.deepEqual(until('9:59 am'), [DAY - 1]);
  assert.deepEqual(until('11:00 am'), []);
});

test('in the hour that comes twice, the second one is meant once the first is over', () => {
  const now = Date.UTC(2030, 10, 3, 9, 10); // 1:10 for the second time in Los Angeles
  const text = wall(now + 40 * MINUTE);
  assert.equal(extensions(text, now + 10 * MINUTE, now)[0], 30);
});

test('an end says its day unless it is today', () => {
  const now = new Date(2030, 5, 16, 23, 30).getTime();
  assert.equal(endTime(now + 10 * MINUTE, now), timeOfDay(now + 10 * MINUTE));
  assert.equal(endTime(now + 40 * MINUTE, now), `tomorrow at ${timeOfDay(now + 40 * MINUTE)}`);
  assert.match(endTime(now + 25 * 60 * MINUTE, now), /18/);
  assert.equal(when(now + 10 * MINUTE, now), `at ${timeOfDay(now + 10 * MINUTE)}`);
  assert.equal(when(now + 40 * MINUTE, now), `tomorrow at ${timeOfDay(now + 40 * MINUTE)}`);
  assert.match(when(now + 25 * 60 * MINUTE, now), /^on .*18/);
});

test('hours have a zero before them only where that is usual', () => {
  const at = new Date(2030, 5, 16, 8, 16).getTime();
  const said = (locale: string) => timeOfDay(at, locale).replace(/\s/g, ' ');
  assert.deepEqual(['en-US', 'en-GB', 'de'].map(said), ['8:16 AM', '08:16', '08:16']);
});
