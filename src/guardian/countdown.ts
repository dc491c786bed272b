import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import { without } from '../platform/maps';
import { EndReason } from '../sessions/preferences';
import { ownReady, type ReadySession } from '../sessions/snapshot';
import { mapOf } from '../platform/unread';
import { activityOf, type Attended, type EndDue, type GuardInput } from './guardInput';
import type { Policy, PolicyInput, PolicyStep } from './policy';
import { MINUTE, SECOND } from '../platform/units';

/** How long the user has to keep the session, ms. */
export const COUNTDOWN = MINUTE;
/** An end missed by more than this, ms, starts a new countdown: the computer may have slept. */
const MISSED = 30 * SECOND;
/**
 * The longest that an end waits for outputs that are being saved, ms: a save that hangs must not keep a GPU running.
 */
export const LONGEST_SAVING = 15 * MINUTE;
/** How often to check whether they are saved, ms. */
const LOOK_AGAIN = 4 * SECOND;

/** An announced end. Server times, ms. */
export const Countdown = z.lazy(() =>
  z.object({
    since: z.number(),
    endsAt: z.number(),
    why: EndReason,
    idleSince: z.number(),
    tries: z.number(),
  }),
);
export type Countdown = z.infer<typeof Countdown>;
export type Countdowns = ReadonlyMap<SessionId, Countdown>;

export interface StartCountdown {
  readonly kind: 'countdown';
  readonly session: ReadySession;
  readonly why: EndReason;
  /** Server time, ms. */
  readonly endsAt: number;
  readonly idleSince: number;
}

export interface End {
  readonly kind: 'end';
  readonly session: ReadySession;
  readonly why: EndReason;
  readonly idleSince: number;
  readonly isFirstTry: boolean;
}

/** Announces each end before it is carried out; anything that speaks against the end stops the countdown. */
function step(before: Countdowns, input: PolicyInput): PolicyStep<Countdowns, StartCountdown | End> {
  const countdowns = underWay(before, input);
  const decisions: (StartCountdown | End)[] = [];
  for (const session of ownReady(input.ready)) {
    const { id } = session;
    const running = before.get(id);
    const due = dueOf(id, input, running);
    if (!due) continue;
    const isGoingOn = running !== undefined && isStillMeant(running, due, input.now);
    const [next, decision] = isGoingOn ? goOn(running, due, input) : begin(due, input.now);
    if (!next) continue;
    countdowns.set(id, next);
    if (decision) decisions.push(decision);
  }
  const findings = [...countdowns.keys()].map((id): Attended => ({ kind: 'attended', id }));
  return { state: countdowns, decisions, findings };
}

/** If there are several reasons, the announced one. */
function dueOf(id: SessionId, { findings }: PolicyInput, running: Countdown | undefined): EndDue | undefined {
  const dues = findings.filter((one) => one.kind === 'endDue').filter(({ session }) => session.id === id);
  return dues.find(({ why }) => why === running?.why) ?? dues[0];
}

/** Countdowns of sessions whose end is requested: the request may fail, and is then not announced again. */
function underWay(before: Countdowns, { ready, presence }: GuardInput): Map<SessionId, Countdown> {
  const ending = new Set(ready.sessions.filter(({ phase }) => phase === 'ending').map(({ id }) => id));
  return new Map([...before].filter(([id]) => ending.has(id) && !presence.inUse.has(id)));
}

/** The latest end, however long saving takes. Server time, ms. */
export function latestEnd({ since }: Pick<Countdown, 'since'>): number {
  return since + COUNTDOWN + LONGEST_SAVING;
}

/** The session was idle all the time, and the end was not missed during sleep. */
function isStillMeant({ since, endsAt }: Countdown, due: EndDue, now: number): boolean {
  return due.idleSince <= since && now - endsAt <= MISSED && now >= since;
}

function goOn(
  countdown: Countdown,
  { session, why, idleSince }: EndDue,
  { now, presence }: GuardInput,
): readonly [Countdown, End | undefined] {
  if (now < countdown.endsAt) return [countdown, undefined];
  const latest = latestEnd(countdown);
  if (presence.saving.has(session.id) && now < latest)
    return [{ ...countdown, endsAt: Math.min(now + LOOK_AGAIN, latest) }, undefined];
  const { tries } = countdown;
  // An end that fails is tried again after the length of a countdown.
  const next = { ...countdown, endsAt: now + COUNTDOWN, tries: tries + 1 };
  return [next, { kind: 'end', session, why, idleSince, isFirstTry: tries === 0 }];
}

/** Nothing starts if the session ends earlier by itself. */
function begin(
  { session, why, idleSince }: EndDue,
  now: number,
): readonly [Countdown | undefined, StartCountdown | undefined] {
  const endsAt = now + COUNTDOWN;
  if (session.endsAt <= endsAt) return [undefined, undefined];
  return [
    { since: now, endsAt, why, idleSince, tries: 0 },
    { kind: 'countdown', session, why, endsAt, idleSince },
  ];
}

/** Ends a session only after a countdown, during which the user can keep it. */
export const countdown: Policy<Countdowns, StartCountdown | End, 'countdowns'> = {
  id: 'countdowns',
  initial: new Map(),
  schema: z.lazy(() => mapOf(SessionId, Countdown)),
  step,
  nextAt: (countdowns, input) =>
    [...countdowns].flatMap(([id, { endsAt }]) => (activityOf(input, id).kind === 'idle' ? [endsAt] : [])),
  keep: (countdowns, id) => ({ state: without(countdowns, id) }),
};
