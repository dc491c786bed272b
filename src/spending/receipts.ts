import * as z from 'zod/mini';
import { MachineId, SessionId } from '../comfydeploy/model';
import { EndReason } from '../sessions/preferences';
import { costOf } from './cost';
import { MINUTE } from '../platform/units';

/** Characters. */
export const MOST_OF_REASON = 200;

/** Server time, ms. What no date can be would break whatever is shown of all receipts. */
const Time = z.lazy(() => z.number().check(z.minimum(0), z.maximum(8.64e15)));

/** `at` is when it happened as far as is known. */
const about = { sessionId: SessionId, at: Time };

/** Why a session was kept alive: it was rendering, the user kept it, or it was on a lease and in use. */
const WhyKept = z.lazy(() => z.literal(['rendering', 'asked', 'lease']));
export type WhyKept = z.infer<typeof WhyKept>;

/** The user, a reason to end automatically, or the guardian where the reason is not known. */
const EndedBy = z.lazy(() => z.union([z.literal(['you', 'guardian']), EndReason]));
export type EndedBy = z.infer<typeof EndedBy>;

/**
 * What is written down about the user's own sessions: codes and numbers, whose words are made when they are shown.
 * Holds neither a key nor an address.
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
      price: z.optional(z.number()),
      createdAt: Time,
      endsAt: z.optional(Time),
    }),
    /** Its end was moved to `endsAt`; old machines keep none. */
    z.object({
      kind: z.literal('moved'),
      ...about,
      by: z.literal(['you', 'guardian', 'elsewhere']),
      minutes: z.number(),
      endsAt: z.optional(Time),
      why: z.optional(WhyKept),
    }),
    z.object({ kind: z.literal('kept'), ...about, why: WhyKept }),
    z.object({
      kind: z.literal('askedToEnd'),
      ...about,
      by: EndedBy,
      /** How long it had been idle. */
      idleMinutes: z.optional(z.number()),
    }),
    /** Why it did not start, in the server's words: the revealing line of its log. */
    z.object({ kind: z.literal('notStarted'), ...about, reason: z.string().check(z.maxLength(MOST_OF_REASON)) }),
    z.object({
      kind: z.literal('closed'),
      ...about,
      startedAt: z.optional(Time),
      endedAt: Time,
      /** Billionths of a dollar, as text: no JSON number holds them all. */
      cost: z.optional(z.string()),
      /** `seen` is an estimate: the server's own row was not to be had. */
      source: z.literal(['billed', 'seen']),
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

/** What is known of one session from its first sight to its end. */
export interface Receipt {
  readonly opened: Opened;
  /** Where its end is now, server time, ms; undefined where the server keeps none. */
  readonly endsAt: number | undefined;
  /** In the order they were made, each new end once. */
  readonly moved: readonly Moved[];
  /** Why it was kept alive, each reason once. */
  readonly kept: readonly WhyKept[];
  readonly askedToEnd: AskedToEnd | undefined;
  /** Why it did not start, as far as its log said. */
  readonly notStarted: NotStarted | undefined;
  readonly closed: Closed | undefined;
}

export type Receipts = ReadonlyMap<SessionId, Receipt>;

/**
 * What the events come to. Windows write the same thing twice and in any order: each event counts once, at its time.
 * What is told of a session that nobody saw begin says too little to be shown.
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

/** When it began to be billed, as far as is known, server time, ms. */
export function startOf({ opened, closed }: Receipt): number {
  return closed?.startedAt ?? opened.createdAt;
}

export function newestFirst(receipts: Receipts): readonly Receipt[] {
  return [...receipts.values()].sort((a, b) => b.opened.createdAt - a.opened.createdAt);
}

/** Billionths of a dollar; undefined while it runs, or where its price is unknown. */
export function costOfReceipt({ closed }: Receipt): bigint | undefined {
  return closed?.cost !== undefined && /^\d{1,30}$/.test(closed.cost) ? BigInt(closed.cost) : undefined;
}

/** The cost as it is written down, by the price at the beginning. */
export function writtenCost(price: number | undefined, from: number, to: number): string | undefined {
  return price === undefined ? undefined : costOf(price, to - from).toString();
}

/** As they happened; what was written twice, once. */
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
  const closed = events.filter((event) => event.kind === 'closed');
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
    closed: closedOf(closed, notStarted ? 'failedToStart' : askedToEnd?.by),
  };
}

/** Nobody saw why it ended. */
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
 * The server corrects its figures: of what runs on although it was closed, the end is known last.
 * @param why it ended, as far as anybody knows who did not see it end.
 */
function closedOf(events: readonly Closed[], why: Closed['why'] | undefined): Closed | undefined {
  const closed = events.findLast(({ source }) => source === 'billed') ?? events[0];
  if (!closed || !isUnseen(closed)) return closed;
  // Whoever saw its start fail knows better than who only missed it.
  const known = events.some((event) => event.why === 'failedToStart') ? 'failedToStart' : why;
  return known === undefined ? closed : { ...closed, why: known };
}

/** As it was first seen, with what only a later look could tell. */
function openedOf(events: readonly Opened[]): Opened | undefined {
  return events.reduce<Opened | undefined>((known, later) => (known ? together(known, later) : later), undefined);
}

function together(known: Opened, later: Opened): Opened {
  const whole = { ...later, ...known };
  return isFarBefore(later.createdAt, known.createdAt) ? { ...whole, createdAt: later.createdAt } : whole;
}

/** Times without their seconds lie up to a minute before what they tell; what is further apart was only guessed before. */
export function isFarBefore(one: number, other: number): boolean {
  return other - one > MINUTE;
}

/** Who moves an end knows why; whoever only sees it moved, in another window or before, cannot know. */
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
