import * as l10n from '@vscode/l10n';
import type { ComfyDeployClient } from '../comfydeploy/client';
import { ApiError, asSentence, isAbort, NotSent, toApiError } from '../platform/errors';
import type { Permit } from '../platform/http';
import { elapsed, LASTS_UNASKED, momentOf, type Acts, type Moment } from './acts';
import type { Intents } from './intents';
import type { OpenEnd } from './ledger';
import type { Logger } from '../platform/logger';
import type { Activity, Session, SessionId } from '../comfydeploy/model';
import { atMost, sleep, type Clock } from '../platform/clock';
import type { Leaks } from './leaks';
import type { ServerTime } from '../platform/serverTime';
import { MINUTE } from '../platform/units';

export interface EndsOptions {
  readonly api: Pick<ComfyDeployClient, 'cancelSession'>;
  readonly intents: Pick<Intents, 'state' | 'note'>;
  readonly leaks: Pick<Leaks, 'waitOf' | 'noteAsked' | 'noteClosed'>;
  readonly acts: Pick<Acts, 'decide'>;
  /** What a session does, read now; undefined if that cannot be read. */
  readonly activityOf: (session: Session) => Promise<Activity | undefined>;
  /** It renders by now, and is not asked to end any more. */
  readonly givenUp: (id: SessionId) => void;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly log: Logger;
}

export interface EndRequest {
  /** Nobody, if the user asked for it themselves. */
  readonly by?: OpenEnd['by'];
  readonly permit: Permit;
  readonly signal?: AbortSignal | undefined;
}

const REPEAT_AFTER = 10_000;
/** A disk that hangs must not keep a GPU running. */
const LONGEST_NOTE = 2_000;
/** An end that has to wait for longer is asked for by a later round. */
const MOMENT = 3_000;
/** Rounds are further apart only where a window was frozen or rests. */
const LONGEST_GAP = 6 * MINUTE;
/** What another window asked for so long ago, and nobody has proven, may be forgotten. Server time, ms. */
const OLD = 2 * MINUTE;

/** Ends sessions, and asks again until the end is proven. */
export class Ends {
  readonly #triedAt = new Map<SessionId, Moment>();
  readonly #taken = new Set<SessionId>();
  /** Asked for here, and asked for again ever since. */
  readonly #pursued = new Set<SessionId>();
  #awakeAt: Moment;

  constructor(private readonly options: EndsOptions) {
    this.#awakeAt = momentOf(options.clock);
  }

  /**
   * Shown as ending from the first moment. Where it would be too soon, it is written down and done by a later round.
   * @param session as the server last told it. @throws {ApiError} if the server did not take the request, or may not have.
   */
  async end(id: SessionId, session: Session | undefined, { by, permit, signal }: EndRequest): Promise<void> {
    const { intents, leaks, serverTime, clock } = this.options;
    const asked = { kind: 'cancelAsked', sessionId: id, at: serverTime.now() } as const;
    const noted = Promise.all([intents.note(by === undefined ? asked : { ...asked, by }), leaks.noteAsked(session)]);
    const wait = session ? leaks.waitOf(session) : 0;
    this.noticeGap();
    if (wait <= MOMENT) this.#triedAt.set(id, momentOf(clock, wait));
    this.#pursued.add(id);
    await atMost(clock, LONGEST_NOTE, noted);
    if (wait > MOMENT) return;
    const failure = await this.#ask(id, session, { permit, signal }, wait);
    if (failure instanceof ApiError && failure.outcomeUnknown)
      throw new ApiError(
        failure.kind,
        l10n.t('{0} Retrying automatically until the session has ended.', asSentence(failure.message)),
        {
          cause: failure,
        },
      );
    if (failure) throw failure;
  }

  /** A round has come, whatever it brought: whoever was away for long pursues nothing of what was asked for before. */
  noticeGap(): void {
    const { clock } = this.options;
    if (elapsed(clock, this.#awakeAt) > LONGEST_GAP) this.#pursued.clear();
    this.#awakeAt = momentOf(clock);
  }

  /** Asks again for the end of those that live on. Fails silently: the next round comes. */
  repeat(alive: readonly Session[]): void {
    const { intents, leaks, clock } = this.options;
    const { ends } = intents.state;
    for (const session of ends.size === 0 ? [] : alive) {
      const { id } = session;
      const asked = ends.get(id);
      if (!asked || leaks.waitOf(session) > 0) continue;
      // Without a deadline it cannot be distinguished from one that is stopping already.
      if (!('endsAt' in session) && this.#taken.has(id)) continue;
      const triedAt = this.#triedAt.get(id);
      if (triedAt && elapsed(clock, triedAt) < REPEAT_AFTER) continue;
      this.#triedAt.set(id, momentOf(clock));
      void this.#ask(id, session, { permit: this.#permitFor(session, asked), isRepeated: true });
    }
  }

  /** The server no longer knows it. */
  ended(id: SessionId): void {
    this.#triedAt.delete(id);
    this.#taken.delete(id);
    this.#pursued.delete(id);
  }

  reset(): void {
    this.#triedAt.clear();
    this.#taken.clear();
    this.#pursued.clear();
  }

  /** What was decided on the user's behalf, or long ago, is looked at as on the first day. */
  #permitFor(session: Session, { at, by }: OpenEnd): Permit {
    const { acts, serverTime } = this.options;
    const age = serverTime.now() - at;
    const isMeant = this.#pursued.has(session.id) || (age <= OLD && age >= -OLD);
    if (by === undefined && isMeant) return acts.decide({ lasts: LASTS_UNASKED });
    const isRight = async () => this.#isRight(session, by);
    return acts.decide({ lasts: LASTS_UNASKED, isLed: by !== undefined, isRight });
  }

  /** Nobody's work is lost for it; and where nobody asked for it, only what is known to be idle ends. */
  async #isRight(session: Session, by: OpenEnd['by']): Promise<boolean> {
    const { activityOf, givenUp, intents, log } = this.options;
    const activity = await activityOf(session);
    if (activity?.kind !== 'rendering') return by === undefined || activity?.kind === 'idle';
    log.warn(`End: session ${session.id} renders by now, so its end is not asked for again.`);
    await intents.note({ kind: 'cancelDropped', sessionId: session.id });
    if (by === undefined) givenUp(session.id);
    return false;
  }

  /** Returns what went wrong. A refusal, or walking away, ends the intent; a lost answer leaves it open. */
  async #ask(
    id: SessionId,
    session: Session | undefined,
    { permit, signal, isRepeated = false }: Omit<EndRequest, 'by'> & { readonly isRepeated?: boolean },
    wait = 0,
  ): Promise<Error | undefined> {
    const { api, intents, leaks, clock, log } = this.options;
    try {
      if (wait > 0) await sleep(clock, wait, signal);
      const answer = await api.cancelSession(id, { permit, signal });
      if (answer === 'closedEarly') await leaks.noteClosed(id, session);
      this.#taken.add(id);
      return undefined;
    } catch (error) {
      const failure = isAbort(error) && error instanceof Error ? error : toApiError(error);
      if (failure instanceof NotSent && isRepeated) return failure; // another window's, or later
      const isOpen = failure instanceof ApiError && failure.outcomeUnknown;
      log.warn(`End: ${failure.message} ${isOpen ? 'Asking again.' : ''}`);
      if (!isOpen) await intents.note({ kind: 'cancelDropped', sessionId: id });
      return failure;
    }
  }
}
