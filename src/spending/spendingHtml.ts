import * as l10n from '@vscode/l10n';
import { about, dollars } from '../platform/dollars';
import { dayAndMonth, lasted } from '../platform/durations';
import { listText } from '../platform/language';
import { element, escape, worded } from '../platform/markup';
import { plainName, plainText } from '../platform/plainText';
import { HOUR } from '../platform/units';
import { unlistedMachine } from '../sessions/sessionText';
import { writtenCost, newestFirst, startOf, costOfReceipt, type Receipt, type Receipts } from './receipts';
import type { LeaseOffer } from './menus';
import { detailsOf, endText } from './historyText';
import type { Live, Spending } from './spending';
import {
  DAYS,
  figuresOf,
  savedByLeases,
  sharesOfReceipt,
  type Day,
  type Figures,
  type Shares,
  type Use,
} from './spendingFigures';
import type { SpendingLimits } from './spendingLimits';
import type { Usages } from './usages';

export interface SpendingPageInput {
  readonly receipts: Receipts;
  readonly live: readonly Live[];
  /** What a session that runs was seen doing. */
  readonly usageOf?: Usages['of'];
  readonly spending: Pick<Spending, 'of' | 'today' | 'month' | 'isPartial'>;
  readonly limits: Pick<SpendingLimits, 'day' | 'month'>;
  /** The longest that a lease lasts. */
  readonly lease: Pick<LeaseOffer, 'mostHours'>;
  /** Server time, ms. */
  readonly now: number;
}

/** The changing parts of the page, as markup. */
export interface SpendingContent {
  readonly sums: string;
  /** Of the table of sessions. */
  readonly rows: string;
}

/** Colours of the chart; further GPUs share the last one. */
const COLOURS = 6;

export function spendingContent(input: SpendingPageInput): SpendingContent {
  const { receipts, live, usageOf, now } = input;
  if (receipts.size + live.length === 0)
    return { sums: [l10n.t('No sessions yet.'), aboutEmpty()].map((text) => worded('p', text)).join(''), rows: '' };
  const figures = figuresOf(receipts, live, now, usageOf);
  return {
    sums: [...totals(input, figures), ...chart(figures), ...whereItWent(figures, input)].join(''),
    rows: newestFirst(receipts)
      .map((receipt) => rowOf(receipt, input))
      .join(''),
  };
}

function aboutEmpty(): string {
  return l10n.t(
    'Each of your sessions will be listed here: when it ran, on which machine and GPU, how long, about what it cost, and who ended it and why.',
  );
}

function totals({ spending, limits, now }: SpendingPageInput, { week, weekStart }: Figures): readonly string[] {
  const { today, month, isPartial } = spending;
  const known = (cost: bigint) => (isPartial ? l10n.t('{0}, excluding unknown prices', about(cost)) : about(cost));
  const sum = (name: string, cost: bigint, more: readonly string[]) =>
    element('div', [
      worded('dt', name),
      element('dd', [escape(known(cost)), ...more.map((text) => worded('small', text))]),
    ]);
  const share = (cost: bigint, limit: bigint | undefined) =>
    limit === undefined ? [] : [l10n.t('{0}% of your limit of {1}', `${(cost * 100n) / limit}`, dollars(limit))];
  const note = l10n.t("Costs that ComfyDeploy doesn't report are estimates from list prices; your invoice may differ.");
  return [
    element('dl', [
      sum(l10n.t('Today'), today, share(today, limits.day)),
      sum(l10n.t('This week'), week, [`${dayAndMonth(weekStart)} – ${dayAndMonth(now)}`]),
      sum(l10n.t('This month'), month, share(month, limits.month)),
    ]),
    worded('p', note),
  ];
}

/** Each bar says in words what it shows. */
function chart({ days, gpus, total }: Figures): readonly string[] {
  const top = days.reduce((most, day) => (day.total > most ? day.total : most), 1n);
  const colours = new Map(gpus.map(([gpu], index) => [gpu, `g${Math.min(index, COLOURS - 1)}`]));
  const key = gpus.map(([gpu, cost]) => {
    const box = element('rect', '', { class: colours.get(gpu) ?? '', width: 9, height: 9 });
    return element('li', [
      element('svg', box, { viewBox: '0 0 9 9', 'aria-hidden': 'true' }),
      ' ',
      escape(costOn(gpu, cost)),
    ]);
  });
  const ends = [days[0], days.at(-1)].map((day) => worded('span', dayAndMonth(day?.start ?? 0)));
  return [
    worded('h2', l10n.t('Last {0} days: {1}', DAYS, about(total))),
    element(
      'ol',
      days.map((day) => element('li', bar(day, top, colours))),
      { class: 'days' },
    ),
    element('p', ends, { class: 'ends', 'aria-hidden': 'true' }),
    element('ul', key, { class: 'key' }),
  ];
}

function costOn(gpu: string, cost: bigint): string {
  return `${plainName(gpu)}: ${about(cost)}`;
}

const HEIGHT = 1_000;

function bar({ start, gpus, total }: Day, top: bigint, colours: ReadonlyMap<string, string>): string {
  const heightOf = (cost: bigint) => Number((cost * BigInt(HEIGHT)) / top);
  let sum = 0n;
  // In the order of the key, from the bottom.
  const parts = [...colours].flatMap(([gpu, colour]) => {
    const cost = gpus.get(gpu);
    if (cost === undefined) return [];
    const from = heightOf(sum);
    const to = heightOf((sum += cost));
    return {
      said: costOn(gpu, cost),
      box: element('rect', '', { class: colour, y: HEIGHT - to, width: 9, height: to - from }),
    };
  });
  const one = `${dayAndMonth(start)}: ${about(total)}`;
  const said = parts.length === 0 ? one : `${one} (${listText(parts.map((part) => part.said))})`;
  const boxes = parts.map(({ box }) => box);
  const shape = { role: 'img', viewBox: `0 0 9 ${HEIGHT}`, preserveAspectRatio: 'none' };
  return element('svg', [worded('title', said), ...boxes], shape);
}

function useText(use: Use): string {
  switch (use) {
    case 'starting':
      return l10n.t('Starts that failed, were canceled or are going on');
    case 'rendering':
      return l10n.t('Rendering');
    case 'active':
      return l10n.t('In use between renders');
    case 'idle':
      return l10n.t('Idle');
    case 'leaked':
      return l10n.t('Running on after the session was closed');
    case 'other':
      return l10n.t('Not recorded');
  }
}

const KNOWN_USES: readonly Use[] = ['starting', 'rendering', 'active', 'idle', 'leaked'];
const USES: readonly Use[] = [...KNOWN_USES, 'other'];

/** What is known of where money went; nothing of it is guessed. */
function partsOf(shares: Shares, uses = USES): readonly string[] {
  return uses.filter((use) => shares[use] > 0n).map((use) => `${useText(use)}: ${about(shares[use])}`);
}

function whereItWent(
  { shares, saved: { sessions, ms, cost } }: Figures,
  { receipts, lease: { mostHours }, now }: SpendingPageInput,
): readonly string[] {
  const leased = savedByLeases(receipts, now, mostHours * HOUR);
  const saved = l10n.t(
    'Ended automatically before their end: {0} sessions, {1} earlier in all, {2} by list price.',
    sessions,
    lasted(ms),
    about(cost),
  );
  const byLeases = l10n.t(
    'Sessions on a lease: {0}. Rented for {1} h each at once, they would have cost {2} more.',
    leased.sessions,
    mostHours,
    about(leased.cost),
  );
  return [
    worded('h2', l10n.t('Where it went')),
    ...partsOf(shares).map((part) => worded('p', part)),
    ...(sessions > 0 ? [worded('p', saved)] : []),
    ...(leased.sessions > 0 ? [worded('p', byLeases)] : []),
  ];
}

/** Of the row's button in the page. */
export function idOf({ opened }: Receipt): string {
  return `#${opened.sessionId}`;
}

function rowOf(receipt: Receipt, { spending, now }: SpendingPageInput): string {
  const { opened, closed } = receipt;
  const { sessionId, gpu, machine, price } = opened;
  const at = startOf(receipt);
  const ms = Math.max(0, (closed?.endedAt ?? now) - at);
  const cost = closed ? costOfReceipt(receipt) : spending.of(sessionId);
  const isUnknown = cost === undefined || (cost === 0n && price === undefined);
  const when = new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
  const details = [...detailsOf(receipt), ...partsOf(sharesOfReceipt(receipt), KNOWN_USES)];
  return element('tr', [
    element('th', worded('button', when, { id: idOf(receipt) }), { scope: 'row', 'data-v': at }),
    worded('td', plainName(machine ?? unlistedMachine())),
    worded('td', plainName(gpu)),
    worded('td', lasted(ms), { 'data-v': ms }),
    element('td', [escape(isUnknown ? l10n.t('price unknown') : about(cost)), ...besides(receipt)], {
      'data-v': isUnknown ? -1 : `${cost}`,
    }),
    element('td', [escape(plainText(endText(receipt))), ...details.map((text) => worded('small', plainText(text)))]),
  ]);
}

/** The estimate, where ComfyDeploy's own figure is another one. */
function besides(receipt: Receipt): readonly string[] {
  const { opened, closed } = receipt;
  const estimate = closed && writtenCost(opened.price, startOf(receipt), closed.endedAt);
  if (estimate === undefined || closed?.cost === undefined || estimate === closed.cost) return [];
  return [worded('small', l10n.t('by list price {0}', about(BigInt(estimate))))];
}
