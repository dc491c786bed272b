import * as z from 'zod/mini';
import type { SessionId } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import { isSameEnd } from '../sessions/deadline';
import { activityOf, type Limit, type Sight } from './sight';
import { ownReady, type ReadySession } from '../sessions/snapshot';

const MINUTE = 60_000;
/** With this much left a running render is in danger. */
const NEAR = 3 * MINUTE;
/** Minutes at a time, so that little is paid for in vain when the render ends. */
const STEP = 5;
/** Until then a step may still be on its way, or has failed too recently to be tried again. */
const RETRY = 30_000;

/** What was added to one session, and said about it. */
export const Held = z.lazy(() =>
  z.object({
    /** Minutes, in all. */
    added: z.number(),
    /** The last step: to which end it was added, when (server time, ms), and how often it has failed there. */
    step: z.optional(z.object({ endsAt: z.number(), at: z.number(), minutes: z.number(), failures: z.number() })),
    /** The end for which it was said that nothing more is added. */
    toldFor: z.optional(z.number()),
  }),
);
export type Held = z.infer<typeof Held>;
export type Holds = ReadonlyMap<SessionId, Held>;

export interface Extend {
  readonly kind: 'extend';
  readonly session: ReadySession;
  readonly minutes: number;
  /** Minutes added to it so far, with these. */
  readonly added: number;
  readonly isFirstTry: boolean;
}

/** A render is in danger, and nothing more may be added. */
export interface AtLimit {
  readonly kind: 'limit';
  readonly session: ReadySession;
  readonly why: Limit;
  readonly added: number;
}

export interface KeepAliveStep {
  readonly holds: Holds;
  readonly decisions: readonly (Extend | AtLimit)[];
  /** Will be extended when their end is near: that end is nothing to warn of. */
  readonly held: ReadonlySet<SessionId>;
}

/** Adds a few minutes to sessions that render and are about to end, as long as the user's limits allow it. */
export function keepAlive(before: Holds, sight: Sight): KeepAliveStep {
  const holds = new Map([...before].filter(([id]) => sight.ready.sessions.some((session) => session.id === id)));
  const decisions: (Extend | AtLimit)[] = [];
  const held = new Set<SessionId>();
  for (const session of ownReady(sight.ready)) {
    const { keepAlive: isWished, finishThenEnd } = sight.wishOf(session.id);
    const isRendering = activityOf(sight, session.id).kind === 'rendering';
    const left = session.endsAt - sight.now;
    if (!(isWished || finishThenEnd) || !isRendering || left <= 0) continue;
    const known = asTold(holds.get(session.id), session, sight.addedByHand(session.id));
    const step = nextStep(known, session, sight);
    if (step.kind === 'add') held.add(session.id);
    if (left > NEAR || isPending(known, session, sight.now)) continue;
    const [next, decision] =
      step.kind === 'add' ? extend(known, session, sight.now, step.minutes) : stop(known, session, step.why);
    holds.set(session.id, next);
    if (decision) decisions.push(decision);
  }
  return { holds, decisions, held };
}

/**
 * Another editor, whose book is not ours, may have added to it, too: what the server shows beyond what was asked for at
 * first counts, except what the user has added by hand.
 */
function asTold(held: Held | undefined, { createdAt, endsAt, timeout }: ReadySession, byHand: number): Held {
  const known = held ?? { added: 0 };
  if (timeout === undefined || createdAt === undefined) return known;
  const shown = Math.round((endsAt - createdAt) / MINUTE) - timeout - byHand;
  return shown > known.added ? { ...known, added: shown } : known;
}

type NextStep = { readonly kind: 'add'; readonly minutes: number } | { readonly kind: 'stop'; readonly why: Limit };

/** As many minutes as fit below every limit, at most a step. */
function nextStep({ added }: Held, session: ReadySession, sight: Sight): NextStep {
  const most = Math.min(STEP, Math.floor(sight.keepAliveUpTo - added));
  if (most < 1) return { kind: 'stop', why: 'minutes' };
  for (let minutes = most; minutes > 1; minutes--)
    if (sight.limitOf(session, minutes) === undefined) return { kind: 'add', minutes };
  const why = sight.limitOf(session, 1);
  return why === undefined ? { kind: 'add', minutes: 1 } : { kind: 'stop', why };
}

function isPending({ step }: Held, { endsAt }: ReadySession, now: number): boolean {
  return step !== undefined && isSameEnd(step.endsAt, endsAt) && !isOlder(step.at, RETRY - 1, now);
}

/** Counted before it is done, so that nobody who takes over adds more than is allowed. */
function extend(known: Held, session: ReadySession, at: number, minutes: number): readonly [Held, Extend] {
  const { endsAt } = session;
  const failures = known.step && isSameEnd(known.step.endsAt, endsAt) ? known.step.failures : 0;
  const added = known.added + minutes;
  const decision = { kind: 'extend', session, minutes, added, isFirstTry: failures === 0 } as const;
  return [{ ...known, added, step: { endsAt, at, minutes, failures } }, decision];
}

function stop(known: Held, session: ReadySession, why: Limit): readonly [Held, AtLimit | undefined] {
  const isTold = known.toldFor !== undefined && isSameEnd(known.toldFor, session.endsAt);
  if (isTold) return [known, undefined];
  return [
    { ...known, toldFor: session.endsAt },
    { kind: 'limit', session, why, added: known.added },
  ];
}

/** When a step may become due by the mere passing of time, server time, ms. */
export function nextStepAt(holds: Holds, session: ReadySession, sight: Sight): readonly number[] {
  const { keepAlive: isWished, finishThenEnd } = sight.wishOf(session.id);
  if (!isWished && !finishThenEnd) return [];
  const tried = holds.get(session.id)?.step?.at;
  return [session.endsAt - NEAR, ...(tried === undefined ? [] : [tried + RETRY])];
}

/** The last step failed. @param isUndone it certainly moved nothing: its minutes may be given once more. */
export function stepFailed(before: Holds, id: SessionId, isUndone: boolean): Holds {
  const known = before.get(id);
  if (!known?.step) return before;
  const { step } = known;
  const added = isUndone ? known.added - step.minutes : known.added;
  return new Map(before).set(id, { ...known, added, step: { ...step, failures: step.failures + 1 } });
}
