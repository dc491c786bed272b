import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import type { Session } from '../../../src/comfydeploy/model';
import { endTime, timeOfDay, when } from '../../../src/platform/durations';
import { exampleTime, typedExtension, typedIdle, typedLength } from '../../../src/spending/typedChoices';
import { MOST_MINUTES, readTime } from '../../../src/platform/typedTime';
import { MINUTE, NOW, session } from '../../fakes/facts';

const A10G = 337_000;
const H100 = 1_840_000;
const DAY = 24 * 60;

const length = (minutes: number) => ({ kind: 'length', minutes });
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
  for (const text of ['0', '1441', '0 h', '25 h', '24h01', '99 hours'])
    assert.deepEqual(readTime(text), { kind: 'outOfRange' }, text);
});

test('any length reads the same, however it is written', () => {
  const gap = fc.constantFrom('', ' ', '  ', '\u00a0');
  const minutes = fc.integer({ min: 1, max: MOST_MINUTES });
  const unit = fc.constantFrom('', 'm', 'min', 'Min', 'minutes');
  const hour = fc.constantFrom('h', 'H', 'hr', 'hours');
  fc.assert(
    fc.property(minutes, gap, unit, hour, (total, space, min, hours) => {
      assert.deepEqual(readTime(`${space}${total}${space}${min}`), length(total));
      const rest = total % 60;
      const long = `${Math.floor(total / 60)}${space}${hours}${space}${rest === 0 ? '' : `${rest}${space}${min}`}`;
      assert.deepEqual(readTime(long), length(total), long);
    }),
  );
});

test('whatever is typed, what is read is possible, and is read at once', () => {
  const piece = fc.constantFrom('1', '20', ':', 'h', ' ', 'pm', 'a', 'm', '.', '-', '\u202f', '１', '\u0000');
  const near = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
      const typed = readTime(text);
      if (typed.kind === 'length') assert.ok(typed.minutes >= 1 && typed.minutes <= MOST_MINUTES);
      if (typed.kind === 'clock') assert.ok(typed.times.every((time) => time >= 0 && time < DAY));
      const answers = [typedLength(text, NOW, A10G), typedExtension(text, session('one'), NOW, A10G), typedIdle(text)];
      for (const { choices, hint } of answers) assert.equal(choices.length === 0, hint !== undefined);
    }),
    { numRuns: 500 },
  );
  const started = performance.now();
  for (const text of ['1'.repeat(1e6), ' '.repeat(1e6), `1${' '.repeat(1e6)}h`]) readTime(text);
  assert.ok(performance.now() - started < 100);
});

const endingAt = (endsAt: number): Session => session('one', { left: (endsAt - NOW) / MINUTE });
const extensions = (text: string, endsAt: number, now: number) =>
  typedExtension(text, endingAt(endsAt), now, A10G).choices.map(({ value }) => value);

test('typed minutes extend by as much, and say what they cost', () => {
  const [choice] = typedExtension('20', session('one'), NOW, A10G).choices;
  const end = timeOfDay(NOW + 50 * MINUTE);
  assert.deepEqual(choice, { value: 20, label: '20 min more', description: `until ${end} · about $0.41 more` });
});

test('a time of day that may be this evening or tomorrow is offered as both, the nearer one first', () => {
  const now = new Date(2030, 5, 16, 19, 47).getTime(); // in the zone we are in
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
      assert.deepEqual([choices, hint?.label], [[], 'This cannot be read']);
      assert.match(hint?.description ?? '', /^Type 20, 1h30/);
    }
  }
  assert.equal(typedLength('25 h', now, A10G).hint?.label, 'From 1 min to 24 h');
  const { choices, hint } = typedExtension('20:30', one, now, A10G);
  assert.deepEqual(
    [choices, hint?.label],
    [[], `That is before it ends anyway, at ${timeOfDay(new Date(2030, 5, 16, 21).getTime())}`],
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

/** The wall clock here, whatever zone that is. */
const wall = (at: number) => {
  const date = new Date(at);
  return `${date.getHours()}:${date.getMinutes().toString().padStart(2, '0')}`;
};

test('a typed time of day is the new end, today or after midnight', () => {
  const midnight = new Date(2030, 5, 16).getTime(); // in the zone we are in
  const now = midnight - 30 * MINUTE;
  const until = (text: string) => extensions(text, midnight - 10 * MINUTE, now);

  assert.deepEqual(until('23:55'), [5]);
  assert.deepEqual(until('0:20'), [30]);
  assert.deepEqual(until('00:20'), [30]);
  assert.deepEqual(until('6:00 am'), [370]);
  assert.deepEqual(until('23:50'), [], 'that is the end already');
  assert.deepEqual(until('23:40'), [], 'that is before the end');
  assert.deepEqual(until('23:30'), [DAY - 20], 'now means tomorrow');
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

/** Around the days on which some zone of the tests changes its clocks, and around days like any other. */
const moments = fc
  .tuple(
    fc.constantFrom([2030, 2, 10], [2030, 10, 3], [2030, 3, 7], [2030, 9, 6], [2030, 8, 29], [2030, 5, 16]),
    fc.integer({ min: -36 * 3_600_000, max: 36 * 3_600_000 }),
  )
  .map(([[year = 0, month = 0, day = 0], offset]) => Date.UTC(year, month, day) + offset);

/** As many clocks show it, and as the one on the wall does, whose hours from one to twelve come twice a day. */
const spellings = (hour: number, minute: number): readonly string[] => {
  const [mm, half] = [minute.toString().padStart(2, '0'), hour < 12 ? 'am' : 'pm'];
  return [
    `${hour === 0 || hour > 12 ? hour : `${hour % 12 === 0 ? 12 : hour % 12}`}:${mm}`,
    `${hour % 12 === 0 ? 12 : hour % 12}:${mm} ${half}`,
  ];
};

test('a typed time of day is the next time the wall clock shows it, also when clocks are changed', () => {
  const remaining = fc.integer({ min: 1, max: 6 * 3_600_000 });
  fc.assert(
    fc.property(moments, remaining, fc.nat(23), fc.nat(59), (now, left, hour, minute) => {
      const endsAt = now + left;
      const steps = Array.from({ length: DAY + 360 }, (_, index) => (Math.floor(now / MINUTE) + 1 + index) * MINUTE);
      const shown = `${hour}:${minute.toString().padStart(2, '0')}`;
      const next = steps.find((at) => at <= endsAt + DAY * MINUTE && wall(at) === shown);
      const minutes = next === undefined ? 0 : Math.ceil((next - endsAt) / MINUTE);
      const [plain = '', exact = ''] = spellings(hour, minute);
      assert.deepEqual(extensions(exact, endsAt, now), minutes > 0 ? [minutes] : [], `${exact} at ${wall(now)}`);
      if (minutes > 0) assert.ok(extensions(plain, endsAt, now).includes(minutes), `${plain} at ${wall(now)}`);
      const both = extensions(plain, endsAt, now);
      assert.deepEqual(
        both,
        both.toSorted((a, b) => a - b),
      );
      assert.ok(both.every((one) => one >= 1 && one <= DAY));
    }),
    { numRuns: 100 },
  );
});

test('in the hour that comes twice, the second one is meant once the first is over', () => {
  const now = Date.UTC(2030, 10, 3, 9, 10); // 1:10 for the second time in Los Angeles
  const text = wall(now + 40 * MINUTE);
  assert.equal(extensions(text, now + 10 * MINUTE, now)[0], 30);
});

test('the example is a time soon, as the user writes it, and means that time when it is typed', () => {
  const locales = ['en-US', 'en-GB', 'en-AU', 'de', 'da', 'fi', 'ko', 'ja', 'zh-TW', 'ar-EG', 'hi', 'fr-CA'];
  fc.assert(
    fc.property(fc.nat(DAY), fc.constantFrom(...locales), (minute, locale) => {
      const now = Date.UTC(2030, 5, 16) + minute * MINUTE;
      const example = exampleTime(now + 10 * MINUTE, locale);
      const [value = 0] = extensions(example, now + 10 * MINUTE, now);
      assert.ok(value >= 20 && value <= 35, `${example} means ${value} min more`);
    }),
  );
  const at = new Date(2030, 5, 16, 20, 10).getTime();
  assert.deepEqual(
    ['en-US', 'de', 'da'].map((locale) => exampleTime(at, locale).replace(/\s/g, ' ')),
    ['8:30 PM', '20:30', '20:30'],
  );
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
