import * as l10n from '@vscode/l10n';
import type { ComfyDeployClient, NewSession } from '../comfydeploy/client';
import { ApiError, asSentence, isAbort, toApiError } from '../platform/errors';
import type { Permit } from '../platform/http';
import type { Rows } from '../comfydeploy/rowReading';
import type { MachineEvent } from '../comfydeploy/wire';
import { bothOf, type Acts } from './acts';
import type { Intents } from './intents';
import type { LedgerEvent, LedgerState, OpenCreate } from './ledger';
import type { Logger } from '../platform/logger';
import type { Account, MachineId, Session, SessionId } from '../comfydeploy/model';
import { ageOf, Ages } from '../platform/age';
import { sleep, type Clock } from '../platform/clock';
import { idsOfSkipped } from './kept';
import type { ServerTime } from '../platform/serverTime';
import type { PreferencesChange } from './preferences';
import { isOwn } from './snapshot';

export interface CreatesOptions {
  readonly api: Pick<ComfyDeployClient, 'createSession' | 'listSessions' | 'listMachineEvents'>;
  readonly intents: Pick<Intents, 'state' | 'read' | 'claim' | 'note'>;
  readonly account: () => Promise<Account>;
  readonly acts: Pick<Acts, 'decide'>;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'now' | 'isSure'>;
  readonly log: Logger;
  /** Refreshes everything, as after every write. */
  readonly lookAround: () => Promise<void>;
  /** The server has just answered a create request with this session. */
  readonly born: (id: SessionId) => void;
}

/** The server records a session slightly before the time that it stamps it with, ms. */
const TOLERANCE = 5_000;
const LOOKS_AFTER = [500, 2_000, 5_000];
/** A window may be waiting for its answer, or looking for the session, this long. */
const IN_HAND = 40_000;
/**
 * After this long without a trace, ms, the request was never carried out. The bill shows a session only once its
 * container starts, for which the server waits ten minutes.
 */
const GRACE = { everything: 120_000, bill: 900_000 } as const;
const LOOK_AGAIN = 1_000;
/**
 * The server waits ten seconds for its call of a container: an answer that comes sooner means that the container was
 * called.
 */
const LONGEST_CALL = 9_000;
/**
 * A request expires after this, ms, so that other windows, which read of it in the ledger, know when it can no longer
 * leave.
 */
const LEAVES_WITHIN = 20_000;

/** A session to create. */
export interface Wanted extends NewSession {
  /** Guard preferences that apply from its first moment, whichever window finds it. */
  readonly preferences?: PreferencesChange;
}

interface Look {
  readonly found: SessionId | undefined;
  /** Which sources that could show the session were read. */
  readonly saw: 'everything' | 'bill' | undefined;
}

/** What the list already showed; undefined if it could not be read. */
interface Known {
  readonly listed: Rows<Session> | undefined;
}

/** Starts sessions. Each request is recorded before it is sent; if its answer is lost, the session is looked for. */
export class Creates {
  #adopted: readonly SessionId[] = [];
  /** Intents that somebody in this window waits for. */
  readonly #awaited = new Set<string>();
  readonly #ages: Ages;

  constructor(private readonly options: CreatesOptions) {
    this.#ages = new Ages(options.clock);
  }

  /** @param known sessions of the machine that existed before. @throws {ApiError} */
  async create(request: Wanted, known: readonly SessionId[], permit: Permit): Promise<SessionId> {
    const { intents, lookAround } = this.options;
    const intent = crypto.randomUUID();
    this.#awaited.add(intent);
    try {
      const id = await this.#create(intent, request, known, permit);
      await lookAround();
      return id;
    } catch (error) {
      await lookAround();
      const late = bornOf(intents.state, intent);
      if (late) return late;
      throw error;
    } finally {
      this.#awaited.delete(intent);
    }
  }

  /**
   * Looks for the sessions of open requests that no window waits for any more. @param listed the current list, if it
   * can be read.
   */
  async settle(listed: Rows<Session> | undefined, signal: AbortSignal): Promise<void> {
    const due = [...this.options.intents.state.creates.values()].filter((create) => this.#ageOf(create) > IN_HAND);
    for (const create of due) {
      const look = await this.#look(create, { listed }, signal);
      const isAdopted = await this.#conclude(create, look);
      if (isAdopted && look.found && !this.#awaited.has(create.intent)) this.#adopted = [...this.#adopted, look.found];
    }
  }

  /** The sessions that `settle` found, each returned once. */
  takeAdopted(): readonly SessionId[] {
    const adopted = this.#adopted;
    this.#adopted = [];
    return adopted;
  }

  async #create(intent: string, request: Wanted, known: readonly SessionId[], permit: Permit): Promise<SessionId> {
    const { intents, serverTime, acts } = this.options;
    const { machineId, gpu, preferences } = request;
    const isFree = (state: LedgerState) => openOn(state, machineId) === undefined;
    // With a wrong timestamp, the request could not be distinguished from others on the bill.
    if (!serverTime.isSure) await this.options.lookAround();
    for (;;) {
      const asked = { intent, machineId, gpu, at: serverTime.now(), known: [...known], ...noted(preferences) };
      const inTime = acts.decide({ lasts: LEAVES_WITHIN });
      if (await intents.claim({ kind: 'createAsked', ...asked }, isFree))
        return this.#ask(request, { ...asked, isLost: false }, bothOf(permit, inTime));
      const found = await this.#settleEarlier(request);
      if (!found) continue;
      if (preferences) await intents.note({ kind: 'wished', sessionId: found, wish: preferences });
      return found;
    }
  }

  async #ask(request: NewSession, asked: OpenCreate, permit: Permit): Promise<SessionId> {
    const { api, intents, clock, serverTime, log } = this.options;
    const { intent } = asked;
    const askedAt = clock.monotonic();
    try {
      const sessionId = await api.createSession(request, { permit });
      const isCalled = clock.monotonic() - askedAt < LONGEST_CALL;
      if (isCalled) this.options.born(sessionId); // if the answer came late, the session may have ended in the meantime
      const birth = { answeredAt: serverTime.now(), isCalled };
      await intents.note({ kind: 'created', intent, sessionId, ...birth, ...noted(asked.wish) });
      return sessionId;
    } catch (error) {
      const failure = toApiError(error);
      await intents.note({ kind: failure.outcomeUnknown ? 'createLost' : 'notCreated', intent });
      if (!failure.outcomeUnknown) throw failure;
      log.warn(`Create: the answer was lost (${failure.kind}); looking for the session.`);
      return this.#findLost(asked, failure);
    }
  }

  /** @throws {ApiError} if it is not found soon. It may still appear: `settle` keeps looking. */
  async #findLost(asked: OpenCreate, failure: ApiError): Promise<SessionId> {
    const { intents, clock } = this.options;
    const { intent } = asked;
    for (const wait of LOOKS_AFTER) {
      await sleep(clock, wait);
      const sessionId = bornOf(await intents.read(), intent) ?? (await this.#look(asked)).found;
      if (!sessionId) continue;
      await intents.note({ kind: 'created', intent, sessionId, ...noted(asked.wish) });
      return sessionId;
    }
    throw new ApiError(
      failure.kind,
      l10n.t(
        '{0} No new session has shown up so far. The extension keeps looking for it, and starts no second GPU on this machine until this is settled.',
        asSentence(failure.message),
      ),
      { cause: failure },
    );
  }

  /**
   * A new request while an earlier one is open means that earlier session, not a second one.
   * @returns the session if there is one; undefined once a new request may be sent or the state should be checked
   * again.
   * @throws {ApiError} while the outcome is not known.
   */
  async #settleEarlier({ machineId, gpu }: NewSession): Promise<SessionId | undefined> {
    const { intents, clock } = this.options;
    const open = openOn(await intents.read(), machineId);
    if (!open) return undefined;
    if (!open.isLost && this.#ageOf(open) <= IN_HAND) {
      await sleep(clock, LOOK_AGAIN); // a window still waits for the answer
      return undefined;
    }
    const look = await this.#look(open);
    await this.#conclude(open, look);
    const born = bornOf(intents.state, open.intent);
    if (born && open.gpu === gpu) return born;
    if (born)
      throw new ApiError(
        'refused',
        l10n.t('The {0} session that you requested before has started after all. Use it, or end it first.', open.gpu),
      );
    if (!intents.state.creates.has(open.intent)) return undefined;
    throw new ApiError(
      'refused',
      l10n.t(
        'An earlier request for a session on this machine is still unanswered, and no second one is started until that is settled. Try again in two minutes.',
      ),
    );
  }

  /** Records the result of a look. True if this window was the one that found the session. */
  async #conclude(create: OpenCreate, { found, saw }: Look): Promise<boolean> {
    const { intents } = this.options;
    const { intent } = create;
    const isOpen = (state: LedgerState) => state.creates.has(intent);
    if (found) return this.#found({ kind: 'created', intent, sessionId: found, ...noted(create.wish) }, isOpen);
    if (saw === undefined || this.#ageOf(create) <= GRACE[saw]) return false;
    // If it cannot be recorded, the request stays open and is looked for again.
    await intents.claim({ kind: 'notCreated', intent }, isOpen).catch(() => false);
    return false;
  }

  /** Where the disk fails, this window counts it as found anyway: the user is rather notified twice than never. */
  async #found(event: LedgerEvent, isOpen: (state: LedgerState) => boolean): Promise<boolean> {
    const { intents } = this.options;
    return intents.claim(event, isOpen).catch(async () => {
      if (!isOpen(intents.state)) return false;
      await intents.note(event);
      return true;
    });
  }

  /** Also reads the machine's billing rows, since the list may hide a session. */
  async #look(create: OpenCreate, known?: Known, signal?: AbortSignal): Promise<Look> {
    const { api, intents, account, serverTime } = this.options;
    const [whose, sessions, events] = await Promise.allSettled([
      account(),
      known ? known.listed : api.listSessions(signal),
      api.listMachineEvents(create.machineId, signal),
    ]);
    const aborted = [sessions, events].find((result) => result.status === 'rejected' && isAbort(result.reason));
    if (whose.status === 'rejected' || aborted) return { found: undefined, saw: undefined };
    const { created } = intents.state;
    const isNew = (id: SessionId) => !create.known.includes(id) && !created.has(id);
    // If the request's time is ahead of now, it says nothing about when its session began: then being new is enough.
    const since = ageOf(create.at, serverTime.now()) === undefined ? Number.NEGATIVE_INFINITY : create.at - TOLERANCE;
    const isOurs = ({ createdAt = since, ...row }: Pick<Session, 'createdAt' | 'userId'> & Pick<MachineEvent, 'gpu'>) =>
      row.gpu === create.gpu && createdAt >= since && isOwn(whose.value, row);
    const list = sessions.status === 'fulfilled' ? sessions.value : undefined;
    const billed = events.status === 'fulfilled' ? events.value.rows : [];
    const session = list?.rows.find((one) => one.machineId === create.machineId && isNew(one.id) && isOurs(one));
    const event = billed.find(
      (one) => one.sessionId !== undefined && isNew(one.sessionId) && one.endedAt === undefined && isOurs(one),
    );
    // An unreadable row may be the session that we look for.
    const isWhole = ({ skipped }: Rows<unknown>) =>
      idsOfSkipped(skipped).filter((id) => !isNew(id)).length === skipped.length;
    const isRead = events.status === 'fulfilled' && isWhole(events.value) && (!list || isWhole(list));
    const saw = isRead ? (list ? 'everything' : 'bill') : undefined;
    return { found: session?.id ?? event?.sessionId, saw };
  }

  #ageOf({ intent, at }: OpenCreate): number {
    return this.#ages.of(intent, at, this.options.serverTime.now());
  }
}

function noted(preferences: PreferencesChange | undefined): { readonly wish?: PreferencesChange } {
  return preferences ? { wish: preferences } : {};
}

function openOn({ creates }: LedgerState, machineId: MachineId): OpenCreate | undefined {
  return [...creates.values()].find((create) => create.machineId === machineId);
}

function bornOf({ created }: LedgerState, intent: string): SessionId | undefined {
  return [...created].find(([, from]) => from === intent)?.[0];
}
