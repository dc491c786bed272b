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

/**
 * Editors without a common folder do not know of each other: one renews up to this much later, ms, and finds it done.
 */
const STAGGER = 45 * SECOND;
/** To cover a longer queue, a renewal must add at least this many minutes. */
const WORTH_IT = 2;
/** The number of failures after which one is announced: a lease leaves time for a second try. */
const ANNOUNCED_AT = 1;

/** The state of one lease. Server times, ms. */
export const Leased = z.lazy(() =>
  z.object({
    /** When the user last kept the session or was seen using it. */
    usedAt: z.optional(z.number()),
    /** The last renewal: the end that it moved, when, and how often it failed there. */
    step: z.optional(z.object({ endsAt: z.number(), at: z.number(), failures: z.number() })),
    /** It was renewed with an unreadable queue, which has not been read since. */
    isBlind: z.optional(z.boolean()),
    /** An end that the server refuses to move. */
    refusedFor: z.optional(z.number()),
    /** The end for which it was announced that the lease is not renewed any more. Other versions read this name. */
    toldFor: z.optional(z.number()),
    /** It was announced that the lease does not cover the whole queue. */
    isShort: z.optional(z.boolean()),
  }),
);
export type Leased = z.infer<typeof Leased>;
export type Leases = ReadonlyMap<SessionId, Leased>;

export interface Renew {
  readonly kind: 'renew';
  readonly session: Leasable;
  /** The wanted end, server time, ms: if it is already there, nothing is added. */
  readonly until: number;
  /** Its queue cannot be read, so it is not known whether it is needed. */
  readonly isBlind: boolean;
  /** Whether a failure is announced. */
  readonly isAnnounced: boolean;
  readonly isFirstTry: boolean;
}

/** Why it is not renewed: the user's maximum length, a spending limit, or the plan. */
export type LeaseLimit = 'most' | Exclude<Limit, 'minutes'>;

/** The session is needed, and its lease is not renewed any more. */
export interface AtLeaseLimit {
  readonly kind: 'leaseLimit';
  readonly session: Leasable;
  readonly why: LeaseLimit;
}

/** Not everything queued will finish before the end, even if it is moved as far as possible now. */
export interface Uncovered extends Shortfall {
  readonly kind: 'uncovered';
  readonly session: Leasable;
}

export type LeaseDecision = Renew | AtLeaseLimit | Uncovered;

/** How much may be added, and what prevents more. */
interface Room {
  readonly minutes: number;
  readonly why: LeaseLimit | undefined;
}

interface Looked {
  readonly next: Leased;
  readonly decisions: readonly LeaseDecision[];
  /** Its end needs no warning. */
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

/** Adds the current observations; use is recorded at most once a minute. */
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

/** Whether it is time to renew: with two thirds of a lease left while rendering, otherwise with one third. */
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

/** Announced once, until everything is covered again. */
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

/** Announces the limit once for each end, when that is near. After that, only the last minute is warned of. */
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
 * Rents a session in short steps and renews them while it is needed. Whatever happens to this computer, an unrenewed
 * session ends, and at most one lease is wasted. Ends are moved to a time, not by an amount, so it does not matter how
 * many windows renew.
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

/** A renewal failed. @param isRefused the server refuses to move this end. */
export function renewalFailed(before: Leases, id: SessionId, isRefused: boolean): Leases {
  const known = before.get(id);
  if (!known?.step) return before;
  const { step } = known;
  const failed = { ...known, isBlind: false, step: failedOnceMore(step) };
  return new Map(before).set(id, isRefused ? { ...failed, refusedFor: step.endsAt } : failed);
}

/** Whether a decided renewal is still wanted. */
export function isStillWanted({ session, isBlind }: Renew, leases: Leases, input: GuardInput): boolean {
  const { usedAt } = leases.get(session.id) ?? {};
  const want = wantOf(session, { usedAt, wasBlind: !isBlind }, input);
  return want !== undefined && want.until - session.endsAt >= MINUTE;
}
