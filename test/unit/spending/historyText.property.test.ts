import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { fold, type ReceiptEvent } from '../../../src/spending/receipts';
import { historyCsv } from '../../../src/spending/historyCsv';
import { spendingContent } from '../../../src/spending/spendingHtml';
import { NO_SPENDING_LIMITS } from '../../../src/spending/spendingLimits';
import { MINUTE, NOTHING_SPENT } from '../../fakes/appState';
import { closed, NOON, opened, someEvents } from '../../fakes/receipts';

const rows = (events: readonly ReceiptEvent[]) =>
  spendingContent({
    receipts: fold(events),
    live: [],
    spending: NOTHING_SPENT,
    limits: NO_SPENDING_LIMITS,
    lease: { mostHours: 4 },
    now: NOON + 40 * MINUTE,
  }).rows;
const csv = (events: readonly ReceiptEvent[]) => historyCsv(fold(events));

test('no name becomes a formula, or breaks out of its cell', () => {
  const formulas = ['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '＝1+1', '＋1', '－1', '＠A', ';=1', ', =1'];
  for (const machine of [...formulas, '\u00a0=1', '\u3000＝1', '\u200b=1', '\ufeff=1', '"=1', '\0=1', '\n+1']) {
    const [, row = []] = parsed(csv([opened('one', { machine })]));
    assert.equal(row[2]?.[0], "'", JSON.stringify(machine));
    assert.equal(row[2].replaceAll("'", ''), machine, JSON.stringify(machine));
  }
  for (const machine of ['sd-box', 'a=1', '1+1', ''])
    assert.equal(parsed(csv([opened('one', { machine })]))[1]?.[2], machine);
  fc.assert(
    fc.property(fc.string(), (machine) => {
      const cells = parsed(csv([opened('one', { machine }), closed('one')]));
      assert.equal(cells.length, 2);
      assert.equal(cells[0]?.length, cells[1]?.length);
      assert.equal((cells[1]?.[2] ?? '').replaceAll("'", ''), machine.replaceAll("'", ''));
    }),
  );
});

test('whatever was written down, page and table hold every session', () => {
  fc.assert(
    fc.property(someEvents, (events) => {
      const receipts = fold(events);
      assert.equal(parsed(historyCsv(receipts)).length, receipts.size + 1);
      assert.equal(rows(events).split('sd-box').length - 1, receipts.size);
    }),
  );
});

/** Parses RFC 4180 as a spreadsheet does. */
function parsed(table: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of table.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n"]*))(,|\r\n|$)/g)) {
    if (quoted === undefined && plain === '' && end === '') continue;
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  return rows.filter((row) => row.length > 0);
}
