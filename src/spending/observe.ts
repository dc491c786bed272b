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
import { perList } from '../platform/lists';
import { BILLIONTHS, DAY, MINUTE } from '../platform/units';

/** A container is stopped after a day, whatever its deadline says. */
const LONGEST = DAY;

export interface Known {
  /** Server time, ms. */
  readonly now: number;
  readonly prices: Prices | undefined;
  /** Whether this window saw its start fail. */
  readonly hasFailed?: (id: SessionId) => boolean;
}

/** What some of the account's sessions show that is in no receipt yet. */
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

/** Of a session that was seen, and was gone before it could be written down. */
export function missedOpening({ account, machines }: Ready, session: Session, known: Known): readonly ReceiptEvent[] {
  return isOwn(account, session) ? [openedOf(session, namesOf(machines), known)] : [];
}

/** Who moved an end, and why where that is not the user's own affair. */
export type MovedBy =
  { readonly by: 'you'; readonly why?: undefined } | { readonly by: 'guardian'; readonly why: WhyKept };

/** Moved by whom, and to where; nothing where the end is there already. */
export function movedTo(
  session: Session,
  receipt: Receipt,
  { by, why, now }: MovedBy & { readonly now: number },
): readonly ReceiptEvent[] {
  if (!('endsAt' in session)) return [];
  const { id: sessionId, endsAt } = session;
  // Another window may have seen the end move before it was told who moved it.
  const seen = receipt.moved.find((move) => move.endsAt === endsAt);
  const minutes = seen?.minutes ?? minutesBetween(receipt.endsAt, endsAt);
  if (minutes === 0) return [];
  return [{ kind: 'moved', sessionId, at: now, by, minutes, endsAt, ...(why === undefined ? {} : { why }) }];
}

/** Before the server's own row is known: it was gone when it was missed, or by its deadline. */
export function closedAsSeen(receipt: Receipt, why: Closed['why'], { now, prices }: Known): Closed {
  const { sessionId, createdAt, gpu, price = prices?.get(gpu) } = receipt.opened;
  const endedAt = Math.max(createdAt, Math.min(now, receipt.endsAt ?? createdAt + LONGEST, createdAt + LONGEST));
  const cost = writtenCost(price, createdAt, endedAt);
  return { kind: 'closed', sessionId, at: now, endedAt, source: 'seen', why, ...(cost === undefined ? {} : { cost }) };
}

/** As the server bills it; nothing was billed of what never started. */
export function closedAsBilled(
  receipt: Receipt,
  row: MachineEvent & { readonly endedAt: number },
  { now, prices, hasFailed }: Known,
): Closed {
  const { sessionId, createdAt, gpu, price = prices?.get(gpu) } = receipt.opened;
  const endedAt = withSeconds(row.endedAt, receipt.closed?.endedAt ?? receipt.endsAt);
  // Written alike, they are alike: what never ran is closed as of one moment.
  const { startedAt: start = row.endedAt } = row;
  const startedAt = start === row.endedAt ? endedAt : Math.min(withSeconds(start, createdAt), endedAt);
  const reckoned = writtenCost(price, startedAt, endedAt);
  const cost = trusted(row.cost, reckoned) ?? reckoned;
  const seen = receipt.closed && receipt.closed.why !== 'lost' ? receipt.closed.why : whyAt(receipt, endedAt);
  const why = seen === 'elsewhere' && hasFailed?.(sessionId) ? 'failedToStart' : seen;
  const times = { at: now, startedAt, endedAt };
  return { kind: 'closed', sessionId, ...times, source: 'billed', why, ...(cost === undefined ? {} : { cost }) };
}

/** Who asked for the end where it was asked for. What ended while nobody looked may have had its time. */
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

/** Nobody was there to see it end. */
function whyAt({ endsAt, askedToEnd }: Receipt, endedAt: number): Closed['why'] {
  if (endsAt !== undefined && isByDeadline(endsAt, endedAt)) return 'deadline';
  return askedToEnd?.by ?? 'elsewhere';
}

/** The server leaves out the seconds of a time that has no fraction: then the nearest we know of in that minute counts. */
function withSeconds(at: number, seen = at): number {
  return at % MINUTE === 0 ? Math.min(Math.max(seen, at), at + MINUTE - 1) : at;
}

/** Nobody has written down the unit of the server's figure: it counts only where it is near our own. Billionths. */
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

/** Sessions whose receipt is open although nothing shows them any more. */
export function orphans({ sessions }: Ready, receipts: Receipts): readonly Receipt[] {
  return orphansOf(receipts)(sessions);
}

const orphansOf = perList((receipts: Receipts) =>
  perList((sessions: Ready['sessions']) => {
    const shown = new Set(idsOf(sessions));
    return [...receipts.values()].filter(({ opened, closed }) => !closed && !shown.has(opened.sessionId));
  }),
);

/** Closed by what was seen, without the server's own row. */
export const estimatesIn = perList((receipts: Receipts) =>
  [...receipts.values()].filter(({ closed }) => closed?.source === 'seen'),
);
