import * as z from 'zod/mini';
import type { Session, SessionId } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import { isSameEnd } from '../sessions/deadline';
import { isOwn, type Ready } from '../sessions/snapshot';
import { MINUTE } from '../platform/units';

/** How far the warnings about one session have come. */
export const Climb = z.lazy(() =>
  z.object({
    endsAt: z.number(),
    /** The lowest rung that was announced, minutes; none before the first. */
    announced: z.optional(z.number()),
  }),
);
export type Climb = z.infer<typeof Climb>;

/** What has been said so far; every step returns the next one. */
export type Ladder = ReadonlyMap<SessionId, Climb>;

export interface Warning {
  readonly kind: 'warn';
  readonly session: Session & { readonly endsAt: number };
  /** Minutes before the end. */
  readonly rung: number;
  /** It is on a lease that is not renewed, since nobody uses it. */
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
  /** Their end is taken care of, for now: what is not said of them is still to be said. */
  readonly held: ReadonlySet<SessionId>;
  /** Also those of other members. */
  readonly watchOthers: boolean;
}

/**
 * Which warnings are due. Each rung is announced once, the lowest reached rung stands for those skipped,
 * and a deadline that moves begins anew with the rungs ahead of it. Other members' sessions are theirs to watch,
 * unless the user asked for them.
 * @param now server time, ms.
 */
export function climb(before: Ladder, { sessions, account }: Ready, now: number, input: LadderInput): LadderStep {
  const ladder = new Map<SessionId, Climb>();
  const warnings: Warning[] = [];
  for (const session of sessions) {
    const known = before.get(session.id);
    // One that is ending may turn out not to be: what was said of it is not said again.
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

/** Whoever moved the end knows where it is now: only rungs still ahead are announced. */
function announcedFor(known: Climb, endsAt: number, rung: number | undefined): number | undefined {
  return isSameEnd(known.endsAt, endsAt) ? known.announced : rung;
}

/** The lowest rung that is reached; none before the first and none once time is up. */
function rungAt(left: number, rungs: readonly number[]): number | undefined {
  if (left <= 0) return undefined;
  const reached = rungs.filter((minutes) => left <= minutes * MINUTE);
  return reached.length === 0 ? undefined : Math.min(...reached);
}

/** The first of several rungs only colours the status bar; a notice is for when it becomes pressing. */
export function isQuiet(rung: number, rungs: readonly number[]): boolean {
  return rungs.length > 1 && rung === Math.max(...rungs);
}

const FRESH = 90_000;

/**
 * Whether what is known may be acted on. After a sleep everything looks overdue until the server has been asked;
 * a failed attempt to ask counts, since the known end is then the best there is.
 * @param localNow local clock, ms.
 */
export function isTrustworthy({ asOf, problem }: Ready, localNow: number): boolean {
  return problem !== undefined || !isOlder(asOf, FRESH, localNow);
}
