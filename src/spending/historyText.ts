import * as l10n from '@vscode/l10n';
import { about } from '../platform/dollars';
import { cutInTheMiddle, plainText } from '../platform/plainText';
import { largestOf } from '../platform/extremes';
import { listText } from '../platform/language';
import { monthOf, nextMonth } from './calendar';
import {
  costOfReceipt,
  newestFirst,
  startOf,
  type AskedToEnd,
  type Closed,
  type Moved,
  type Receipt,
  type Receipts,
  type WhyKept,
  MOST_OF_REASON,
  type NotStarted,
} from './receipts';
import { closedStretches, totalOf, type Spending } from './spending';
import { unlistedMachine } from '../sessions/sessionText';
import { dateAndTime, lasted, minutesText, monthAndYear } from '../platform/durations';

/** Longest name, in characters: cost and reason stand to its right. */
const WIDEST = 36;

type Totals = Pick<Spending, 'of' | 'month' | 'monthStart'>;

/** The whole history as a page of text. @param now server time, ms. */
export function historyText(receipts: Receipts, spending: Totals, now: number): string {
  const newest = newestFirst(receipts);
  const title = l10n.t('ComfyDeploy History');
  if (newest.length === 0)
    return [title, l10n.t('No sessions yet.'), aboutEmpty()].map((text) => `${text}\n`).join('\n');
  const rows = newest.map((receipt) => rowOf(receipt, spending, now));
  const widths = [0, 1, 2, 3, 4].map((column) => largestOf(rows.map(({ cells }) => lengthOf(cells[column] ?? ''))));
  const months = new Set(newest.map((receipt) => monthOf(startOf(receipt))));
  const sections = [...months].map((month) => {
    const own = rows.filter(({ at }) => monthOf(at) === month);
    return `${headOf(month, own, receipts, spending)}\n\n${own.map((row) => drawn(row, widths)).join('')}`;
  });
  const introduction = l10n.t(
    'Your sessions, newest first. Costs are estimates from list prices; your invoice may differ.',
  );
  return [`${title}\n`, `${introduction}\n`, ...sections].join('\n');
}

function aboutEmpty(): string {
  return l10n.t(
    'Each of your sessions will be listed here: when it ran, on which machine and GPU, how long, about what it cost, and who ended it and why.',
  );
}

/** `ended by you`, `time ran out`. */
export function endText(receipt: Receipt): string {
  const end = whyEnded(receipt) ?? l10n.t('running');
  return receipt.closed?.source === 'seen' ? l10n.t('{0} (end time estimated)', end) : end;
}

/** The same without the note on estimates; undefined while it runs. */
export function whyEnded({ closed, askedToEnd, notStarted }: Receipt): string | undefined {
  if (!closed) return undefined;
  const isAsked = closed.why === askedToEnd?.by && closed.why !== 'you';
  const reason = isAsked ? askedText(askedToEnd) : notStarted && reasonText(notStarted);
  if (isCanceled({ closed, askedToEnd })) return l10n.t('Start canceled');
  if (closed.why === 'you' && askedToEnd?.byAgent) return l10n.t('ended by an agent');
  // The reason already names the rule that ended the session.
  const how = howEnded(isAsked ? 'guardian' : closed.why);
  return reason === undefined ? howEnded(closed.why) : l10n.t('{0}: {1}', how, reason);
}

/** The user ended it before it was ready. Without a container, the bill says that it began when it ended. */
export function isCanceled({ closed, askedToEnd }: Pick<Receipt, 'closed' | 'askedToEnd'>): boolean {
  return closed?.why === 'you' && (askedToEnd?.isUnready === true || closed.startedAt === closed.endedAt);
}

function howEnded(why: Closed['why']): string {
  switch (why) {
    case 'you':
      return l10n.t('ended by you');
    case 'idle':
      return l10n.t('ended automatically when idle');
    case 'finished':
    case 'atTime':
      return l10n.t('{0}: {1}', howEnded('guardian'), askedText({ by: why }) ?? '');
    case 'guardian':
      return l10n.t('ended automatically');
    case 'deadline':
      return l10n.t('time ran out');
    case 'failedToStart':
      return l10n.t('failed to start');
    case 'elsewhere':
      return l10n.t('ended elsewhere');
    case 'lost':
      return l10n.t('ended while VS Code was closed');
  }
}

/** The server's words, made safe to show. */
export function reasonText({ reason }: NotStarted): string {
  return plainText(reason, MOST_OF_REASON);
}

/** Why its end was requested: `idle for 12 min`. */
export function askedText({ by, idleMinutes }: Pick<AskedToEnd, 'by' | 'idleMinutes'>): string | undefined {
  switch (by) {
    case 'you':
      return l10n.t('you asked for it');
    case 'idle':
      return idleMinutes === undefined ? undefined : l10n.t('idle for {0}', minutesText(idleMinutes));
    case 'finished':
      return l10n.t('its queue was empty');
    case 'atTime':
      return l10n.t('it reached the time you set');
    case 'guardian':
      return undefined;
  }
}

function whyKept(why: WhyKept): string {
  switch (why) {
    case 'rendering':
      return l10n.t('it was rendering');
    case 'asked':
      return l10n.t('you kept it');
    case 'lease':
      return l10n.t('it was on a lease and in use');
  }
}

/** `kept alive: it was rendering, you kept it`; undefined if it was not kept. */
function keptText({ kept }: Receipt): string | undefined {
  if (kept.length === 0) return undefined;
  return l10n.t('kept alive: {0}', listText(kept.map(whyKept).sort()));
}

/** `extended 15 min by you, extended 10 min automatically`; undefined if its end was never moved. */
export function movesText({ moved }: Receipt): string | undefined {
  const byAgent = moved.filter((move) => move.byAgent);
  const others = moved.filter((move) => !move.byAgent);
  const parts = (['you', 'guardian', 'elsewhere'] as const).flatMap((who) => {
    const minutes = minutesMoved(others, who);
    return minutes === 0 ? [] : [moveText(minutes, who)];
  });
  const minutes = minutesMoved(byAgent, 'you');
  if (minutes > 0) parts.push(l10n.t('extended {0} by an agent', minutesText(minutes)));
  return parts.length === 0 ? undefined : parts.join(', ');
}

function moveText(minutes: number, who: Moved['by']): string {
  const length = minutesText(Math.abs(minutes));
  if (minutes < 0) return l10n.t('shortened {0}', length);
  switch (who) {
    case 'you':
      return l10n.t('extended {0} by you', length);
    case 'guardian':
      return l10n.t('extended {0} automatically', length);
    case 'elsewhere':
      return l10n.t('extended {0} elsewhere', length);
  }
}

export function minutesMoved(moved: Receipt['moved'], who: Moved['by']): number {
  return moved.filter(({ by }) => by === who).reduce((sum, { minutes }) => sum + minutes, 0);
}

interface Row {
  readonly at: number;
  readonly ms: number;
  readonly cells: readonly string[];
  /** Details for a second line. */
  readonly more: string | undefined;
}

function rowOf(receipt: Receipt, spending: Pick<Spending, 'of'>, now: number): Row {
  const { opened, closed } = receipt;
  const at = startOf(receipt);
  const ms = Math.max(0, (closed?.endedAt ?? now) - at);
  const cost = closed ? costOfReceipt(receipt) : spending.of(opened.sessionId);
  const started = opened.byAgent ? l10n.t('started by an agent') : undefined;
  const more = [started, movesText(receipt), keptText(receipt)].filter((part) => part !== undefined).join('; ');
  const machine = (opened.machine ?? unlistedMachine()).replace(/\s+/g, ' ');
  const cells = [
    dateAndTime(at),
    shortened(machine),
    shortened(opened.gpu),
    lasted(ms),
    cost === undefined || (cost === 0n && opened.price === undefined) ? l10n.t('price unknown') : about(cost),
    endText(receipt),
  ];
  return { at, ms, cells, more: more === '' ? undefined : more };
}

function headOf(month: number, rows: readonly Row[], receipts: Receipts, spending: Totals): string {
  const ms = rows.reduce((sum, row) => sum + row.ms, 0);
  const isNow = month === spending.monthStart;
  const cost = isNow ? spending.month : totalOf(closedStretches(receipts), month, nextMonth(month));
  const [name, length, sum] = [monthAndYear(month), lasted(ms), about(cost)];
  return rows.length === 1
    ? l10n.t('{0}: 1 session, {1}, {2}', name, length, sum)
    : l10n.t('{0}: {1} sessions, {2}, {3}', name, rows.length, length, sum);
}

function drawn({ cells, more }: Row, widths: readonly number[]): string {
  const line = cells.map((cell, column) => padded(cell, widths[column] ?? 0)).join('   ');
  const indent = ' '.repeat((widths[0] ?? 0) + 5);
  return `  ${line.trimEnd()}\n${more === undefined ? '' : `${indent}${more}\n`}`;
}

function padded(text: string, width: number): string {
  return `${text}${' '.repeat(Math.max(0, width - lengthOf(text)))}`;
}

function shortened(name: string): string {
  return cutInTheMiddle(name, WIDEST);
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}
