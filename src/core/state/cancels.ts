import type { ComfyDeployClient } from '../api/client';
import { ApiError, asSentence, isAbort, toApiError } from '../api/errors';
import type { Intents } from '../guard/intents';
import type { Logger } from '../logger';
import type { Session, SessionId } from '../model';
import { atMost, type Clock } from './clock';
import type { ServerTime } from './serverTime';

export interface CancelsOptions {
  readonly api: Pick<ComfyDeployClient, 'cancelSession'>;
  readonly intents: Pick<Intents, 'state' | 'note'>;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly log: Logger;
}

const REPEAT_AFTER = 10_000;
/** A disk that hangs must not keep a GPU running. */
const LONGEST_NOTE = 2_000;

/** Ends sessions, and asks again until the end is proven. */
export class Cancels {
  /** Local clock, ms. */
  readonly #triedAt = new Map<SessionId, number>();
  readonly #taken = new Set<SessionId>();

  constructor(private readonly options: CancelsOptions) {}

  /** Shown as ending from the first moment. @throws {ApiError} if the server did not take the request, or may not have. */
  async cancel(id: SessionId, signal?: AbortSignal): Promise<void> {
    const { intents, serverTime, clock } = this.options;
    const noted = intents.note({ kind: 'cancelAsked', sessionId: id, at: serverTime.now() });
    this.#triedAt.set(id, clock.now());
    await atMost(clock, LONGEST_NOTE, noted);
    const failure = await this.#ask(id, signal);
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
    const { intents, clock } = this.options;
    for (const session of alive) {
      if (!intents.state.cancelling.has(session.id)) continue;
      const isDated = 'endsAt' in session;
      // Without a deadline it cannot be told from one that is stopping already.
      if (!isDated && this.#taken.has(session.id)) continue;
      if (clock.now() - (this.#triedAt.get(session.id) ?? Number.NEGATIVE_INFINITY) < REPEAT_AFTER) continue;
      this.#triedAt.set(session.id, clock.now());
      void this.#ask(session.id);
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
  async #ask(id: SessionId, signal?: AbortSignal): Promise<Error | undefined> {
    const { api, intents, log } = this.options;
    try {
      await api.cancelSession(id, signal);
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
