import assert from 'node:assert/strict';
import test from 'node:test';
import { ageOfLastTime, lastTimeFrom, shownLastTime, type LastRow } from '../../../src/sidebar/lastTime';

const MINUTE = 60_000;
const AT = Date.UTC(2030, 0, 1, 12);
const machine = (label: string): LastRow => ({
  label,
  description: 'A10G',
  isSession: false,
  isAlone: false,
  endsAt: undefined,
});
const session = (endsAt: number | undefined): LastRow => ({
  label: 'L4',
  description: '',
  isSession: true,
  isAlone: false,
  endsAt,
});
const kept = (rows: readonly unknown[]) => ({ scope: 'me', at: AT, rows });
const textsOf = (rows: readonly LastRow[], now: number) =>
  shownLastTime({ scope: 'me', at: AT, rows }, now).map(
    ({ label, description, parent }) => `${parent === undefined ? '' : '- '}${label}: ${description}`,
  );

test('a session is shown with what is left of it, below its machine', () => {
  const rows = [machine('one'), machine('two'), session(AT + 20 * MINUTE)];
  assert.deepEqual(textsOf(rows, AT + 5 * MINUTE), ['one: A10G', 'two: A10G', '- L4: 15m']);
});

test('a session whose end is over, or that had none, is not said to run', () => {
  const rows = [machine('one'), session(AT + MINUTE), session(undefined)];
  assert.deepEqual(textsOf(rows, AT + MINUTE), ['one: A10G']);
});

test('the rows say how old they are, also where the clock was set back', () => {
  const last = { scope: 'me', at: AT, rows: [] };
  assert.equal(ageOfLastTime(last, AT + 3 * MINUTE), 'Updated 3 min ago.');
  assert.equal(ageOfLastTime(last, AT - MINUTE), 'Updated just now.');
});

test('rows of another account are nobody else’s', () => {
  assert.equal(lastTimeFrom(kept([machine('one')]), 'you'), undefined);
  assert.deepEqual(lastTimeFrom(kept([machine('one')]), 'me')?.rows, [machine('one')]);
});

test('what the memory holds may be of any form and any length', () => {
  for (const foreign of [undefined, null, 'rows', 7, [], {}, { scope: 'me' }, { scope: 'me', at: 'now', rows: [] }])
    assert.equal(lastTimeFrom(foreign, 'me'), undefined);
  assert.equal(lastTimeFrom({ ...kept([]), at: Number.NaN }, 'me'), undefined);
  assert.deepEqual(lastTimeFrom(kept([null, 'row', { label: 1 }, { label: 'x' }]), 'me')?.rows, []);
  const many = lastTimeFrom(kept(Array.from({ length: 10_000 }, () => machine('x'.repeat(10_000)))), 'me');
  assert.ok(JSON.stringify(many).length < 20_000, 'it is bounded');
});
