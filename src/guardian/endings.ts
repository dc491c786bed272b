import * as z from 'zod/mini';
import type { SessionId } from '../comfydeploy/model';
import { ageOf, isOlder } from '../platform/age';
import { activityOf, type Sight } from './sight';
import { ownReady, type ReadySession } from '../sessions/snapshot';
import { EndReason } from '../sessions/wishes';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** How long the user has to keep the session. */
const COUNTDOWN = 60 * SECOND;
/** An end that was missed by more is not carried out: whoever comes back after a sleep gets the whole countdown. */
const MISSED = 30 * SECOND;
/** An end waits so long for outputs that are being saved, and no longer: a saving that hangs must not keep a GPU. */
export const LONGEST_SAVING = 15 * MINUTE;
/** So often it is looked whether they are saved. */
const LOOK_AGAIN = 4 * SECOND;
/** A queue that is empty for a moment between two prompts is not finished. */
const SETTLED = 10 * SECOND;

/** An end that is announced. Server times, ms. */
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
/** When the user last kept a session from ending, or was seen to use it. Server time, ms. */
export type Spared = ReadonlyMap<SessionId, number>;

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

export interface EndingsStep {
  readonly countdowns: Countdowns;
  readonly spared: Spared;
  readonly decisions: readonly (StartCountdown | End)[];
}

/** Ends sessions that nobody needs: a countdown first, which anything that speaks against it stops. */
export function endings(before: Pick<EndingsStep, 'countdowns' | 'spared'>, sight: Sight): EndingsStep {
  const countdowns = underWay(before.countdowns, sight);
  const spared = new Map(
    [...before.spared].filter(([id]) => sight.ready.sessions.some((session) => session.id === id)),
  );
  const decisions: (StartCountdown | End)[] = [];
  for (const session of ownReady(sight.ready)) {
    const { id } = session;
    if (sight.inUse.has(id)) {
      if (isUseNews(session, sight, spared.get(id))) spared.set(id, sight.now);
      continue;
    }
    const due = dueOf(session, sight, spared.get(id));
    if (!due) continue;
    const running = before.countdowns.get(id);
    const isGoingOn = running !== undefined && isStillMeant(running, due, sight.now);
    const [countdown, decision] = isGoingOn ? goOn(running, session, due, sight) : begin(session, due, sight.now);
    if (!countdown) continue;
    countdowns.set(id, countdown);
    if (decision) decisions.push(decision);
  }
  return { countdowns, spared, decisions };
}

/** Those whose end is asked for: it may be refused, and is then not announced anew. */
function underWay(before: Countdowns, { ready, inUse }: Sight): Map<SessionId, Countdown> {
  const ending = new Set(ready.sessions.filter(({ phase }) => phase === 'ending').map(({ id }) => id));
  return new Map([...before].filter(([id]) => ending.has(id) && !inUse.has(id)));
}

/** Whether it must be written down that it is in use: once a minute, and only where idle minutes are counted. */
function isUseNews({ id }: ReadySession, { wishOf, now }: Sight, known: number | undefined): boolean {
  return wishOf(id).endWhenIdle !== undefined && isOlder(known, MINUTE - 1, now);
}

interface Due {
  readonly why: EndReason;
  readonly idleSince: number;
}

/** Whether it should end now, as far as is known for certain. */
function dueOf(session: ReadySession, sight: Sight, sparedAt = Number.NEGATIVE_INFINITY): Due | undefined {
  const activity = activityOf(sight, session.id);
  if (activity.kind !== 'idle') return undefined;
  const { since: idleSince } = activity;
  const { endWhenIdle, finishThenEnd } = sight.wishOf(session.id);
  const idleFor = sight.now - idleSince;
  if (finishThenEnd && idleFor >= SETTLED) return { why: 'finished', idleSince };
  if (endWhenIdle === undefined || endWhenIdle <= 0) return undefined;
  // What spares a session for an hour ahead was written by a wrong clock: nobody is using it then.
  const isSpared = ageOf(sparedAt, sight.now) !== undefined;
  const quietFor = sight.now - (isSpared ? Math.max(idleSince, sparedAt) : idleSince);
  return quietFor >= endWhenIdle * MINUTE ? { why: 'idle', idleSince } : undefined;
}

/**
 * Whether an end that was decided may leave: by what is known now it would be decided again, and nothing ran since.
 * @param decidedAt server time, ms.
 */
export function isEndStillRight(
  { session, why }: Pick<End, 'session' | 'why'>,
  sight: Sight,
  spared: Spared,
  decidedAt: number,
): boolean {
  const due = sight.inUse.has(session.id) ? undefined : dueOf(session, sight, spared.get(session.id));
  return due !== undefined && due.why === why && due.idleSince <= decidedAt;
}

/** However long its outputs take to be saved. Server time, ms. */
export function latestEnd({ since }: Pick<Countdown, 'since'>): number {
  return since + COUNTDOWN + LONGEST_SAVING;
}

/** It was idle all the time, and the end was not slept through. */
function isStillMeant({ since, endsAt }: Countdown, due: Due, now: number): boolean {
  return due.idleSince <= since && now - endsAt <= MISSED && now >= since;
}

function goOn(
  countdown: Countdown,
  session: ReadySession,
  { why, idleSince }: Due,
  { now, saving }: Sight,
): readonly [Countdown, End | undefined] {
  if (now < countdown.endsAt) return [countdown, undefined];
  const latest = latestEnd(countdown);
  if (saving.has(session.id) && now < latest)
    return [{ ...countdown, endsAt: Math.min(now + LOOK_AGAIN, latest) }, undefined];
  const { tries } = countdown;
  // An end that fails is tried again after as long as it was announced.
  const next = { ...countdown, endsAt: now + COUNTDOWN, tries: tries + 1 };
  return [next, { kind: 'end', session, why, idleSince, isFirstTry: tries === 0 }];
}

/** Nothing is begun that the session's own end would forestall. */
function begin(
  session: ReadySession,
  { why, idleSince }: Due,
  now: number,
): readonly [Countdown | undefined, StartCountdown | undefined] {
  const endsAt = now + COUNTDOWN;
  if (session.endsAt <= endsAt) return [undefined, undefined];
  return [
    { since: now, endsAt, why, idleSince, tries: 0 },
    { kind: 'countdown', session, why, endsAt, idleSince },
  ];
}

/** When an end may become due by the mere passing of time, server time, ms. */
export function nextEndingAt(
  { countdowns, spared }: Pick<EndingsStep, 'countdowns' | 'spared'>,
  { id }: ReadySession,
  sight: Sight,
): readonly number[] {
  const activity = activityOf(sight, id);
  const { endWhenIdle, finishThenEnd } = sight.wishOf(id);
  const running = countdowns.get(id);
  if (activity.kind !== 'idle') return [];
  const { since } = activity;
  return [
    ...(running ? [running.endsAt] : []),
    ...(finishThenEnd ? [since + SETTLED] : []),
    ...(endWhenIdle === undefined ? [] : [Math.max(since, spared.get(id) ?? since) + endWhenIdle * MINUTE]),
  ];
}
