import type { Session, SessionId } from '../model';
import { isByDeadline } from './deadline';
import type { ServerTime } from './serverTime';
import { findSession, sessionsOf, type Ended, type Snapshot } from './snapshot';

/** Remembers why sessions end: once they are ending, their deadline is told no longer. */
export class Endings {
  readonly #causes = new Map<SessionId, Ended['why']>();

  constructor(private readonly serverTime: Pick<ServerTime, 'now'>) {}

  notice(before: Snapshot, after: Snapshot): void {
    for (const { id, phase } of sessionsOf(after)) {
      if (phase !== 'ending') continue; // nearly all: only the few others are looked for
      const session = findSession(before, id);
      if (session && session.phase !== 'ending') this.#causes.set(id, this.#causeOf(session));
    }
  }

  /** Says it once. @param last the session as it was last seen; undefined if it was gone before that. */
  take(id: SessionId, last: Session | undefined): Ended['why'] {
    const cause = this.#causes.get(id);
    this.#causes.delete(id);
    if (cause !== undefined) return cause;
    return last ? this.#causeOf(last) : 'failedToStart';
  }

  clear(): void {
    this.#causes.clear();
  }

  #causeOf(session: Session): Ended['why'] {
    const isDue = 'endsAt' in session && isByDeadline(session.endsAt, this.serverTime.now());
    if (isDue) return 'deadline';
    return session.phase === 'starting' ? 'failedToStart' : 'elsewhere';
  }
}
