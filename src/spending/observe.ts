import type { MachineEvent } from '../comfydeploy/wire';
import {
  latestStart,
  type Machine,
  type MachineId,
  type Prices,
  type Session,
  type SessionId,
} from '../comfydeploy/model';
import { isByDeadline, isSameEnd } from '../sessions/deadline';
import { idsOf, isOwn, type Ended, type Ready } from '../sessions/snapshot';
import {
  isFarBefore,
  writtenCost,
  type Closed,
  type Opened,
  type Receipt,
  type ReceiptEvent,
  type Receipts,
  type WhyKept,
} from './receipts';
import type { Usage } from './usages';
import { perList } from '../platform/lists';
import { BILLIONTHS, DAY, MINUTE } from '../platform/units';

/** The platform stops a container after a day, whatever the deadline of its session, ms. */
const LONGEST = DAY;

export interface Known {
  /** Server time, ms. */
  readonly now: number;
  readonly prices: Prices | undefined;
  /** What a session was seen doing. */
  readonly usageOf?: (id: SessionId) => Usage | undefined;
  /** Whether this window saw its start fail. */
  readonly hasFailed?: (id: SessionId) => boolean;
}

/** What the sessions show that no receipt contains yet. */
export function observed(
  sessions: readonly Session[],
  { account, machines }: Pick<Ready, 'account' | 'machines'>,
  receipts: Receipts,
  known: Known,
): readonly ReceiptEvent[] {
  const names = namesOf(machines);
  return sessions.flatMap((session) => {
    if (!isOwn(account, session)) return [];
    const receipt = receipts.get(session.id);
    const opened = openedOf(session, names, known);
    return receipt ? newsOf(session, receipt, opened, known.now) : [opened];
  });
}

const namesOf = perList(
  (machines: readonly Machine[]): ReadonlyMap<MachineId, string> => new Map(machines.map(({ id, name }) => [id, name])),
);

/** The opening of a session that was seen but ended before it was recorded. */
export function missedOpening({ account, machines }: Ready, session: Session, known: Known): readonly ReceiptEvent[] {
  return isOwn(account, session) ? [openedOf(session, namesOf(machines), known)] : [];
}

/** Who moved an end, and why if it was not the user. */
export type MovedBy =
  | { readonly by: 'you'; readonly why?: undefined; readonly byAgent?: true }
  | { readonly by: 'guardian'; readonly why: WhyKept };

/** The move of an end; empty if the end is already there. */
export function movedTo(
  session: Session,
  receipt: Receipt,
  { now, ...moved }: MovedBy & { readonly now: number },
): readonly ReceiptEvent[] {
  if (!('endsAt' in session)) return [];
  const { id: sessionId, endsAt } = session;
  // Another window may have recorded the move before it was known who made it.
  const seen = receipt.moved.find((move) => move.endsAt === endsAt);
  const minutes = seen?.minutes ?? minutesBetween(receipt.endsAt, endsAt);
  if (minutes === 0) return [];
  return [{ ...moved, kind: 'moved', sessionId, at: now, minutes, endsAt }];
}

/** The closing before the server's own row is known: the session ended when it was missed, or at its deadline. */
export function closedAsSeen(receipt: Receipt, why: Closed['why'], { now, prices, usageOf }: Known): Closed {
  const { sessionId, createdAt, gpu, price = prices?.get(gpu) } = receipt.opened;
  const endedAt = Math.max(createdAt, Math.min(now, receipt.endsAt ?? createdAt + LONGEST, createdAt + LONGEST));
  const cost = writtenCost(price, createdAt, endedAt);
  const known = knownOf(cost, usageOf?.(sessionId));
  return { kind: 'closed', sessionId, at: now, endedAt, source: 'seen', why, ...known };
}

/** The closing according to the server's bill; what never started costs nothing. */
export function closedAsBilled(
  receipt: Receipt,
  row: MachineEvent & { readonly endedAt: number },
  { now, prices, usageOf, hasFailed }: Known,
): Closed {
  const { sessionId, createdAt, gpu, price = prices?.get(gpu) } = receipt.opened;
  const endedAt = withSeconds(row.endedAt, receipt.closed?.endedAt ?? receipt.endsAt);
  // Equal in the row means equal here: a session that never ran has the same start and end.
  const { startedAt: start = row.endedAt } = row;
  const startedAt = start === row.endedAt ? endedAt : Math.min(withSeconds(start, createdAt), endedAt);
  const reckoned = writtenCost(price, startedAt, endedAt);
  const cost = trusted(row.cost, reckoned) ?? reckoned;
  const seen = receipt.closed && receipt.closed.why !== 'lost' ? receipt.closed.why : whyAt(receipt, endedAt);
  const why = seen === 'elsewhere' && hasFailed?.(sessionId) ? 'failedToStart' : seen;
  const known = knownOf(cost, usageOf?.(sessionId));
  return { kind: 'closed', sessionId, at: now, startedAt, endedAt, source: 'billed', why, ...known };
}

function knownOf(cost: string | undefined, used: Usage | undefined): Pick<Closed, 'cost' | 'used'> {
  return { ...(cost === undefined ? {} : { cost }), ...(used ? { used } : {}) };
}

/** Who requested the end, if anyone did. An end that nobody saw may have come from the deadline. */
export function whyOf(receipt: Receipt, why: Ended['why'], now: number): Closed['why'] {
  switch (why) {
    case 'asked':
      return receipt.askedToEnd?.by ?? 'you';
    case 'elsewhere':
      return receipt.askedToEnd?.by ?? whyAt(receipt, now);
    case 'deadline':
    case 'failedToStart':
      return why;
  }
}

/** The reason when nobody saw the end. */
function whyAt({ endsAt, askedToEnd }: Receipt, endedAt: number): Closed['why'] {
  if (endsAt !== undefined && isByDeadline(endsAt, endedAt)) return 'deadline';
  return askedToEnd?.by ?? 'elsewhere';
}

/** The server omits the seconds of a time without a fraction: then the nearest known time in that minute is used. */
function withSeconds(at: number, seen = at): number {
  return at % MINUTE === 0 ? Math.min(Math.max(seen, at), at + MINUTE - 1) : at;
}

/**
 * The unit of the server's figure is not documented: it is used only if it is close to our own. Billionths of a dollar.
 */
function trusted(dollars: number | undefined, reckoned: string | undefined): string | undefined {
  if (dollars === undefined || !(dollars > 0) || reckoned === undefined) return undefined;
  const reported = Math.round(dollars * BILLIONTHS);
  const ours = Number(reckoned);
  return Number.isSafeInteger(reported) && reported > ours / 4 && reported < ours * 4 ? reported.toString() : undefined;
}

function newsOf(session: Session, receipt: Receipt, opened: Opened, now: number): readonly ReceiptEvent[] {
  const { endsAt, opened: known } = receipt;
  for (const key in opened) if (!(key in known)) return [opened];
  if (isFarBefore(opened.createdAt, known.createdAt)) return [opened];
  if (!('endsAt' in session) || endsAt === undefined || isSameEnd(session.endsAt, endsAt)) return [];
  const minutes = minutesBetween(endsAt, session.endsAt);
  return [{ kind: 'moved', sessionId: session.id, at: now, by: 'elsewhere', minutes, endsAt: session.endsAt }];
}

function openedOf(session: Session, names: ReadonlyMap<MachineId, string>, { prices, now }: Known): Opened {
  const { id: sessionId, gpuEventId, machineId, gpu } = session;
  const machine = machineId && names.get(machineId);
  const price = prices?.get(gpu);
  return {
    kind: 'opened',
    sessionId,
    at: now,
    gpuEventId,
    ...(machineId === undefined ? {} : { machineId }),
    ...(machine === undefined ? {} : { machine }),
    gpu,
    ...(price === undefined ? {} : { price }),
    createdAt: latestStart(session, now),
    ...('endsAt' in session ? { endsAt: session.endsAt } : {}),
  };
}

function minutesBetween(before: number | undefined, after: number): number {
  return before === undefined ? 0 : Math.round((after - before) / MINUTE);
}

/** Sessions with an open receipt that the snapshot no longer contains. */
export function orphans({ sessions }: Ready, receipts: Receipts): readonly Receipt[] {
  return orphansOf(receipts)(sessions);
}

const orphansOf = perList((receipts: Receipts) =>
  perList((sessions: Ready['sessions']) => {
    const shown = new Set(idsOf(sessions));
    return [...receipts.values()].filter(({ opened, closed }) => !closed && !shown.has(opened.sessionId));
  }),
);

/** Receipts closed from what was seen, without the server's own row. */
export const estimatesIn = perList((receipts: Receipts) =>
  [...receipts.values()].filter(({ closed }) => closed?.source === 'seen'),
);
