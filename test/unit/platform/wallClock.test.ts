import assert from 'node:assert/strict';
import test from 'node:test';
import { inZone } from '../../fakes/inZone';
import { lastTimeOfDay, minutesOfDay, nextShown, nextTimeOfDay } from '../../../src/platform/wallClock';

const HOUR = 3_600_000;

test('a time of day is read as a clock with 24 hours shows it, and nothing else is one', () => {
  assert.deepEqual(['18:00', '6:30', ' 00:00 ', '23:59'].map(minutesOfDay), [1080, 390, 0, 1439]);
  for (const text of ['', '24:00', '18:60', '18', '6 pm', '18:0', '-1:00', '18:00:00'])
    assert.equal(minutesOfDay(text), undefined, text);
});

test('the next time is later today, or tomorrow', () => {
  inZone('Europe/Berlin', () => {
    const at = (hour: number, minute = 0) => new Date(2030, 5, 3, hour, minute).getTime();
    assert.equal(nextTimeOfDay(1080, at(17)), at(18));
    assert.equal(nextTimeOfDay(1080, at(18)), at(18 + 24));
    assert.equal(lastTimeOfDay(1080, at(18)), at(18));
    assert.equal(lastTimeOfDay(1080, at(17, 59)), at(18 - 24));
  });
});

test('days of 23 and of 25 hours have their evening at the same time', () => {
  inZone('Europe/Berlin', () => {
    for (const [day, hours] of [
      [new Date(2030, 2, 30, 18), 23],
      [new Date(2030, 9, 26, 18), 25],
    ] as const)
      assert.equal(nextTimeOfDay(1080, day.getTime()) - day.getTime(), hours * HOUR);
  });
});

test('a time that the clock is set over comes when it is set, and one that it shows twice comes once', () => {
  inZone('Europe/Berlin', () => {
    const spring = Date.UTC(2030, 2, 31, 1); // 2:00 becomes 3:00
    assert.equal(nextTimeOfDay(150, spring - HOUR), spring);
    assert.equal(nextTimeOfDay(150, spring), spring + 23.5 * HOUR);
    const autumn = Date.UTC(2030, 9, 27, 1); // 3:00 becomes 2:00
    assert.equal(nextTimeOfDay(150, autumn - HOUR), autumn - HOUR / 2);
    assert.equal(nextTimeOfDay(150, autumn), autumn + 24.5 * HOUR);
    assert.equal(lastTimeOfDay(150, autumn + HOUR), autumn - HOUR / 2);
    assert.equal(nextShown(150, autumn - HOUR / 4), autumn + HOUR / 2, 'who types it means what the clock shows next');
    assert.equal(nextShown(150, spring - HOUR), spring);
  });
});
