import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { anyText } from '../../fakes/anyText';
import { exampleTime, typedExtension, typedIdle, typedLength } from '../../../src/spending/typedChoices';
import { MOST_MINUTES, readTime } from '../../../src/platform/typedTime';
import { MINUTE, NOW, session } from '../../fakes/appState';
import { A10G, DAY, length, extensions, wall } from './typedTime';

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

test('whatever is typed, what is read is possible', () => {
  const piece = fc.constantFrom('1', '20', ':', 'h', ' ', 'pm', 'a', 'm', '.', '-', '\u202f', '１', '\u0000');
  const near = fc.array(piece, { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.oneof(near, anyText()), (text) => {
      const typed = readTime(text);
      if (typed.kind === 'length') assert.ok(typed.minutes >= 1 && typed.minutes <= MOST_MINUTES);
      if (typed.kind === 'clock') assert.ok(typed.times.every((time) => time >= 0 && time < DAY));
      const answers = [typedLength(text, NOW, A10G), typedExtension(text, session('one'), NOW, A10G), typedIdle(text)];
      for (const { choices, hint } of answers) assert.equal(choices.length === 0, hint !== undefined);
    }),
    { numRuns: 500 },
  );
});

/** Near days on which some time zone of the tests changes its clocks, and near ordinary days. */
const moments = fc
  .tuple(
    fc.constantFrom([2030, 2, 10], [2030, 10, 3], [2030, 3, 7], [2030, 9, 6], [2030, 8, 29], [2030, 5, 16]),
    fc.integer({ min: -36 * 3_600_000, max: 36 * 3_600_000 }),
  )
  .map(([[year = 0, month = 0, day = 0], offset]) => Date.UTC(year, month, day) + offset);

/** In 24-hour and in 12-hour notation. */
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
      const isNow = wall(now) === shown; // that is hardly meant for tomorrow
      const minutes = next === undefined || isNow ? 0 : Math.ceil((next - endsAt) / MINUTE);
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
