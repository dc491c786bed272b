import assert from 'node:assert/strict';
import test from 'node:test';
import { fold, type ReceiptEvent } from '../../../src/spending/receipts';
import { dateAndTime, monthAndYear } from '../../../src/platform/durations';
import { historyCsv } from '../../../src/spending/historyCsv';
import { compact, lineOf, parseReceipts } from '../../../src/spending/receiptLines';
import { receiptFacts } from '../../../src/page/receiptFacts';
import { historyText } from '../../../src/spending/historyText';
import { MINUTE, NOTHING_SPENT } from '../../fakes/appState';
import { asked, closed, moved, NOON, opened } from '../../fakes/receipts';

const DAY = 24 * 60 * MINUTE;
const text = (events: readonly ReceiptEvent[], spending = NOTHING_SPENT) =>
  historyText(fold(events), spending, NOON + 40 * MINUTE);
const csv = (events: readonly ReceiptEvent[]) => historyCsv(fold(events));
const linesOf = (page: string) => page.split('\n');

test('an empty history says what will stand there', () => {
  assert.match(text([]), /No sessions yet\./);
  assert.equal(csv([]).split('\r\n').length, 2);
});

test('a row shows when, where, on what, how long, for how much, and how it ended', () => {
  const [row] = linesOf(text([opened('one'), closed('one')])).filter((line) => line.includes('sd-box'));
  assert.equal(row, `  ${dateAndTime(NOON)}   sd-box   A10G   30 min   about $0.61   time ran out`);
});

test('a start that the user canceled says so; a length is rounded, as on the page of its tab', () => {
  const canceled = closed('one', { why: 'you', startedAt: NOON + 20_000, endedAt: NOON + 20_000, cost: '0' });
  assert.match(
    text([opened('one'), asked('one', { by: 'you' }), canceled]),
    /under 10 s +about \$0\.00 +Start canceled\n/,
  );
  const billed = closed('one', { why: 'you', startedAt: NOON + 5_000, endedAt: NOON + 20_000, cost: '4000000' });
  assert.match(
    text([opened('one'), asked('one', { by: 'you', isUnready: true }), billed]),
    /Start canceled\n/,
    'also one whose container is billed',
  );
  const ran = closed('one', { why: 'you', endedAt: NOON + 11.9 * MINUTE });
  assert.match(text([opened('one'), ran]), / 12 min .*ended by you\n/);
  const receipts = fold([opened('one'), ran]);
  const facts = receiptFacts(receipts.get(ran.sessionId), undefined);
  assert.match(facts.find(([name]) => name === 'Ran')?.[1] ?? '', /^12 min, /);
});

test('why it was moved, kept alive and ended stands below', () => {
  const page = text([
    opened('one'),
    moved('one'),
    moved('one', { by: 'guardian', minutes: 5, endsAt: NOON + 50 * MINUTE, why: 'rendering' }),
    asked('one', { by: 'idle', idleMinutes: 10 }),
    closed('one', { why: 'idle' }),
  ]);
  assert.match(page, /ended automatically: idle for 10 min\n/);
  const unasked = text([opened('one'), closed('one', { why: 'finished' })]);
  assert.match(unasked, /ended automatically: its queue was empty/, 'the rule is named where nobody wrote it down');
  assert.match(page, /\n +extended 15 min by you, extended 5 min automatically; kept alive: it was rendering\n/);
});

test('why a start failed stands in the page and in the table, whoever has missed it, and makes no formula', () => {
  const failed = (reason: string): ReceiptEvent[] => [
    opened('one'),
    closed('one', { why: 'failedToStart' }),
    { kind: 'notStarted', sessionId: opened('one').sessionId, at: NOON, reason },
  ];
  const events = failed('No module named torch');
  assert.match(text(events), /failed to start: No module named torch\n/);
  assert.match(csv(events), /"failed to start","No module named torch"/);
  assert.match(csv(failed('=1+1')), /"'=1\+1"/);
  const shortened = compact(events.map((event) => lineOf('me', [event])).join('\n'), NOON);
  assert.equal(text(parseReceipts(shortened, 'me').events), text(events));
  assert.doesNotMatch(text(events.slice(0, 2)), /No module/);
});

test('an estimated end says so, and an unknown price is not guessed', () => {
  const { cost, ...rest } = closed('one', { source: 'seen', why: 'lost' });
  assert.ok(cost);
  assert.match(text([opened('one'), rest]), /price unknown {3}ended while VS Code was closed \(end time estimated\)/);
});

test('months have totals, the newest is first, and this one counts what runs', () => {
  const before = NOON - 40 * DAY;
  const old = { startedAt: before, endedAt: before + 60 * MINUTE };
  const page = text(
    [opened('old', { createdAt: before }), closed('old', { ...old, cost: '1213200000' }), opened('one')],
    { ...NOTHING_SPENT, monthStart: new Date(2030, 0, 1).getTime(), month: 5_000_000_000n, of: () => 100_000_000n },
  );
  const [now, then] = [page.indexOf(monthAndYear(NOON)), page.indexOf(monthAndYear(before))];
  assert.ok(now > 0 && then > now);
  assert.ok(page.includes(`${monthAndYear(NOON)}: 1 session, 40 min, about $5.00`));
  assert.ok(page.includes(`${monthAndYear(before)}: 1 session, 1 h, about $1.22`));
  assert.match(page, /40 min +about \$0\.10 +running/);
});

test('a very long name is cut in the middle, so that the cost and the end stay in sight', () => {
  const long = (end: string) => `studio-${'very-'.repeat(60)}long-🐈-${end}`;
  const page = text([
    opened('one', { machine: long('one') }),
    closed('one'),
    opened('two', { machine: long('two'), gpu: 'A'.repeat(500) }),
    closed('two'),
  ]);
  const rows = linesOf(page).filter((line) => line.includes('…'));
  assert.equal(rows.length, 2);
  for (const row of rows) assert.ok(row.length < 160, `${row.length}`);
  assert.match(page, / studio-very-very-\S*…\S*long-🐈-one /);
  assert.match(page, / studio-very-very-\S*…\S*long-🐈-two /);
});

test('a name cannot break the page', () => {
  assert.match(text([opened('one', { machine: 'sd\n\tbox' })]), / sd box /);
});

test('columns stand below each other', () => {
  const page = text([opened('one', { machine: 'a' }), opened('two', { machine: 'a machine with a long name' })]);
  const columns = linesOf(page)
    .filter((line) => line.includes('running'))
    .map((line) => line.indexOf('running'));
  assert.equal(new Set(columns).size, 1);
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
