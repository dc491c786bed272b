import { costOfReceipt, newestFirst, startOf, type Receipt, type Receipts } from '../money/receipts';
import { minutesMoved } from './historyText';

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

/** The history as RFC 4180 has it, newest first; times are UTC. Running sessions have no end and no cost yet. */
export function historyCsv(receipts: Receipts): string {
  return [HEAD, ...newestFirst(receipts).map(cellsOf)].map((cells) => `${cells.join(',')}\r\n`).join('');
}

function cellsOf(receipt: Receipt): readonly string[] {
  const { opened, closed, askedToEnd, moved, kept } = receipt;
  const start = startOf(receipt);
  const cost = costOfReceipt(receipt);
  return [
    new Date(start).toISOString(),
    closed ? new Date(closed.endedAt).toISOString() : '',
    cell(opened.machine ?? ''),
    cell(opened.gpu),
    closed ? ((closed.endedAt - start) / 60_000).toFixed(2) : '',
    cost === undefined ? '' : decimal(cost),
    closed?.why ?? '',
    cell(askedToEnd?.why ?? ''),
    cell(kept.join('; ')),
    minutesMoved(moved, 'you').toString(),
    minutesMoved(moved, 'guardian').toString(),
    minutesMoved(moved, 'elsewhere').toString(),
    closed?.source ?? '',
    cell(opened.sessionId),
    cell(opened.gpuEventId),
  ];
}

/** Names come from the server: none may become a formula in a spreadsheet, or break out of its cell. */
function cell(text: string): string {
  const safe = /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
}

/** Dollars, to the billionth. */
function decimal(billionths: bigint): string {
  const text = billionths.toString().padStart(10, '0');
  return `${text.slice(0, -9)}.${text.slice(-9)}`;
}
