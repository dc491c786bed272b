import assert from 'node:assert/strict';
import test from 'node:test';
import {
  spendingLimitFrom,
  due,
  NO_SPENDING_LIMITS,
  wouldExceed,
  type SpendingLimits,
  type SpendingLimitWarning,
} from '../../../src/spending/spendingLimits';
import type { Spending } from '../../../src/spending/spending';
import { beforeSpending, spendingLimitsText, excessText } from '../../../src/spending/moneyText';
import { dayAndMonth } from '../../../src/platform/durations';
import { appState, NOTHING_SPENT, NOW, ready, session } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';

const DOLLAR = 1_000_000_000n;
const DAY = 24 * 3_600_000;
const ONE = sessionId('one');

const spent = (more: Partial<Spending>): Spending => ({ ...NOTHING_SPENT, ...more });
const limits = (more: Partial<SpendingLimits>): SpendingLimits => ({ ...NO_SPENDING_LIMITS, ...more });
const running = (soFar: bigint, ahead = 0n) => new Map([[ONE, { soFar, ahead }]]);

test('nothing, and what is no amount, is no limit', () => {
  for (const nonsense of [0, -1, NaN, Infinity, 1e21, 1e-12, '10', null, undefined, {}])
    assert.equal(spendingLimitFrom(nonsense), undefined);
});

test('what is still to be paid for what runs counts as well', () => {
  const spending = spent({ today: 6n * DOLLAR, aheadToday: 3n * DOLLAR });
  const day = limits({ day: 10n * DOLLAR });
  assert.equal(wouldExceed(spending, day, DOLLAR), undefined, 'up to the limit is not above it');
  assert.deepEqual(wouldExceed(spending, day, DOLLAR + 1n), {
    period: 'day',
    limit: 10n * DOLLAR,
    figure: 10n * DOLLAR + 1n,
  });
  assert.equal(wouldExceed(spending, day, 0n), undefined, 'what costs nothing is never asked about');
});

test('an extension adds to its own session, a new session begins at nothing', () => {
  const spending = spent({ sessions: running(2n * DOLLAR, DOLLAR) });
  const limit = limits({ session: 4n * DOLLAR });
  assert.equal(wouldExceed(spending, limit, 2n * DOLLAR), undefined);
  assert.equal(wouldExceed(spending, limit, 2n * DOLLAR, ONE)?.figure, 5n * DOLLAR);
});

test('each share of a spending limit is announced once, and the highest stands for those skipped', () => {
  const day = limits({ day: 10n * DOLLAR });
  const steps = [4n, 5n, 6n, 9n, 9n, 12n, 13n].map((dollars) => dollars * DOLLAR);
  let said = due(new Map(), NOTHING_SPENT, day).said;
  const warned = steps.map((today) => {
    const step = due(said, spent({ today }), day);
    ({ said } = step);
    return step.warnings.map(({ percent }) => percent);
  });
  assert.deepEqual(warned, [[], [50], [], [80], [], [100], []]);
});

test('a new day, another session and a changed limit begin anew', () => {
  const day = limits({ day: 10n * DOLLAR, session: DOLLAR });
  const first = due(new Map(), spent({ today: 6n * DOLLAR, sessions: running(DOLLAR) }), day);
  assert.deepEqual(
    first.warnings.map(({ period, percent }) => [period, percent]),
    [
      ['day', 50],
      ['session', 100],
    ],
  );
  const tomorrow = spent({ today: 6n * DOLLAR, dayStart: NOTHING_SPENT.dayStart + DAY });
  assert.equal(due(first.said, tomorrow, day).warnings.length, 1);
  const raised = limits({ day: 12n * DOLLAR });
  assert.equal(due(first.said, spent({ today: 6n * DOLLAR }), raised).warnings.length, 1);
  assert.equal(
    due(first.said, spent({}), NO_SPENDING_LIMITS).said.size,
    0,
    'nothing is kept for longer than it matters',
  );
});

test('a session or a day that is not seen for a while is not announced again', () => {
  const both = limits({ day: 10n * DOLLAR, session: DOLLAR });
  const now = spent({ today: 6n * DOLLAR, sessions: running(DOLLAR) });
  const { said } = due(new Map(), now, both);
  const yesterday = spent({ dayStart: NOTHING_SPENT.dayStart - DAY });
  const unseen = due(said, yesterday, both);
  assert.deepEqual(unseen.warnings, []);
  assert.deepEqual(due(unseen.said, now, both).warnings, []);
});

test('of sessions that are gone no more is remembered than of some', () => {
  const one = limits({ session: DOLLAR });
  const many = new Map(Array.from({ length: 500 }, (_, n) => [`session ${n} ${DOLLAR}`, 100]));
  const { said } = due(many, NOTHING_SPENT, one);
  assert.ok(said.size <= 50 && said.has(`session 499 ${DOLLAR}`));
});

test('the words name the figure, the limit, and that it is an estimate', () => {
  const excess = { period: 'day', limit: 10n * DOLLAR, figure: 12n * DOLLAR + DOLLAR / 2n } as const;
  assert.equal(excessText(excess), 'Today: about $12.50 would exceed your spending limit of $10.00.');
  const warning: SpendingLimitWarning = {
    period: 'session',
    session: ONE,
    percent: 80,
    spent: 9n * DOLLAR,
    limit: 10n * DOLLAR,
  };
  const known = appState({ snapshot: ready({ sessions: [session('one')] }) });
  assert.equal(
    spendingLimitsText([warning], known),
    'The A10G session on Machine one: about $9.00, 90% of your spending limit of $10.00.',
  );
  assert.match(
    spendingLimitsText([{ ...warning, period: 'day', session: undefined, percent: 100 }], known),
    /^Today: .* is reached\./,
  );
  const many = [warning, { ...warning, session: sessionId('two'), spent: 8n * DOLLAR }];
  assert.equal(
    spendingLimitsText([...many, { ...warning, period: 'day', session: undefined }], known),
    '2 sessions have each cost about $8.00 or more of your spending limit of $10.00 for one session. Today: about $9.00, 90% of your spending limit of $10.00.',
  );
});

test('before money is spent it is said how much is left, and how old the prices are', () => {
  const money = (more: Partial<Spending>) => beforeSpending({ spending: spent(more), localNow: NOW });
  assert.equal(money({}), undefined);
  assert.equal(money({ balance: 12n * DOLLAR + (DOLLAR / 10n) * 4n }), 'Credit left about $12.40');
  assert.equal(money({ balance: 0n }), 'No credit left');
  assert.equal(money({ pricesAsOf: NOW - 2 * DAY }), `Prices of ${dayAndMonth(NOW - 2 * DAY)}`);
  assert.equal(money({ pricesAsOf: undefined }), undefined);
});
