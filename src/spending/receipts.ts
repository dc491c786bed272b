import * as z from 'zod/mini';
import { MachineId, SessionId } from '../comfydeploy/model';
import { EndReason } from '../sessions/preferences';
import { costOf } from './cost';
import { totalOf, Usage } from './usages';
import { MINUTE } from '../platform/units';

/** Characters. */
export const MOST_OF_REASON = 200;

/** Server time, ms. Limited to valid dates: an invalid one would break the whole history. */
const Time = z.lazy(() => z.number().check(z.minimum(0), z.maximum(8.64e15)));

/** `at` is when it happened, as far as known. */
const about = { sessionId: SessionId, at: Time };

/** A tool that an agent used did it, for the user. Windows of other versions ignore this. */
const byAgent = z.lazy(() => z.optional(z.boolean()));

/** Why a session was kept alive: it was rendering, the user kept it, or it was on a lease and in use. */
const WhyKept = z.lazy(() => z.literal(['rendering', 'asked', 'lease']));
export type WhyKept = z.infer<typeof WhyKept>;

/** The user, a reason for an automatic end, or `guardian` if the reason is not known. */
const EndedBy = z.lazy(() => z.union([z.literal(['you', 'guardian']), EndReason]));
export type EndedBy = z.infer<typeof EndedBy>;

/**
 * What is recorded about the user's own sessions: codes and numbers, which become words when shown. Contains neither a
 * key nor an address.
 */
export const ReceiptEvent = z.lazy(() =>
  z.union([
    z.object({
      kind: z.literal('opened'),
      ...about,
      gpuEventId: z.string(),
      machineId: z.optional(MachineId),
      machine: z.optional(z.string()),
      gpu: z.string(),
      /** Billionths of a dollar per second. */
      price: z.optional(z.number().check(z.minimum(0))),
      createdAt: Time,
      endsAt: z.optional(Time),
      byAgent,
    }),
    /** Its end was moved to `endsAt`, which is missing for old machines: they have none. */
    z.object({
      kind: z.literal('moved'),
      ...about,
      by: z.literal(['you', 'guardian', 'elsewhere']),
      minutes: z.number(),
      endsAt: z.optional(Time),
      why: z.optional(WhyKept),
      byAgent,
    }),
    z.object({ kind: z.literal('kept'), ...about, why: WhyKept }),
    z.object({
      kind: z.literal('askedToEnd'),
      ...about,
      by: EndedBy,
      /** It had no page yet. */
      isUnready: z.optional(z.boolean()),
      /** Minutes for which it had been idle. */
      idleMinutes: z.optional(z.number()),
      byAgent,
    }),
    /** Why it did not start, in the server's words: the line of its log that gives the reason. */
    z.object({ kind: z.literal('notStarted'), ...about, reason: z.string().check(z.maxLength(MOST_OF_REASON)) }),
    /** It was taken for closed, and the bill showed that its container runs: what was closed before does not count. */
    z.object({ kind: z.literal('runsOn'), ...about }),
    z.object({
      kind: z.literal('closed'),
      ...about,
      startedAt: z.optional(Time),
      endedAt: Time,
      /** Billionths of a dollar, as text, since a JSON number cannot hold them all. */
      cost: z.optional(z.string()),
      /** `seen` is an estimate: the server's own row was not available. */
      source: z.literal(['billed', 'seen']),
      used: z.optional(Usage),
      why: z.union([EndedBy, z.literal(['deadline', 'failedToStart', 'elsewhere', 'lost'])]),
    }),
  ]),
);
export type ReceiptEvent = z.infer<typeof ReceiptEvent>;
type Event<K extends ReceiptEvent['kind']> = Extract<ReceiptEvent, { readonly kind: K }>;

export type Opened = Event<'opened'>;
export type Moved = Event<'moved'>;
export type AskedToEnd = Event<'askedToEnd'>;
export type NotStarted = Event<'notStarted'>;
export type Closed = Event<'closed'>;

/** Everything known of one session from when it was first seen to its end. */
export interface Receipt {
  readonly opened: Opened;
  /** Its current end, server time, ms; undefined if the server keeps none. */
  readonly endsAt: number | undefined;
  /** In order, each new end once. */
  readonly moved: readonly Moved[];
  /** Why it was kept alive, each reason once. */
  readonly kept: readonly WhyKept[];
  readonly askedToEnd: AskedToEnd | undefined;
  /** Why it did not start, according to its log. */
  readonly notStarted: NotStarted | undefined;
  readonly closed: Closed | undefined;
  /** What it was first taken for closed by, and that it ran on. */
  readonly leak: readonly [Closed, Event<'runsOn'>] | undefined;
}

export type Receipts = ReadonlyMap<SessionId, Receipt>;

/**
 * Builds receipts from events. Windows write the same event more than once and in any order: each counts once, at its
 * time. Sessions without an opening are left out: too little is known of them.
 */
export function fold(events: readonly ReceiptEvent[]): Receipts {
  const receipts = new Map<SessionId, Receipt>();
  for (const [id, own] of bySession(events)) {
    const receipt = receiptOf(inOrder(own));
    if (receipt) receipts.set(id, receipt);
  }
  return receipts;
}

export function bySession(events: readonly ReceiptEvent[]): ReadonlyMap<SessionId, readonly ReceiptEvent[]> {
  const sessions = new Map<SessionId, ReceiptEvent[]>();
  for (const event of events) {
    const own = sessions.get(event.sessionId);
    if (own) own.push(event);
    else sessions.set(event.sessionId, [event]);
  }
  return sessions;
}

/** When billing began, as far as known, server time, ms. */
export function startOf({ opened, closed }: Receipt): number {
  return closed?.startedAt ?? opened.createdAt;
}

export function newestFirst(receipts: Receipts): readonly Receipt[] {
  return [...receipts.values()].sort((a, b) => b.opened.createdAt - a.opened.createdAt);
}

/** Billionths of a dollar; undefined while it runs or if its price is unknown. */
export function costOfReceipt({ closed }: Receipt): bigint | undefined {
  return closed?.cost !== undefined && /^\d{1,30}$/.test(closed.cost) ? BigInt(closed.cost) : undefined;
}

/** The cost as recorded, by the price at the start. */
export function writtenCost(price: number | undefined, from: number, to: number): string | undefined {
  return price === undefined ? undefined : costOf(price, to - from).toString();
}

/** By time; duplicates once. */
export function inOrder(events: readonly ReceiptEvent[]): readonly ReceiptEvent[] {
  if (events.length < 2) return events;
  const unique = new Map(events.map((event) => [JSON.stringify(event), event]));
  const sorted = [...unique].sort(([a, one], [b, other]) => one.at - other.at || (a < b ? -1 : 1));
  return sorted.map(([, event]) => event);
}

function receiptOf(events: readonly ReceiptEvent[]): Receipt | undefined {
  const opened = openedOf(events.filter((event) => event.kind === 'opened'));
  if (!opened) return undefined;
  const moved = movesOf(events.filter((event) => event.kind === 'moved'));
  const runsOn = events.findLast((event) => event.kind === 'runsOn');
  const every = events.filter((event) => event.kind === 'closed');
  const isAfter = ({ at }: Closed) => at > (runsOn?.at ?? 0);
  const closed = every.filter(isAfter);
  const before = every.findLast((event) => !isAfter(event));
  const reasons = [...events.filter((event) => event.kind === 'kept'), ...moved.filter(({ by }) => by === 'guardian')];
  const askedToEnd = events.findLast((event) => event.kind === 'askedToEnd');
  const notStarted = events.findLast((event) => event.kind === 'notStarted');
  return {
    opened,
    endsAt: moved.findLast(({ endsAt }) => endsAt !== undefined)?.endsAt ?? opened.endsAt,
    moved,
    kept: [...new Set(reasons.flatMap(({ why }) => why ?? []))].sort(),
    askedToEnd,
    notStarted,
    closed: withUsage(closedOf(closed, notStarted ? 'failedToStart' : askedToEnd?.by), every),
    leak: runsOn && before && [before, runsOn],
  };
}

/** Whether nobody saw why it ended. */
export function isUnseen({ why }: Closed): boolean {
  switch (why) {
    case 'elsewhere':
    case 'lost':
      return true;
    case 'you':
    case 'guardian':
    case 'idle':
    case 'finished':
    case 'atTime':
    case 'deadline':
    case 'failedToStart':
      return false;
  }
}

/**
 * The closing that counts: the last one from the bill, since the server corrects its figures, for example of a session
 * that runs on after it was closed.
 * @param why the reason to assume if nobody saw the end.
 */
function closedOf(events: readonly Closed[], why: Closed['why'] | undefined): Closed | undefined {
  const closed = events.findLast(({ source }) => source === 'billed') ?? events[0];
  if (!closed || !isUnseen(closed)) return closed;
  // A window that saw the start fail knows better than one that only missed the session.
  const known = events.some((event) => event.why === 'failedToStart') ? 'failedToStart' : why;
  return known === undefined ? closed : { ...closed, why: known };
}

/** Any window may have watched it; the one that saw the most counts. */
function withUsage(closed: Closed | undefined, events: readonly Closed[]): Closed | undefined {
  const [used] = events.flatMap((event) => event.used ?? []).sort((a, b) => totalOf(b) - totalOf(a));
  return closed && used ? { ...closed, used } : closed;
}

/** The opening as first seen, completed with what only later ones contain. */
function openedOf(events: readonly Opened[]): Opened | undefined {
  return events.reduce<Opened | undefined>((known, later) => (known ? together(known, later) : later), undefined);
}

function together(known: Opened, later: Opened): Opened {
  const whole = { ...later, ...known };
  return isFarBefore(later.createdAt, known.createdAt) ? { ...whole, createdAt: later.createdAt } : whole;
}

/** A time without seconds is up to a minute too early; a larger difference means that the other time was a guess. */
export function isFarBefore(one: number, other: number): boolean {
  return other - one > MINUTE;
}

/**
 * The window that moves an end knows why; one that only sees the move does not. So an explained move replaces a seen
 * one.
 */
function movesOf(events: readonly Moved[]): readonly Moved[] {
  const explained = new Set(events.filter(({ by }) => by !== 'elsewhere').map(({ endsAt }) => endsAt));
  const seen = new Set<number>();
  return events.filter(({ by, endsAt }) => {
    if (endsAt === undefined) return true;
    if (seen.has(endsAt) || (by === 'elsewhere' && explained.has(endsAt))) return false;
    seen.add(endsAt);
    return true;
  });
}

/** The length it had when it was first seen, minutes. */
export function lengthOf({ createdAt, endsAt }: Opened): number | undefined {
  return endsAt === undefined ? undefined : Math.max(1, Math.round((endsAt - createdAt) / MINUTE));
}
