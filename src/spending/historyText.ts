import { about } from '../platform/dollars';
import { plainText } from '../platform/plainText';
import { largestOf } from '../platform/extremes';
import { monthOf, nextMonth } from './calendar';
import {
  costOfReceipt,
  newestFirst,
  startOf,
  type AskedToEnd,
  type Closed,
  type Receipt,
  type Receipts,
  type WhyKept,
  MOST_OF_REASON,
  type NotStarted,
} from './receipts';
import { closedStretches, totalOf, type Spending } from './spending';
import { dateAndTime, minutesText, monthAndYear } from '../platform/durations';

const MINUTE = 60_000;
/** Characters of a name: what it cost and why it ended stand to the right of it. */
const WIDEST = 36;

const EMPTY = `No session has been written down yet.

From now on each session of yours stands here: when it ran, on which machine and GPU,
how long, about what it cost, and who ended it and why.
`;

const INTRODUCTION = 'Your sessions, newest first. Costs are estimates from list prices; your invoice may differ.\n';

type Totals = Pick<Spending, 'of' | 'month' | 'monthStart'>;

/** The whole history as a page of text. @param now server time, ms. */
export function historyText(receipts: Receipts, spending: Totals, now: number): string {
  const newest = newestFirst(receipts);
  if (newest.length === 0) return `ComfyDeploy History\n\n${EMPTY}`;
  const rows = newest.map((receipt) => rowOf(receipt, spending, now));
  const widths = [0, 1, 2, 3, 4].map((column) => largestOf(rows.map(({ cells }) => lengthOf(cells[column] ?? ''))));
  const months = new Set(newest.map((receipt) => monthOf(startOf(receipt))));
  const sections = [...months].map((month) => {
    const own = rows.filter(({ at }) => monthOf(at) === month);
    return `${headOf(month, own, receipts, spending)}\n\n${own.map((row) => drawn(row, widths)).join('')}`;
  });
  return ['ComfyDeploy History\n', INTRODUCTION, ...sections].join('\n');
}

/** `ended by you`, `time ran out`. */
export function endText({ closed, askedToEnd, notStarted }: Receipt): string {
  if (!closed) return 'running';
  const isAsked = closed.why === askedToEnd?.by && closed.why !== 'you';
  const reason = isAsked ? askedText(askedToEnd) : notStarted && reasonText(notStarted);
  const end = reason === undefined ? ENDS[closed.why] : `${ENDS[closed.why]}: ${reason}`;
  return closed.source === 'seen' ? `${end} (time of its end estimated)` : end;
}

const ENDS: Readonly<Record<Closed['why'], string>> = {
  you: 'ended by you',
  idle: 'ended automatically',
  finished: 'ended automatically',
  guardian: 'ended automatically',
  deadline: 'time was up',
  failedToStart: 'failed to start',
  elsewhere: 'ended elsewhere',
  lost: 'its end was not seen',
};

/** Fit to be shown: these are the server's words. */
export function reasonText({ reason }: NotStarted): string {
  return plainText(reason, MOST_OF_REASON);
}

/** Why its end was asked for: `idle for 12 min`. */
export function askedText({ by, idleMinutes }: AskedToEnd): string | undefined {
  switch (by) {
    case 'you':
      return 'you asked for it';
    case 'idle':
      return idleMinutes === undefined ? undefined : `idle for ${minutesText(idleMinutes)}`;
    case 'finished':
      return 'its queue was empty';
    case 'guardian':
      return undefined;
  }
}

const KEPT: Readonly<Record<WhyKept, string>> = { rendering: 'it was rendering', asked: 'you kept it' };

/** Why it was kept alive, each reason once. */
export function keptTexts({ kept }: Receipt): readonly string[] {
  return kept.map((why) => KEPT[why]).sort();
}

/** `extended 15 min by you, extended 10 min automatically`; nothing where its end was never moved. */
export function movesText({ moved }: Receipt): string | undefined {
  const parts = (['you', 'guardian', 'elsewhere'] as const).flatMap((who) => {
    const minutes = minutesMoved(moved, who);
    const by = { you: ' by you', guardian: ' automatically', elsewhere: ' elsewhere' }[who];
    return minutes === 0 ? [] : [`${minutes < 0 ? 'shortened' : 'extended'} ${minutesText(Math.abs(minutes))}${by}`];
  });
  return parts.length === 0 ? undefined : parts.join(', ');
}

export function minutesMoved(moved: Receipt['moved'], who: Receipt['moved'][number]['by']): number {
  return moved.filter(({ by }) => by === who).reduce((sum, { minutes }) => sum + minutes, 0);
}

interface Row {
  readonly at: number;
  readonly ms: number;
  readonly cells: readonly string[];
  /** What else is to be told, on a line of its own. */
  readonly more: string | undefined;
}

function rowOf(receipt: Receipt, spending: Pick<Spending, 'of'>, now: number): Row {
  const { opened, closed } = receipt;
  const kept = keptTexts(receipt);
  const at = startOf(receipt);
  const ms = Math.max(0, (closed?.endedAt ?? now) - at);
  const cost = closed ? costOfReceipt(receipt) : spending.of(opened.sessionId);
  const isKept = kept.length === 0 ? undefined : `kept alive: ${kept.join(', ')}`;
  const more = [movesText(receipt), isKept].filter((part) => part !== undefined).join('; ');
  const machine = (opened.machine ?? 'a machine that was not listed').replace(/\s+/g, ' ');
  const cells = [
    dateAndTime(at),
    shortened(machine),
    shortened(opened.gpu),
    minutesText(Math.round(ms / MINUTE)),
    cost === undefined || (cost === 0n && opened.price === undefined) ? 'price unknown' : about(cost),
    endText(receipt),
  ];
  return { at, ms, cells, more: more === '' ? undefined : more };
}

function headOf(month: number, rows: readonly Row[], receipts: Receipts, spending: Totals): string {
  const minutes = Math.round(rows.reduce((sum, { ms }) => sum + ms, 0) / MINUTE);
  const count = rows.length === 1 ? '1 session' : `${rows.length} sessions`;
  const isNow = month === spending.monthStart;
  const cost = isNow ? spending.month : totalOf(closedStretches(receipts), month, nextMonth(month));
  return `${monthAndYear(month)}: ${count}, ${minutesText(minutes)}, ${about(cost)}`;
}

function drawn({ cells, more }: Row, widths: readonly number[]): string {
  const line = cells.map((cell, column) => padded(cell, widths[column] ?? 0)).join('   ');
  const indent = ' '.repeat((widths[0] ?? 0) + 5);
  return `  ${line.trimEnd()}\n${more === undefined ? '' : `${indent}${more}\n`}`;
}

function padded(text: string, width: number): string {
  return `${text}${' '.repeat(Math.max(0, width - lengthOf(text)))}`;
}

/** Cut in the middle: names that are alike differ at their ends. */
function shortened(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= WIDEST) return name;
  const tail = Math.floor((WIDEST - 1) / 2);
  return `${characters.slice(0, WIDEST - 1 - tail).join('')}…${characters.slice(-tail).join('')}`;
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
