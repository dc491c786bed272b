import assert from 'node:assert/strict';
import test from 'node:test';
import { fold, type ReceiptEvent } from '../../../src/spending/receipts';
import { historyCsv } from '../../../src/spending/historyCsv';
import { compact, lineOf, parseReceipts } from '../../../src/spending/receiptLines';
import { receiptFacts } from '../../../src/page/receiptFacts';
import { spendingContent } from '../../../src/spending/spendingHtml';
import { NO_SPENDING_LIMITS, type SpendingLimits } from '../../../src/spending/spendingLimits';
import type { Spending } from '../../../src/spending/spending';
import { MINUTE, NOTHING_SPENT } from '../../fakes/appState';
import { asked, closed, moved, NOON, opened } from '../../fakes/receipts';

const page = (events: readonly ReceiptEvent[], more: Partial<Spending> = {}, limits: Partial<SpendingLimits> = {}) =>
  spendingContent({
    receipts: fold(events),
    live: [],
    spending: { ...NOTHING_SPENT, ...more },
    limits: { ...NO_SPENDING_LIMITS, ...limits },
    lease: { mostHours: 4 },
    now: NOON + 40 * MINUTE,
  });
/** The cells of each row, each with its smaller lines after a `|`. */
const rowsOf = (events: readonly ReceiptEvent[], more: Partial<Spending> = {}) =>
  page(events, more)
    .rows.split('</tr>')
    .slice(0, -1)
    .map((row) =>
      row
        .split(/<\/t[hd]>/)
        .slice(0, -1)
        .map((cell) => cell.replaceAll('<small>', '|').replaceAll(/<[^>]*>/g, '')),
    );
const endOf = (events: readonly ReceiptEvent[]) => rowsOf(events)[0]?.[5] ?? '';
const csv = (events: readonly ReceiptEvent[]) => historyCsv(fold(events));

test('an empty history says what will stand there', () => {
  assert.match(page([]).sums, /No sessions yet\./);
  assert.equal(page([]).rows, '');
  assert.equal(csv([]).split('\r\n').length, 2);
});

test('a row shows when, where, on what, how long, for how much, and how it ended', () => {
  const when = new Date(NOON).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const row = [when, 'sd-box', 'A10G', '30 min', 'about $0.61', 'time ran out'];
  assert.deepEqual(rowsOf([opened('one'), closed('one')]), [row]);
});

test('a start that the user canceled says so; a length is rounded, as on the page of its tab', () => {
  const canceled = closed('one', { why: 'you', startedAt: NOON + 20_000, endedAt: NOON + 20_000, cost: '0' });
  const [row] = rowsOf([opened('one'), asked('one', { by: 'you' }), canceled]);
  assert.deepEqual(row?.slice(3), ['under 10 s', 'about $0.00', 'Start canceled']);
  const billed = closed('one', { why: 'you', startedAt: NOON + 5_000, endedAt: NOON + 20_000, cost: '5055000' });
  const unready = [opened('one'), asked('one', { by: 'you', isUnready: true }), billed];
  assert.match(endOf(unready), /^Start canceled\|Starts that failed.*: <\$0\.01$|^Start canceled\|Starts .*&#60;/);
  const ran = closed('one', { why: 'you', endedAt: NOON + 11.9 * MINUTE });
  assert.deepEqual(rowsOf([opened('one'), ran])[0]?.slice(3, 4), ['12 min']);
  const receipts = fold([opened('one'), ran]);
  const facts = receiptFacts(receipts.get(ran.sessionId), undefined);
  assert.match(facts.find(([name]) => name === 'Ran')?.[1] ?? '', /^12 min, /);
});

test('why it was moved, kept alive and ended stands below, with what is known of where the money went', () => {
  const end = endOf([
    opened('one'),
    moved('one'),
    moved('one', { by: 'guardian', minutes: 5, endsAt: NOON + 50 * MINUTE, why: 'rendering' }),
    asked('one', { by: 'idle', idleMinutes: 10 }),
    closed('one', { why: 'idle' }),
  ]);
  assert.deepEqual(end.split('|'), [
    'ended automatically: idle for 10 min',
    'extended 15 min by you, extended 5 min automatically',
    'kept alive: it was rendering',
    'Idle: about $0.21',
  ]);
  const unasked = endOf([opened('one'), closed('one', { why: 'finished' })]);
  assert.match(unasked, /ended automatically: its queue was empty/, 'the rule is named where nobody wrote it down');
});

test("a cost that ComfyDeploy reports stands beside the estimate; where they agree, it doesn't", () => {
  const [row] = rowsOf([opened('one'), closed('one', { cost: '500000000' })]);
  assert.equal(row?.[4], 'about $0.50|by list price about $0.61');
  assert.equal(rowsOf([opened('one'), closed('one')])[0]?.[4], 'about $0.61');
});

test('sums stand against the limits, and say what they leave out', () => {
  const spent = { today: 500_000_000n, month: 2_000_000_000n, isPartial: true };
  const { sums } = page([opened('one'), closed('one')], spent, { day: 1_000_000_000n });
  assert.match(sums, /<dt>Today<\/dt><dd>about \$0\.50, excluding unknown prices<small>50% of your limit of \$1\.00</);
  assert.match(sums, /<dt>This month<\/dt><dd>about \$2\.00, excluding unknown prices<\/dd>/);
  assert.match(sums, /estimates from list prices; your invoice may differ/);
});

test('each day has a bar, in words too, and each GPU its place in the key', () => {
  const { sums } = page([
    opened('one'),
    closed('one'),
    opened('two', { gpu: 'L4' }),
    closed('two', { cost: '200000000' }),
  ]);
  assert.equal(sums.match(/<svg role="img"/g)?.length, 30);
  assert.match(sums, /: about \$0\.81 \(A10G: about \$0\.61 and L4: about \$0\.20\)<\/title>/);
  const heights = [...sums.matchAll(/<rect class="g\d" y="(\d+)" width="9" height="(\d+)">/g)].map(([, y, height]) => [
    Number(y),
    Number(height),
  ]);
  assert.deepEqual(
    heights,
    [
      [248, 752],
      [0, 248],
    ],
    'on each other, up to the top',
  );
  assert.match(sums, /<\/svg> A10G: about \$0\.61<\/li>.*<\/svg> L4: about \$0\.20<\/li>/);
});

test('no name becomes markup', () => {
  const evil = `</td><script>"'&<img src=x onerror=alert(1)>`;
  const id = `"><b>`;
  const { sums, rows } = page([opened(id, { machine: evil, gpu: evil, byAgent: true }), closed(id)]);
  for (const part of [sums, rows]) {
    assert.doesNotMatch(part, /<script|<img|<b>/);
    assert.match(part, /&#60;img/);
  }
});

test('why a start failed stands in the page and in the table, whoever has missed it, and makes no formula', () => {
  const failed = (reason: string): ReceiptEvent[] => [
    opened('one'),
    closed('one', { why: 'failedToStart' }),
    { kind: 'notStarted', sessionId: opened('one').sessionId, at: NOON, reason },
  ];
  const events = failed('No module named torch');
  assert.match(endOf(events), /^failed to start: No module named torch/);
  assert.match(csv(events), /"failed to start","No module named torch"/);
  assert.match(csv(failed('=1+1')), /"'=1\+1"/);
  const shortened = compact(events.map((event) => lineOf('me', [event])).join('\n'), NOON);
  assert.deepEqual(page(parseReceipts(shortened, 'me').events), page(events));
  assert.doesNotMatch(endOf(events.slice(0, 2)), /No module/);
});

test('an estimated end says so, and an unknown price is not guessed', () => {
  const { cost, ...rest } = closed('one', { source: 'seen', why: 'lost' });
  assert.ok(cost);
  assert.deepEqual(rowsOf([opened('one'), rest])[0]?.slice(4), [
    'price unknown',
    'ended while VS Code was closed (end time estimated)',
  ]);
});

test('the newest is first, and what runs has its cost so far', () => {
  const before = NOON - 40 * 24 * 60 * MINUTE;
  const old = closed('old', { startedAt: before, endedAt: before + 60 * MINUTE, cost: '1213200000' });
  const rows = rowsOf([opened('old', { createdAt: before }), old, opened('one')], { of: () => 100_000_000n });
  assert.deepEqual(
    rows.map((row) => row.slice(3)),
    [
      ['40 min', 'about $0.10', 'running'],
      ['1 h', 'about $1.22', 'time ran out'],
    ],
  );
});

test('the table holds exact amounts and times that sort', () => {
  const [head, row] = csv([opened('one'), moved('one'), closed('one')]).split('\r\n');
  assert.ok(row);
  assert.equal(head?.split(',').length, row.split(',').length);
  assert.ok(row.startsWith(`"${new Date(NOON).toISOString()}",`));
  assert.ok(row.includes(',"30.00","0.606600000","deadline",'));
  assert.equal(row.replaceAll(/"[^"]*"/g, '').replaceAll(',', ''), '', 'every field is quoted');
});

test('nor does a part of one where a program takes another character for what separates cells', () => {
  for (const name of [
    'x;=HYPERLINK("http://evil.test";"click");',
    'x;=1+1;',
    'x\t=2',
    'x|@SUM(A1)',
    'x\r\n-1',
    'x" ;＝1',
  ])
    for (const separator of [';', '\t', '|', ',', '\n'])
      for (const part of csv([opened('one', { machine: name })]).split(separator))
        assert.doesNotMatch(part, /^["\s]*[=+\-@＝＋－＠]/u, `${name} by ${separator}`);
});
