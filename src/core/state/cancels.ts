import type { ComfyDeployClient } from '../api/client';
import { ApiError, asSentence, isAbort, toApiError } from '../api/errors';
import type { Intents } from '../guard/intents';
import type { Logger } from '../logger';
import type { Session, SessionId } from '../model';
import { isOlder } from './age';
import { atMost, sleep, type Clock } from './clock';
import type { Leaks } from './leaks';
import type { ServerTime } from './serverTime';

export interface CancelsOptions {
  readonly api: Pick<ComfyDeployClient, 'cancelSession'>;
  readonly intents: Pick<Intents, 'state' | 'note'>;
  readonly leaks: Pick<Leaks, 'waitOf' | 'noteAsked' | 'noteClosed'>;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly log: Logger;
}

const REPEAT_AFTER = 10_000;
/** A disk that hangs must not keep a GPU running. */
const LONGEST_NOTE = 2_000;
/** An end that has to wait for longer is asked for by a later round. */
const MOMENT = 3_000;

/** Ends sessions, and asks again until the end is proven. */
export class Cancels {
  /** Local clock, ms. */
  readonly #triedAt = new Map<SessionId, number>();
  readonly #taken = new Set<SessionId>();

  constructor(private readonly options: CancelsOptions) {}

  /**
   * Shown as ending from the first moment. Where it would be too soon, it is written down and done by a later round.
   * @param session as the server last told it. @throws {ApiError} if the server did not take the request, or may not have.
   */
  async cancel(id: SessionId, session: Session | undefined, signal?: AbortSignal): Promise<void> {
    const { intents, leaks, serverTime, clock } = this.options;
    const asked = intents.note({ kind: 'cancelAsked', sessionId: id, at: serverTime.now() });
    const noted = Promise.all([asked, leaks.noteAsked(session)]);
    const wait = session ? leaks.waitOf(session) : 0;
    if (wait <= MOMENT) this.#triedAt.set(id, clock.now() + wait);
    await atMost(clock, LONGEST_NOTE, noted);
    if (wait > MOMENT) return;
    const failure = await this.#ask(id, session, signal, wait);
    if (failure instanceof ApiError && failure.outcomeUnknown)
      throw new ApiError(
        failure.kind,
        `${asSentence(failure.message)} The end is asked for again until it is proven.`,
        {
          cause: failure,
        },
      );
    if (failure) throw failure;
  }

  /** Asks again for the end of those that live on. Fails silently: the next round comes. */
  repeat(alive: readonly Session[]): void {
    const { intents, leaks, clock } = this.options;
    for (const session of alive) {
      if (!intents.state.cancelling.has(session.id)) continue;
      if (leaks.waitOf(session) > 0) continue;
      const isDated = 'endsAt' in session;
      // Without a deadline it cannot be told from one that is stopping already.
      if (!isDated && this.#taken.has(session.id)) continue;
      if (!isOlder(this.#triedAt.get(session.id), REPEAT_AFTER - 1, clock.now())) continue;
      this.#triedAt.set(session.id, clock.now());
      void this.#ask(session.id, session);
    }
  }

  /** The server no longer knows it. */
  ended(id: SessionId): void {
    this.#triedAt.delete(id);
    this.#taken.delete(id);
  }

  reset(): void {
    this.#triedAt.clear();
    this.#taken.clear();
  }

  /** Returns what went wrong. A refusal, or walking away, ends the intent; a lost answer leaves it open. */
  async #ask(id: SessionId, session: Session | undefined, signal?: AbortSignal, wait = 0): Promise<Error | undefined> {
    const { api, intents, leaks, clock, log } = this.options;
    try {
      if (wait > 0) await sleep(clock, wait, signal);
      const answer = await api.cancelSession(id, signal);
      if (answer === 'closedEarly') await leaks.noteClosed(id, session);
      this.#taken.add(id);
      return undefined;
    } catch (error) {
      const failure = isAbort(error) && error instanceof Error ? error : toApiError(error);
      const isOpen = failure instanceof ApiError && failure.outcomeUnknown;
      log.warn(`Cancel: ${failure.message} ${isOpen ? 'Asking again.' : ''}`);
      if (!isOpen) await intents.note({ kind: 'cancelDropped', sessionId: id });
      return failure;
    }
  }
}
