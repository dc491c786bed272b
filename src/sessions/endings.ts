import type { Session, SessionId } from '../comfydeploy/model';
import { isByDeadline } from './deadline';
import type { ServerTime } from '../platform/serverTime';
import { findSession, sessionsOf, type Ended, type Snapshot } from './snapshot';

/**
 * Remembers why sessions end: once they are ending, their deadline is told no longer. A start has failed only where
 * this window asked for it or saw it: that nothing is known of a session does not mean that it never ran.
 */
export class Endings {
  readonly #causes = new Map<SessionId, Ended['why']>();
  /** Created in this window, and in no list yet. */
  readonly #born = new Set<SessionId>();

  constructor(private readonly serverTime: Pick<ServerTime, 'now'>) {}

  /** This window has created it. */
  readonly born = (id: SessionId): void => void this.#born.add(id);

  notice(before: Snapshot, after: Snapshot): void {
    if (this.#born.size === 0 && sessionsOf(after) === sessionsOf(before)) return;
    for (const { id, phase } of sessionsOf(after)) {
      if (this.#born.size > 0) this.#born.delete(id);
      if (phase !== 'ending') continue; // nearly all: only the few others are looked for
      const session = findSession(before, id);
      if (session && session.phase !== 'ending') this.#causes.set(id, this.#causeOf(session));
    }
  }

  /** Says it once. @param last the session as it was last seen; undefined if it was gone before that. */
  take(id: SessionId, last: Session | undefined): Ended['why'] {
    const cause = this.#causes.get(id);
    const isBorn = this.#born.delete(id);
    this.#causes.delete(id);
    if (cause !== undefined) return cause;
    if (last) return this.#causeOf(last);
    return isBorn ? 'failedToStart' : 'elsewhere';
  }

  clear(): void {
    this.#causes.clear();
    this.#born.clear();
  }

  #causeOf(session: Session): Ended['why'] {
    const isDue = 'endsAt' in session && isByDeadline(session.endsAt, this.serverTime.now());
    if (isDue) return 'deadline';
    return session.phase === 'starting' ? 'failedToStart' : 'elsewhere';
  }
}

/** Who saw it start, or asked for its end, knows better than a window that only missed it. @param told by another window. */
export function likeliest(own: Ended['why'], other: Ended['why'] | undefined): Ended['why'] {
  const isMissed = other === undefined || (other === 'elsewhere' && own !== 'deadline');
  return isMissed ? own : other;
}
