import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import { ownReady, type ReadySession } from '../sessions/snapshot';
import { activityOf, type Attended, type GuardInput, type Limit } from './guardInput';
import { mapOf } from '../platform/unread';
import type { Policy, PolicyStep } from './policy';
import { failedOnceMore, failuresAt, isPending, isThisEnd, retryAt } from './tries';
import { MINUTE } from '../platform/units';

/** With this much left, ms, a running render is in danger. */
const NEAR = 3 * MINUTE;
/** Minutes added at a time: few, so that little is wasted when the render ends. */
const STEP = 5;

/** What was added to one session, and announced about it. */
export const Held = z.lazy(() =>
  z.object({
    /** Minutes in all. */
    added: z.number(),
    /** The last step: the end that it moved, when (server time, ms), and how often it failed there. */
    step: z.optional(z.object({ endsAt: z.number(), at: z.number(), minutes: z.number(), failures: z.number() })),
    /** The end for which it was announced that nothing more is added. Other versions read this name. */
    toldFor: z.optional(z.number()),
  }),
);
export type Held = z.infer<typeof Held>;
export type Holds = ReadonlyMap<SessionId, Held>;

export interface Extend {
  readonly kind: 'extend';
  readonly session: ReadySession;
  readonly minutes: number;
  /** Minutes added so far, including these. */
  readonly added: number;
  readonly isFirstTry: boolean;
}

/** A render is in danger, and the session may not be extended further. */
export interface AtLimit {
  readonly kind: 'limit';
  readonly session: ReadySession;
  readonly why: Limit;
  readonly added: number;
}

/** Adds a few minutes to sessions that render and are about to end, within the user's limits. */
function step(before: Holds, input: GuardInput): PolicyStep<Holds, Extend | AtLimit> {
  const holds = new Map([...before].filter(([id]) => input.ready.sessions.some((session) => session.id === id)));
  const decisions: (Extend | AtLimit)[] = [];
  /** These will be extended when their end is near, so they need no warning. */
  const findings: Attended[] = [];
  for (const session of ownReady(input.ready)) {
    const { keepAlive: isPreferred, finishThenEnd, lease } = input.preferencesOf(session.id);
    if (lease) continue; // a lease is renewed earlier than that
    const isRendering = activityOf(input, session.id).kind === 'rendering';
    const left = session.endsAt - input.now;
    if (!(isPreferred || finishThenEnd) || !isRendering || left <= 0) continue;
    const known = asKnown(holds.get(session.id), session, input.money.addedByHand(session.id));
    const next = nextStep(known, session, input);
    if (next.kind === 'add') findings.push({ kind: 'attended', id: session.id });
    if (left > NEAR || isPending(known.step, session.endsAt, input.now)) continue;
    const [held, decision] =
      next.kind === 'add' ? extend(known, session, input.now, next.minutes) : stop(known, session, next.why);
    holds.set(session.id, held);
    if (decision) decisions.push(decision);
  }
  return { state: holds, decisions, findings };
}

/**
 * Corrects what was added by what the server shows, since another editor with its own file may have added minutes:
 * everything beyond the minutes first requested counts, except what the user added.
 */
function asKnown(held: Held | undefined, { createdAt, endsAt, minutesAsked }: ReadySession, byHand: number): Held {
  const known = held ?? { added: 0 };
  if (minutesAsked === undefined || createdAt === undefined) return known;
  const shown = Math.round((endsAt - createdAt) / MINUTE - minutesAsked - byHand);
  return shown > known.added ? { ...known, added: shown } : known;
}

type NextStep = { readonly kind: 'add'; readonly minutes: number } | { readonly kind: 'stop'; readonly why: Limit };

/** As many minutes as fit below every limit, at most one step. */
function nextStep({ added }: Held, session: ReadySession, input: GuardInput): NextStep {
  const most = Math.min(STEP, Math.floor(input.guardSettings.keepAliveUpTo - added));
  if (most < 1) return { kind: 'stop', why: 'minutes' };
  for (let minutes = most; minutes > 1; minutes--)
    if (input.money.limitOf(session, minutes) === undefined) return { kind: 'add', minutes };
  const why = input.money.limitOf(session, 1);
  return why === undefined ? { kind: 'add', minutes: 1 } : { kind: 'stop', why };
}

/** Counted before the request, so that a window that takes over never adds more than allowed. */
function extend(known: Held, session: ReadySession, at: number, minutes: number): readonly [Held, Extend] {
  const { endsAt } = session;
  const failures = failuresAt(known.step, endsAt);
  const added = known.added + minutes;
  const decision = { kind: 'extend', session, minutes, added, isFirstTry: failures === 0 } as const;
  return [{ ...known, added, step: { endsAt, at, minutes, failures } }, decision];
}

function stop(known: Held, session: ReadySession, why: Limit): readonly [Held, AtLimit | undefined] {
  if (isThisEnd(known.toldFor, session.endsAt)) return [known, undefined];
  return [
    { ...known, toldFor: session.endsAt },
    { kind: 'limit', session, why, added: known.added },
  ];
}

/** Adds a few minutes to sessions that render and are about to end. */
export const keepAlive: Policy<Holds, Extend | AtLimit, 'holds'> = {
  id: 'holds',
  initial: new Map(),
  schema: z.lazy(() => mapOf(SessionId, Held)),
  step,
  nextAt: (holds, input) =>
    ownReady(input.ready).flatMap(({ id, endsAt }) => {
      const { keepAlive: isPreferred, finishThenEnd, lease } = input.preferencesOf(id);
      if (lease || (!isPreferred && !finishThenEnd)) return [];
      return [endsAt - NEAR, ...retryAt(holds.get(id)?.step)];
    }),
};

/** The last step failed. @param isUndone it certainly moved nothing, so its minutes may be added again. */
export function stepFailed(before: Holds, id: SessionId, isUndone: boolean): Holds {
  const known = before.get(id);
  if (!known?.step) return before;
  const { step } = known;
  const added = isUndone ? known.added - step.minutes : known.added;
  return new Map(before).set(id, { ...known, added, step: failedOnceMore(step) });
}
