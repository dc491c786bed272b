import * as z from 'zod/mini';
import type { Session, SessionId } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import { isSameEnd } from '../sessions/deadline';
import { isOwn, type Ready } from '../sessions/snapshot';
import { MINUTE } from '../platform/units';

/** Which warnings of one session were announced. */
export const Climb = z.lazy(() =>
  z.object({
    endsAt: z.number(),
    /** The lowest announced rung, minutes; undefined before the first. */
    announced: z.optional(z.number()),
  }),
);
export type Climb = z.infer<typeof Climb>;

/** What was announced so far; every step returns the next state. */
export type Ladder = ReadonlyMap<SessionId, Climb>;

export interface Warning {
  readonly kind: 'warn';
  readonly session: Session & { readonly endsAt: number };
  /** Minutes before the end. */
  readonly rung: number;
  /** It is on a lease that is not renewed because nobody uses it. */
  readonly isLeased?: true;
}

export interface LadderStep {
  readonly ladder: Ladder;
  readonly warnings: readonly Warning[];
}

export interface LadderInput {
  /** Minutes before the end, in any order. */
  readonly rungs: readonly number[];
  readonly muted: ReadonlySet<SessionId>;
  /** Sessions whose end is taken care of for now: their warnings are postponed, not dropped. */
  readonly held: ReadonlySet<SessionId>;
  /** Also warn of other members' sessions. */
  readonly watchOthers: boolean;
}

/**
 * Which warnings are due. Each rung is announced once; of several reached ones only the lowest. If the deadline moves,
 * the rungs still ahead count again. Other members' sessions are left out unless the user wants them.
 * @param now server time, ms.
 */
export function climb(before: Ladder, { sessions, account }: Ready, now: number, input: LadderInput): LadderStep {
  const ladder = new Map<SessionId, Climb>();
  const warnings: Warning[] = [];
  for (const session of sessions) {
    const known = before.get(session.id);
    // The end may be cancelled: then the warnings already announced are not repeated.
    if (session.phase === 'ending' && known) ladder.set(session.id, known);
    if (session.phase !== 'ready' || !(input.watchOthers || isOwn(account, session))) continue;
    const rung = rungAt(session.endsAt - now, input.rungs);
    const announced = known && announcedFor(known, session.endsAt, rung);
    const isReached = rung !== undefined && (announced === undefined || rung < announced);
    const isDue = isReached && !input.held.has(session.id);
    if (isDue && !input.muted.has(session.id)) warnings.push({ kind: 'warn', session, rung });
    ladder.set(session.id, { endsAt: session.endsAt, announced: isDue ? rung : announced });
  }
  return { ladder, warnings };
}

/** If the end was moved, only the rungs still ahead are announced. */
function announcedFor(known: Climb, endsAt: number, rung: number | undefined): number | undefined {
  return isSameEnd(known.endsAt, endsAt) ? known.announced : rung;
}

/** The lowest rung reached; undefined before the first and once time is up. */
function rungAt(left: number, rungs: readonly number[]): number | undefined {
  if (left <= 0) return undefined;
  const reached = rungs.filter((minutes) => left <= minutes * MINUTE);
  return reached.length === 0 ? undefined : Math.min(...reached);
}

/** The first of several rungs only colours the status bar; later ones show a notice. */
export function isQuiet(rung: number, rungs: readonly number[]): boolean {
  return rungs.length > 1 && rung === Math.max(...rungs);
}

const FRESH = 90_000;

/**
 * Whether the snapshot may be acted on. After sleep everything looks overdue until the server was asked; a failed
 * request also counts, since the known end is then the best there is.
 * @param localNow local clock, ms.
 */
export function isTrustworthy({ asOf, problem }: Ready, localNow: number): boolean {
  return problem !== undefined || !isOlder(asOf, FRESH, localNow);
}
