import { dayOf, daysAfter, nextDay, weekOf } from './calendar';
import { isCanceled } from './historyText';
import { costOfReceipt, startOf, writtenCost, type Closed, type Receipt, type Receipts } from './receipts';
import { partOf, type Live, type Stretch } from './spending';
import { totalOf, type Doing, type Usage } from './usages';
import type { SessionId } from '../comfydeploy/model';
import { MINUTE } from '../platform/units';

/** Days in the chart, today included. */
export const DAYS = 30;

/** What a session did, as far as that is recorded; `other` is not. */
export type Use = 'starting' | Doing | 'leaked' | 'other';
/** What a session did, one after the other, each until a time, ms; the last one for the rest of it. */
export type Uses = readonly (readonly [use: 'starting' | 'idle' | 'leaked' | 'other', until: number])[];
/** Billionths of a dollar. */
export type Shares = Readonly<Record<Use, bigint>>;

export interface Day {
  readonly start: number;
  /** Billionths of a dollar, by GPU. */
  readonly gpus: ReadonlyMap<string, bigint>;
  readonly total: bigint;
}

/** What was over before its time, as somebody had asked for. */
export interface Saved {
  readonly sessions: number;
  /** How much earlier, in all. */
  readonly ms: number;
  readonly cost: bigint;
}

/**
 * What sessions on a lease saved that ended on their own: each might have been rented for as long as a lease may last,
 * at once. That only says what a lease is worth: nobody knows how long somebody would have rented otherwise.
 */
export function savedByLeases(receipts: Receipts, now: number, most: number): Saved {
  const first = daysAfter(now, 1 - DAYS);
  const leased = [...receipts.values()].filter(
    ({ moved, closed }) => closed && closed.endedAt >= first && moved.some(({ why }) => why === 'lease'),
  );
  return saved(leased, (receipt) => startOf(receipt) + most);
}

/** All sums of the page. Billionths of a dollar, estimates; days are local. */
export interface Figures {
  /** Oldest first. */
  readonly days: readonly Day[];
  /** Of these days, the dearest first. */
  readonly gpus: readonly (readonly [gpu: string, cost: bigint])[];
  readonly total: bigint;
  readonly shares: Shares;
  readonly saved: Saved;
  readonly weekStart: number;
  readonly week: bigint;
}

interface Spent extends Stretch {
  readonly gpu: string;
  readonly uses: Uses;
  /** What it was seen doing, in no known order. */
  readonly used: Usage | undefined;
}

/**
 * Adds up what all sessions of the last days have cost.
 * @param now server time, ms.
 * @param usageOf what a session that runs was seen doing.
 */
export function figuresOf(
  receipts: Receipts,
  live: readonly Live[],
  now: number,
  usageOf?: (id: SessionId) => Usage | undefined,
): Figures {
  const [first, end, weekStart] = [daysAfter(now, 1 - DAYS), nextDay(now), weekOf(now)];
  const spent = [
    ...[...receipts.values()].flatMap(spentOn),
    ...live.map((one) => spentBy(one, usageOf?.(one.id))),
  ].filter(({ from, to }) => Math.max(from, to) >= first);
  const days = Array.from({ length: DAYS }, (_, index) => dayFrom(daysAfter(first, index), spent));
  const gpus = new Map<string, bigint>();
  for (const day of days) for (const [gpu, cost] of day.gpus) add(gpus, gpu, cost);
  return {
    days,
    gpus: [...gpus].sort(([, a], [, b]) => (a < b ? 1 : -1)),
    total: sumOf(gpus.values()),
    shares: spent.map((one) => sharesOf(one, first, end)).reduce(together, NOTHING),
    saved: savedBy([...receipts.values()].filter(({ closed }) => closed && closed.endedAt >= first)),
    weekStart,
    week: sumOf(spent.map((one) => partOf(one, weekStart, end))),
  };
}

/** What it did, from the facts that its receipt has. */
export function usesOf(receipt: Receipt): Uses {
  const { closed, askedToEnd: asked, leak } = receipt;
  const leaked: Uses = leak ? [['other', leak[0].endedAt]] : [];
  const rest: Uses = [[leak ? 'leaked' : 'other', Infinity]];
  if (closed?.why === 'failedToStart' || isCanceled(receipt))
    return [['starting', leak ? leak[0].endedAt : Infinity], ...rest];
  if (asked?.by !== 'idle' || asked.idleMinutes === undefined || closed?.used) return [...leaked, ...rest];
  return [['other', asked.at - asked.idleMinutes * MINUTE], ['idle', asked.at], ...leaked, ...rest];
}

/** What a session that is over cost for each use. They add up to its cost exactly. */
export function sharesOfReceipt(receipt: Receipt): Shares {
  const [spent] = spentOn(receipt);
  return spent ? sharesOf(spent, -Infinity, Infinity) : NOTHING;
}

const NOTHING: Shares = { starting: 0n, rendering: 0n, active: 0n, idle: 0n, leaked: 0n, other: 0n };

function sharesOf(spent: Spent, start: number, end: number): Shares {
  const shares = { ...NOTHING };
  let at = start;
  /** All of what is not recorded otherwise, ms. */
  let ms = 0;
  for (const [use, until] of spent.uses) {
    const to = Math.max(at, Math.min(until, end));
    shares[use] += partOf(spent, at, to);
    if (use === 'other') ms += Math.max(0, Math.min(until, spent.to) - Math.max(spent.from, at));
    at = to;
  }
  return { ...shares, ...sharedOut(shares.other, spent.used, ms) };
}

/** By how long it was seen doing each, of the time in question, ms; the rest nobody saw. */
function sharedOut(cost: bigint, used: Usage | undefined, ms: number): Partial<Shares> {
  if (!used || ms <= 0) return {};
  const whole = Math.max(ms, totalOf(used));
  const part = (doing: Doing) => (cost * BigInt(Math.round(used[doing]))) / BigInt(Math.ceil(whole));
  const [rendering, active, idle] = [part('rendering'), part('active'), part('idle')];
  return { rendering, active, idle, other: cost - rendering - active - idle };
}

function together(one: Shares, other: Shares): Shares {
  return {
    starting: one.starting + other.starting,
    rendering: one.rendering + other.rendering,
    active: one.active + other.active,
    idle: one.idle + other.idle,
    leaked: one.leaked + other.leaked,
    other: one.other + other.other,
  };
}

function spentOn(receipt: Receipt): readonly Spent[] {
  const { opened, closed } = receipt;
  if (!closed) return [];
  const cost = costOfReceipt(receipt);
  const { gpu } = opened;
  return [{ from: startOf(receipt), to: closed.endedAt, cost, gpu, uses: usesOf(receipt), used: closed.used }];
}

function spentBy({ gpu, use, past }: Live, used: Usage | undefined): Spent {
  return { ...past, gpu, uses: [[use ?? 'other', Infinity]], used };
}

function dayFrom(start: number, spent: readonly Spent[]): Day {
  const gpus = new Map<string, bigint>();
  const end = nextDay(start);
  for (const one of spent) {
    const cost = partOf(one, start, end);
    if (cost > 0n) add(gpus, one.gpu, cost);
  }
  return { start: dayOf(start), gpus, total: sumOf(gpus.values()) };
}

function add(sums: Map<string, bigint>, key: string, cost: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + cost);
}

function sumOf(costs: Iterable<bigint>): bigint {
  let sum = 0n;
  for (const cost of costs) sum += cost;
  return sum;
}

const AUTOMATIC: Readonly<Record<Closed['why'], boolean>> = {
  idle: true,
  finished: true,
  atTime: true,
  guardian: true,
  you: false,
  deadline: false,
  failedToStart: false,
  elsewhere: false,
  lost: false,
};

/** What was ended automatically would have run on until its end. */
function savedBy(receipts: readonly Receipt[]): Saved {
  const automatic = receipts.filter(({ closed }) => closed && AUTOMATIC[closed.why]);
  return saved(automatic, ({ endsAt }) => endsAt ?? 0);
}

/** Without a price, a session is left out. */
function saved(receipts: readonly Receipt[], endOf: (receipt: Receipt) => number): Saved {
  let [sessions, ms, cost] = [0, 0, 0n];
  for (const receipt of receipts) {
    const { opened, closed } = receipt;
    const { price = 0 } = opened;
    const end = endOf(receipt);
    if (!closed || end <= closed.endedAt || price <= 0) continue;
    sessions++;
    ms += end - closed.endedAt;
    cost += BigInt(writtenCost(price, closed.endedAt, end) ?? 0);
  }
  return { sessions, ms, cost };
}
