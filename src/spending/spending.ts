import { latestStart, type Prices, type SessionId } from '../comfydeploy/model';
import { allOwn, isStale, type Ready, type Snapshot } from '../sessions/snapshot';
import { perList } from '../platform/lists';
import { costOf } from './cost';
import { costOfReceipt, startOf, type Receipt, type Receipts } from './receipts';

/** What one session costs. Billionths of a dollar. */
export interface Accrual {
  readonly soFar: bigint;
  /** From now to its end; 0 without an end. */
  readonly ahead: bigint;
}

/** What the user's own sessions cost by list prices: an estimate. Billionths of a dollar; days and months are local. */
export interface Spending {
  /** The start of today and of this month, ms. */
  readonly dayStart: number;
  readonly monthStart: number;
  readonly today: bigint;
  readonly month: bigint;
  /** What live sessions will add to them by their ends. */
  readonly aheadToday: bigint;
  readonly aheadMonth: bigint;
  readonly sessions: ReadonlyMap<SessionId, Accrual>;
  /** Cost so far; 0 if not known. */
  readonly of: (id: SessionId) => bigint;
  /** Whether something without a known price is left out. */
  readonly isPartial: boolean;
  /** Credit left, as the server last showed it. */
  readonly balance: bigint | undefined;
  /** When the prices in use were fetched, local clock, ms. */
  readonly pricesAsOf: number | undefined;
}

/** A cost spread evenly over a period of time, ms; undefined without a known price. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly cost: bigint | undefined;
}

/** The part of it between two times. The parts of adjacent periods add up to the whole exactly. */
export function partOf(stretch: Stretch, start: number, end: number): bigint {
  if (end <= start) return 0n;
  const { from, to, cost = 0n } = stretch;
  const isWithin = start <= from && from < end && to <= end;
  // nearly all are: arithmetic with BigInt is slow
  return isWithin ? cost : costBy(stretch, end) - costBy(stretch, start);
}

function costBy({ from, to, cost = 0n }: Stretch, at: number): bigint {
  if (at <= from) return 0n;
  return at >= to ? cost : (cost * BigInt(Math.round(at - from))) / BigInt(Math.round(to - from));
}

export function totalOf(stretches: readonly Stretch[], start: number, end: number): bigint {
  let sum = 0n;
  for (const stretch of stretches) if (stretch.cost !== undefined) sum += partOf(stretch, start, end);
  return sum;
}

/** The costs of all sessions that are over. */
export function closedStretches(receipts: Receipts): readonly Stretch[] {
  return [...receipts.values()].flatMap((receipt) => {
    const { closed } = receipt;
    return closed ? [{ from: startOf(receipt), to: closed.endedAt, cost: costOfReceipt(receipt) }] : [];
  });
}

export interface Live extends Pick<Billed, 'id' | 'gpu' | 'use'> {
  /** Up to now, and from now on. */
  readonly past: Stretch;
  readonly ahead: Stretch;
}

/**
 * Own sessions that are billed now. A session that is no longer shown but not proven gone counts up to its end.
 * @param now server time, ms.
 */
export function liveStretches(
  snapshot: Snapshot,
  receipts: Receipts,
  prices: Prices | undefined,
  now: number,
): readonly Live[] {
  const shown = snapshot.kind === 'ready' ? shownOf(snapshot, receipts, now) : [];
  const ids = new Set(shown.map(({ id }) => id));
  const hidden = openIn(receipts)
    .filter(({ opened }) => !ids.has(opened.sessionId))
    .map(hiddenOf);
  return [...shown, ...hidden].map(({ id, gpu, use, price = prices?.get(gpu), from, end, isSure }) => {
    const to = Math.max(from, isSure ? now : Math.min(now, end ?? now));
    const cost = (ms: number) => (price === undefined ? undefined : costOf(price, ms));
    const last = Math.max(to, end ?? to);
    const ahead = { from: to, to: last, cost: cost(last - to) };
    return { id, gpu, use, past: { from, to, cost: cost(to - from) }, ahead };
  });
}

const openIn = perList((receipts: Receipts) => [...receipts.values()].filter(({ closed }) => !closed));

interface Billed {
  readonly id: SessionId;
  readonly gpu: string;
  /** What it does, where that is sure. */
  readonly use?: 'starting' | 'leaked' | undefined;
  readonly price: number | undefined;
  readonly from: number;
  readonly end: number | undefined;
  /** The server still shows it, so it may run beyond its end. */
  readonly isSure: boolean;
}

function shownOf(ready: Ready, receipts: Receipts, now: number): readonly Billed[] {
  const isSure = !isStale(ready);
  const shown: Billed[] = [];
  for (const session of allOwn(ready)) {
    const receipt = receipts.get(session.id);
    const leak = session.phase === 'ending' && session.doubt?.kind === 'leaked' ? session.doubt : undefined;
    if (receipt?.closed && !leak) continue;
    const { id, gpu } = session;
    const from = leak?.startedAt ?? session.createdAt ?? receipt?.opened.createdAt ?? latestStart(session, now);
    const end = 'endsAt' in session ? session.endsAt : leak?.until;
    const use = leak ? 'leaked' : session.phase === 'starting' ? 'starting' : undefined;
    shown.push({ id, gpu, use, price: receipt?.opened.price, from, end, isSure });
  }
  return shown;
}

function hiddenOf({ opened, endsAt: end }: Receipt): Billed {
  const { sessionId: id, gpu, price, createdAt: from } = opened;
  return { id, gpu, price, from, end: end ?? from, isSure: false };
}
