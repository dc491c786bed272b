import {
  costOfReceipt,
  newestFirst,
  startOf,
  type AskedToEnd,
  type Closed,
  type Receipt,
  type Receipts,
  type WhyKept,
} from './receipts';
import { minutesMoved, reasonText } from './historyText';
import { cell, csvOf } from '../platform/csv';
import { MINUTE } from '../platform/units';

const HEAD = [
  'started',
  'ended',
  'machine',
  'gpu',
  'minutes',
  'cost_usd',
  'ended_by',
  'why',
  'kept_alive',
  'extended_by_you',
  'extended_by_guardian',
  'extended_elsewhere',
  'source',
  'session',
  'gpu_event',
];

/* eslint-disable texts/marked -- the same in every language: programs read it */
const ENDED_BY: Readonly<Record<Closed['why'], string>> = {
  you: 'you',
  idle: 'idle',
  finished: 'finished',
  atTime: 'at a time',
  guardian: 'guardian',
  deadline: 'deadline',
  failedToStart: 'failed to start',
  elsewhere: 'elsewhere',
  lost: 'lost',
};

const SOURCE: Readonly<Record<Closed['source'], string>> = { billed: 'billing row', seen: 'seen' };

const KEPT: Readonly<Record<WhyKept, string>> = {
  rendering: 'it was rendering',
  asked: 'you kept it',
  lease: 'it was on a lease and in use',
};

function whyAsked({ by, idleMinutes }: AskedToEnd): string | undefined {
  switch (by) {
    case 'you':
      return 'you asked for it';
    case 'idle':
      return idleMinutes === undefined ? undefined : `idle for ${idleMinutes} min`;
    case 'finished':
      return 'its queue was empty';
    case 'atTime':
      return 'it reached the time you set';
    case 'guardian':
      return undefined;
  }
}
/* eslint-enable texts/marked */

/** The history as CSV (RFC 4180), newest first, times in UTC. Running sessions have neither an end nor a cost yet. */
export function historyCsv(receipts: Receipts): string {
  return csvOf([HEAD, ...newestFirst(receipts).map(cellsOf)]);
}

function cellsOf(receipt: Receipt): readonly string[] {
  const { opened, closed, askedToEnd, notStarted, moved, kept } = receipt;
  const start = startOf(receipt);
  const cost = costOfReceipt(receipt);
  return [
    new Date(start).toISOString(),
    closed ? new Date(closed.endedAt).toISOString() : '',
    cell(opened.machine ?? ''),
    cell(opened.gpu),
    closed ? ((closed.endedAt - start) / MINUTE).toFixed(2) : '',
    cost === undefined ? '' : decimal(cost),
    closed ? (closed.why === 'you' && askedToEnd?.byAgent ? 'agent' : ENDED_BY[closed.why]) : '',
    cell((askedToEnd && whyAsked(askedToEnd)) ?? (notStarted && reasonText(notStarted)) ?? ''),
    kept
      .map((why) => KEPT[why])
      .sort()
      .join('; '),
    minutesMoved(moved, 'you').toString(),
    minutesMoved(moved, 'guardian').toString(),
    minutesMoved(moved, 'elsewhere').toString(),
    closed ? SOURCE[closed.source] : '',
    cell(opened.sessionId),
    cell(opened.gpuEventId),
  ];
}

/** Dollars with nine decimal places. */
function decimal(billionths: bigint): string {
  const text = billionths.toString().padStart(10, '0');
  return `${text.slice(0, -9)}.${text.slice(-9)}`;
}
