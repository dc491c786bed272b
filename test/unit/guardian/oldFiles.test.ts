import assert from 'node:assert/strict';
import test from 'node:test';
import { readState, textOf } from '../../../src/guardian/guardState';
import { fold as foldLedger, parseLedger } from '../../../src/sessions/ledger';
import { compact, parseReceipts } from '../../../src/spending/receiptLines';
import { fold, type Receipts } from '../../../src/spending/receipts';
import { historyCsv } from '../../../src/spending/historyCsv';
import written from '../../fixtures/files-0.1.json';

// Version 0.1 wrote these files in a day with a render that was kept alive, an idle session that was kept once,
// one that ended with its queue, one that the user extended and ended, and one that failed to start.

const { scope } = written;
const rowsOf = (csv: string) => csv.split('\r\n').toSorted();
const receiptsIn = (text: string): Receipts => fold(parseReceipts(text, scope).events);

test('a history of version 0.1 is read whole, and says what it said then', () => {
  assert.equal(parseReceipts(written.history, scope).unreadable, 0);
  assert.equal(historyCsv(receiptsIn(written.history)), written.csv);
});

test('a history of version 0.1 that is compacted holds codes and says the same', () => {
  const smaller = compact(written.history, Date.UTC(2030, 0, 2));
  assert.deepEqual(
    rowsOf(historyCsv(receiptsIn(smaller))),
    rowsOf(written.csv),
    'those that began together may stand in another order',
  );
  assert.doesNotMatch(smaller, /"[^"]*(?:it was|you |idle for|failed to|billing row)[^"]*"/);
});

test('idle hours of version 0.1 are read as minutes, and an end for an unknown reason is one all the same', () => {
  const line = (why: string) =>
    written.history
      .split('\n')
      .find((one) => one.includes('"idle for 11 min"'))
      ?.replace('idle for 11 min', why) ?? '';
  const asked = (why: string) => parseReceipts(line(why), scope).events[0];
  const minutes = (why: string) => {
    const event = asked(why);
    return event?.kind === 'askedToEnd' ? event.idleMinutes : 'nothing';
  };
  assert.deepEqual(['idle for 1 h 5 min', 'idle for 2 h', 'idle for 0 min'].map(minutes), [65, 120, 0]);
  for (const why of ['its queue was empty', 'you asked for it', '', 'idle for ']) assert.equal(minutes(why), undefined);
});

test("the guard's state of version 0.1 is read whole: who takes over repeats nothing", () => {
  const state = readState(written.guard);
  assert.deepEqual(JSON.parse(textOf(state)), { ...JSON.parse(textOf(readState(''))), ...JSON.parse(written.guard) });
  const { ladder, muted, holds, countdowns, spared, said } = state;
  assert.deepEqual(
    [ladder, muted, holds, countdowns, spared, said].map(({ size }) => size),
    [5, 1, 1, 1, 1, 1],
  );
});

test('what was asked for about sessions in version 0.1 still holds', () => {
  const { events, unreadable } = parseLedger(written.intents, scope);
  assert.equal(unreadable, 0);
  const asked = events.flatMap((event) => (event.kind === 'wished' ? [event] : []));
  const state = foldLedger(asked);
  assert.deepEqual([...state.preferences.values()], [{ keepAlive: true }, { endWhenIdle: 5 }, { finishThenEnd: true }]);
});
