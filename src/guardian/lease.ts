import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import { mapOf } from '../platform/unread';
import { activityOf, type Attended, type GuardInput, type Limit } from './guardInput';
import { lastThirdOf, leasable, wantOf, type Leasable, type Want } from './leaseUse';
import { shortfallOf, type Shortfall } from './queueCover';
import type { Policy, PolicyStep } from './policy';
import { failedOnceMore, failuresAt, isPending, isThisEnd, retryAt } from './tries';
import { HOUR, MINUTE, SECOND } from '../platform/units';

/** Two editors know nothing of each other: one of them is so much later at most, and finds it done. */
const STAGGER = 45 * SECOND;
/** A queue that needs a minute longer than was thought is no reason for a request, minutes. */
const WORTH_IT = 2;
/** A failure is announced when it comes again: one lease is long enough for a second try. */
const ANNOUNCED_AT = 1;

/** What is known of one lease. Server times, ms. */
export const Leased = z.lazy(() =>
  z.object({
    /** When the user last kept the session, or was seen to use it. */
    usedAt: z.optional(z.number()),
    /** The last renewal: of which end, when, and how often it has failed there. */
    step: z.optional(z.object({ endsAt: z.number(), at: z.number(), failures: z.number() })),
    /** It was renewed although its queue could not be read, and has not been read since. */
    isBlind: z.optional(z.boolean()),
    /** The end that the server does not move. */
    refusedFor: z.optional(z.number()),
    /** The end for which it was said that it is not renewed any more. */
    toldFor: z.optional(z.number()),
    /** It was said that not all of its queue is covered. */
    isShort: z.optional(z.boolean()),
  }),
);
export type Leased = z.infer<typeof Leased>;
export type Leases = ReadonlyMap<SessionId, Leased>;

export interface Renew {
  readonly kind: 'renew';
  readonly session: Leasable;
  /** Where its end is to be, server time, ms: what is there already is not added once more. */
  readonly until: number;
  /** Nobody knows whether it is needed. */
  readonly isBlind: boolean;
  /** If it fails, that is worth a word. */
  readonly isAnnounced: boolean;
  readonly isFirstTry: boolean;
}

/** It lasts for as long as the user allows, or a limit of money is reached. */
export type LeaseLimit = 'most' | Exclude<Limit, 'minutes'>;

/** It is needed, and is not renewed any more. */
export interface AtLeaseLimit {
  readonly kind: 'leaseLimit';
  readonly session: Leasable;
  readonly why: LeaseLimit;
}

/** Not all that waits will be done by the end, however far it may be moved now. */
export interface Uncovered extends Shortfall {
  readonly kind: 'uncovered';
  readonly session: Leasable;
}

export type LeaseDecision = Renew | AtLeaseLimit | Uncovered;

/** How much may be added, and what stands against more. */
interface Room {
  readonly minutes: number;
  readonly why: LeaseLimit | undefined;
}

interface Looked {
  readonly next: Leased;
  readonly decisions: readonly LeaseDecision[];
  /** Its end is no matter to warn of. */
  readonly isAttended: boolean;
}

function step(before: Leases, input: GuardInput): PolicyStep<Leases, LeaseDecision> {
  const state = new Map<SessionId, Leased>();
  const decisions: LeaseDecision[] = [];
  const findings: Attended[] = [];
  for (const session of leasable(input.ready)) {
    if (!input.preferencesOf(session.id).lease) continue;
    const looked = look(noticed(before.get(session.id) ?? {}, session, input), session, input);
    state.set(session.id, looked.next);
    decisions.push(...looked.decisions);
    if (looked.isAttended) findings.push({ kind: 'attended', id: session.id });
  }
  return { state, decisions, findings };
}

/** What is seen now; a use is written down once a minute. */
function noticed({ isBlind = false, isShort = false, ...known }: Leased, { id }: Leasable, input: GuardInput): Leased {
  const { now, presence } = input;
  const isUsed = presence.inUse.has(id) && isOlder(known.usedAt, MINUTE - 1, now);
  const { kind } = activityOf(input, id);
  return {
    ...known,
    ...(isUsed ? { usedAt: now } : {}),
    ...(isBlind && kind === 'unknown' ? { isBlind } : {}),
    ...(isShort && kind !== 'idle' ? { isShort } : {}),
  };
}

function look(known: Leased, session: Leasable, input: GuardInput): Looked {
  const { now } = input;
  const want = now < session.endsAt ? wantIn(known, session, input) : undefined;
  if (!want) return { next: known, decisions: [], isAttended: false };
  const remaining = Math.floor((want.until - session.endsAt) / MINUTE);
  if (remaining < 1) return { next: known, decisions: [], isAttended: want.isInUse };
  const room = roomFor(remaining, known, session, input);
  const decided = shortage(known, session, room, input);
  const next = decided ? { ...known, isShort: true } : known;
  const decisions = decided ? [decided] : [];
  if (room.minutes < 1) return withLimit({ next, decisions, isAttended: false }, session, room, input);
  if (!isDue(session, want, room.minutes, input) || isPending(next.step, session.endsAt, now))
    return { next, decisions, isAttended: true };
  const renewal = renew(next, session, want, room, now);
  return { next: renewal.next, decisions: [...decisions, renewal.decision], isAttended: true };
}

function wantIn({ usedAt, isBlind: wasBlind = false }: Leased, session: Leasable, input: GuardInput): Want | undefined {
  return wantOf(session, { usedAt, wasBlind }, input);
}

/** When the time has come, reckoned from its end: two thirds of a lease are left to a render, and one to all else. */
function isDue(session: Leasable, { isInUse, isCovering }: Want, minutes: number, input: GuardInput): boolean {
  const isRendering = isInUse && activityOf(input, session.id).kind === 'rendering';
  if (isCovering && minutes >= WORTH_IT) return true;
  return input.now >= dueAt(session, isRendering ? 2 : 1, input);
}

function dueAt(
  { endsAt }: Leasable,
  thirds: number,
  { guardSettings, stagger }: Pick<GuardInput, 'guardSettings' | 'stagger'>,
): number {
  return endsAt - lastThirdOf(guardSettings.lease) * thirds + stagger * STAGGER;
}

/** As many minutes as fit below every limit. */
function roomFor(remaining: number, { refusedFor }: Leased, session: Leasable, input: GuardInput): Room {
  const { endsAt, id } = session;
  if (isThisEnd(refusedFor, endsAt)) return { minutes: 0, why: undefined };
  const since = input.preferencesOf(id).lease?.since ?? 0;
  const most = Math.floor((since + input.guardSettings.lease.mostHours * HOUR - endsAt) / MINUTE);
  if (most < 1) return { minutes: 0, why: 'most' };
  const { limitOf } = input.money;
  let [fits, tooMuch] = [0, Math.min(remaining, most) + 1];
  while (tooMuch - fits > 1) {
    const minutes = Math.floor((fits + tooMuch) / 2);
    if (limitOf(session, minutes) === undefined) fits = minutes;
    else tooMuch = minutes;
  }
  const why = tooMuch <= Math.min(remaining, most) ? limitOf(session, tooMuch) : most < remaining ? 'most' : undefined;
  return { minutes: fits, why };
}

/** Once, until all is covered again. */
function shortage(
  { isShort = false }: Leased,
  session: Leasable,
  { minutes, why }: Room,
  { work, now }: GuardInput,
): Uncovered | undefined {
  if (isShort || why === undefined) return undefined;
  const short = shortfallOf(work.get(session.id), session.endsAt + minutes * MINUTE, now);
  return short && short.runs > 0 ? { kind: 'uncovered', session, ...short } : undefined;
}

/** Said once for an end, when that is near; from then on only its last minute is. */
function withLimit(looked: Looked, session: Leasable, { why }: Room, input: GuardInput): Looked {
  const { endsAt } = session;
  if (why === undefined || input.now < dueAt(session, 1, input)) return { ...looked, isAttended: why !== undefined };
  const { next } = looked;
  const isAttended = endsAt - input.now > MINUTE;
  if (isThisEnd(next.toldFor, endsAt)) return { ...looked, isAttended };
  const limit = { kind: 'leaseLimit', session, why } as const;
  return { next: { ...next, toldFor: endsAt }, decisions: [...looked.decisions, limit], isAttended };
}

function renew(
  known: Leased,
  session: Leasable,
  { isBlind }: Want,
  { minutes }: Room,
  at: number,
): { readonly next: Leased; readonly decision: Renew } {
  const { endsAt } = session;
  const failures = failuresAt(known.step, endsAt);
  const next = { ...known, step: { endsAt, at, failures }, ...(isBlind ? { isBlind } : {}) };
  const isAnnounced = failures === ANNOUNCED_AT;
  return {
    next,
    decision: {
      kind: 'renew',
      session,
      until: endsAt + minutes * MINUTE,
      isBlind,
      isAnnounced,
      isFirstTry: failures === 0,
    },
  };
}

/**
 * Rents a little, and renews that while it is needed. What is not renewed ends by itself, whatever becomes of this
 * computer: no more than one lease is ever paid for in vain. Ends are moved to a time and not by a time, so that it is
 * all the same how many see to it.
 */
export const lease: Policy<Leases, LeaseDecision, 'leases'> = {
  id: 'leases',
  initial: new Map(),
  schema: z.lazy(() => mapOf(SessionId, Leased)),
  step,
  nextAt: (leases, input) =>
    leasable(input.ready).flatMap((session) => {
      if (!input.preferencesOf(session.id).lease) return [];
      return [dueAt(session, 2, input), dueAt(session, 1, input), ...retryAt(leases.get(session.id)?.step)];
    }),
  keep: (leases, id, { now, preferencesOf }) =>
    preferencesOf(id).lease
      ? { state: new Map(leases).set(id, { ...leases.get(id), usedAt: now }) }
      : { state: leases },
};

/** A renewal failed. @param isRefused the server does not move this end. */
export function renewalFailed(before: Leases, id: SessionId, isRefused: boolean): Leases {
  const known = before.get(id);
  if (!known?.step) return before;
  const { step } = known;
  const failed = { ...known, isBlind: false, step: failedOnceMore(step) };
  return new Map(before).set(id, isRefused ? { ...failed, refusedFor: step.endsAt } : failed);
}

/** Whether a renewal that was decided is still wanted. */
export function isStillWanted({ session, isBlind }: Renew, leases: Leases, input: GuardInput): boolean {
  const { usedAt } = leases.get(session.id) ?? {};
  const want = wantOf(session, { usedAt, wasBlind: !isBlind }, input);
  return want !== undefined && want.until - session.endsAt >= MINUTE;
}
