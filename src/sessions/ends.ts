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
  /** What the session does, read now; undefined if that cannot be read. */
  readonly activityOf: (session: Session) => Promise<Activity | undefined>;
  /** The session renders, so it is no longer asked to end. */
  readonly givenUp: (id: SessionId) => void;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly log: Logger;
}

export interface EndRequest {
  /** Undefined if the user asked for it. */
  readonly by?: OpenEnd['by'];
  readonly permit: Permit;
  readonly signal?: AbortSignal | undefined;
}

const REPEAT_AFTER = 10_000;
/** A hanging disk must not keep a GPU running: longest wait for the ledger, ms. */
const LONGEST_NOTE = 2_000;
/** An end that has to wait longer, ms, is sent by a later round. */
const MOMENT = 3_000;
/** A longer gap between rounds means that the window was frozen or resting. */
const LONGEST_GAP = 6 * MINUTE;
/**
 * An end that another window requested this long ago, and that is not proven, may no longer be wanted. Server time, ms.
 */
const OLD = 2 * MINUTE;

/** Ends sessions, and repeats the request until the end is proven. */
export class Ends {
  readonly #triedAt = new Map<SessionId, Moment>();
  readonly #taken = new Set<SessionId>();
  /** Ends that this window requested and has been repeating since. */
  readonly #pursued = new Set<SessionId>();
  #awakeAt: Moment;

  constructor(private readonly options: EndsOptions) {
    this.#awakeAt = momentOf(options.clock);
  }

  /**
   * The session is shown as ending at once. If it is too soon to send the request, it is recorded, and a later round
   * sends it.
   * @param session as the server last reported it. @throws {ApiError} if the server did not take the request, or may
   * not have.
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

  /**
   * Called after every round, successful or not. After a long gap, ends requested before it are no longer repeated
   * unchecked.
   */
  noticeGap(): void {
    const { clock } = this.options;
    if (elapsed(clock, this.#awakeAt) > LONGEST_GAP) this.#pursued.clear();
    this.#awakeAt = momentOf(clock);
  }

  /** Requests the end again for sessions that still exist. Failures are silent: the next round tries again. */
  repeat(alive: readonly Session[]): void {
    const { intents, leaks, clock } = this.options;
    const { ends } = intents.state;
    for (const session of ends.size === 0 ? [] : alive) {
      const { id } = session;
      const asked = ends.get(id);
      if (!asked || leaks.waitOf(session) > 0) continue;
      // Without a deadline it cannot be distinguished from one that is already stopping.
      if (!('endsAt' in session) && this.#taken.has(id)) continue;
      const triedAt = this.#triedAt.get(id);
      if (triedAt && elapsed(clock, triedAt) < REPEAT_AFTER) continue;
      this.#triedAt.set(id, momentOf(clock));
      void this.#ask(id, session, { permit: this.#permitFor(session, asked), isRepeated: true });
    }
  }

  /** The server no longer knows the session. */
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

  /** An end that the guardian decided, or that is old, is sent only after the session's activity was checked again. */
  #permitFor(session: Session, { at, by }: OpenEnd): Permit {
    const { acts, serverTime } = this.options;
    const age = serverTime.now() - at;
    const isMeant = this.#pursued.has(session.id) || (age <= OLD && age >= -OLD);
    if (by === undefined && isMeant) return acts.decide({ lasts: LASTS_UNASKED });
    const isRight = async () => this.#isRight(session, by);
    return acts.decide({ lasts: LASTS_UNASKED, isLed: by !== undefined, isRight });
  }

  /** A rendering session is never ended; if the guardian asked for the end, the session has to be known to be idle. */
  async #isRight(session: Session, by: OpenEnd['by']): Promise<boolean> {
    const { activityOf, givenUp, intents, log } = this.options;
    const activity = await activityOf(session);
    if (activity?.kind !== 'rendering') return by === undefined || activity?.kind === 'idle';
    log.warn(`End: session ${session.id} renders by now, so its end is not asked for again.`);
    await intents.note({ kind: 'cancelDropped', sessionId: session.id });
    if (by === undefined) givenUp(session.id);
    return false;
  }

  /** Returns the failure. A refusal or an abort closes the intent; a lost answer leaves it open. */
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
      if (failure instanceof NotSent && isRepeated) return failure; // another window sends it, or a later round
      const isOpen = failure instanceof ApiError && failure.outcomeUnknown;
      log.warn(`End: ${failure.message} ${isOpen ? 'Asking again.' : ''}`);
      if (!isOpen) await intents.note({ kind: 'cancelDropped', sessionId: id });
      return failure;
    }
  }
}
