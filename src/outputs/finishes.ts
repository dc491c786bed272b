import type { SessionId, Work } from '../comfydeploy/model';
import { hasFinished } from './recentRuns';

/** Sessions in which a run may have finished, judging by their queues, until their outputs were looked at. */
export class Finishes {
  #seen: ReadonlyMap<SessionId, Work> = new Map();
  readonly #due = new Set<SessionId>();

  /** @param ids sessions that matter; all others are forgotten. */
  see(ids: readonly SessionId[], work: ReadonlyMap<SessionId, Work>): void {
    const seen = new Map<SessionId, Work>();
    for (const id of ids) {
      const [before, now] = [this.#seen.get(id), work.get(id)];
      if (hasFinished(before, now)) this.#due.add(id);
      const last = now ?? before;
      if (last) seen.set(id, last);
    }
    this.#seen = seen;
    for (const id of this.#due) if (!seen.has(id)) this.#due.delete(id);
  }

  isDue(id: SessionId): boolean {
    return this.#due.has(id);
  }

  /** The outputs are being looked at: later runs count again. */
  take(id: SessionId): void {
    this.#due.delete(id);
  }

  /** The look at them failed. */
  giveBack(id: SessionId): void {
    if (this.#seen.has(id)) this.#due.add(id);
  }
}
