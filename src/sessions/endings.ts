import type { Session, SessionId } from '../comfydeploy/model';
import { isByDeadline } from './deadline';
import type { ServerTime } from '../platform/serverTime';
import { findSession, sessionsOf, type Ended, type Snapshot } from './snapshot';

/**
 * Remembers why sessions end, since the server no longer reports a deadline once a session is ending. A start counts as
 * failed only if this window requested or saw it: a session that this window knows nothing of may have run.
 */
export class Endings {
  readonly #causes = new Map<SessionId, Ended['why']>();
  /** Created in this window, and not in any list yet. */
  readonly #born = new Set<SessionId>();

  constructor(private readonly serverTime: Pick<ServerTime, 'now'>) {}

  /** Called when this window has created a session. */
  readonly born = (id: SessionId): void => void this.#born.add(id);

  notice(before: Snapshot, after: Snapshot): void {
    if (this.#born.size === 0 && sessionsOf(after) === sessionsOf(before)) return;
    for (const { id, phase } of sessionsOf(after)) {
      if (this.#born.size > 0) this.#born.delete(id);
      if (phase !== 'ending') continue; // skips nearly all, so that only the few that are ending are looked up
      const session = findSession(before, id);
      if (session && session.phase !== 'ending') this.#causes.set(id, this.#causeOf(session));
    }
  }

  /** Each reason is returned once. @param last the session as last seen; undefined if it was gone before that. */
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

/**
 * A window that saw the start, or asked for the end, knows better than one that only missed it. @param other from
 * another window.
 */
export function likeliest(own: Ended['why'], other: Ended['why'] | undefined): Ended['why'] {
  const isMissed = other === undefined || (other === 'elsewhere' && own !== 'deadline');
  return isMissed ? own : other;
}
