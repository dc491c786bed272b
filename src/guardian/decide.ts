import type { SessionId } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import { type Snapshot, ownReady } from '../sessions/snapshot';
import type { GuardState } from './guardState';
import { climb, isQuiet, isTrustworthy, type Warning } from './ladder';
import { tellOfCeilings, type AtCeiling } from './ceilings';
import { endings, nextEndingAt, type End, type StartCountdown } from './endings';
import { keepAlive, nextStepAt, type AtLimit, type Extend } from './keepAlive';
import { remind, type Reminder } from './reminder';
import { type Sight } from './sight';

export type Decision = Warning | Extend | AtLimit | StartCountdown | End | Reminder | AtCeiling;

export interface Verdict {
  readonly state: GuardState;
  readonly decisions: readonly Decision[];
}

/** What is to be said and done now. Nothing is, before the truth is known: after a sleep everything looks overdue. */
export function decide(before: GuardState, sight: Sight): Verdict {
  const { ready, localNow } = sight;
  if (!isTrustworthy(ready, localNow)) return { state: before, decisions: [] };
  const { decisions: ends, ...ended } = endings(before, sight);
  const { decisions: extensions, holds, held } = keepAlive(before.holds, sight);
  const caredFor = new Set([...held, ...ended.countdowns.keys()]);
  const { ladder, warnings } = warn(before, sight, caredFor);
  const alive = new Set(ready.sessions.map(({ id }) => id));
  const muted = new Set([...before.muted].filter((id) => alive.has(id)));
  const { said, decisions: ceilings } = tellOfCeilings(before.said, sight);
  const { reminded, reminder } = remind(before.reminded, sight);
  return {
    state: { ...ended, holds, ladder, muted, said, reminded },
    decisions: [...extensions, ...ends, ...warnings, ...ceilings, ...(reminder ? [reminder] : [])],
  };
}

/** While nobody reads, no rung is climbed, so that what became due meanwhile is said when somebody does. */
function warn(before: GuardState, sight: Sight, held: ReadonlySet<SessionId>) {
  const { ready, now, warnAt: rungs, watchOthers, isRead } = sight;
  if (!isRead) return { ladder: before.ladder, warnings: [] };
  const { ladder, warnings } = climb(before.ladder, ready, now, { rungs, muted: before.muted, held, watchOthers });
  return { ladder, warnings: warnings.filter(({ rung }) => !isQuiet(rung, rungs)) };
}

/** An end that was read so lately is told of as it is. */
const JUST_NOW = 3_000;

export interface WorthALookInput {
  readonly snapshot: Snapshot;
  /** Local clock, ms. */
  readonly localNow: number;
}

/** Another editor may have moved an end since it was read: what that makes needless is not said. */
export function isWorthALook(planned: readonly Decision[], { snapshot, localNow }: WorthALookInput): boolean {
  if (snapshot.kind !== 'ready' || !isOlder(snapshot.asOf, JUST_NOW, localNow)) return false;
  return planned.some(({ kind }) => kind === 'warn');
}

const MINUTE = 60_000;

/** How long until something may become due by the mere passing of time, ms; infinite if nothing will. */
export function untilDue(state: GuardState, sight: Sight): number {
  const moments = [
    ...sight.ready.sessions.flatMap((session) =>
      'endsAt' in session ? sight.warnAt.map((minutes) => session.endsAt - minutes * MINUTE) : [],
    ),
    ...ownReady(sight.ready).flatMap((session) => [
      ...nextStepAt(state.holds, session, sight),
      ...nextEndingAt(state, session, sight),
    ]),
  ];
  return Math.min(...moments.map((at) => at - sight.now).filter((ms) => ms > 0));
}
