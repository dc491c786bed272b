import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import type { Machine, MachineId, Prices, Session, SessionId } from './model';
import { MOST } from '../platform/body';
import { ApiError, toApiError } from '../platform/errors';
import type { Logger } from '../platform/logger';
import type { Http, HttpRequest, Permit } from '../platform/http';
import { readLog, type LogLine } from './logs';
import type { ReadList } from '../platform/jsonList';
import { readRow, readRows, rowsFrom, type ReadRow, type RowReader, type Rows } from './rowReading';
import { ListWire, UnreadLog } from '../platform/unread';
import { plainMachine, plainSession } from './plainRows';
import {
  CreatedWire,
  CreditWire,
  PlanWire,
  MachineEventWire,
  MachineWire,
  PricesWire,
  ProfileWire,
  SessionWire,
  SignInWire,
  StartErrorsWire,
  StepsWire,
  StartErrorWire,
  type MachineEvent,
  type StartError,
} from './wire';

export interface NewSession {
  readonly machineId: MachineId;
  /** Always sent: without it, a machine without a default GPU would break the whole session list. */
  readonly gpu: string;
  /** A positive integer. */
  readonly minutes: number;
}

/** Requests that change the bill need a permit. */
export type Sending = Pick<HttpRequest, 'signal'> & { readonly permit: Permit };

/** The ComfyDeploy API, one method for each endpoint. Knows paths and formats, nothing else. */
export class ComfyDeployClient {
  readonly #unread: UnreadLog;
  /** The last answers of the account's two lists: in the next answers only what is new is decoded. */
  #machines: AnsweredList<Machine> = {};
  #sessions: AnsweredList<Session> = {};

  constructor(
    private readonly http: Pick<Http, 'request' | 'list' | 'open' | 'slices'>,
    log: Pick<Logger, 'warn'>,
  ) {
    this.#unread = new UnreadLog(log);
  }

  /** Another account is in use. */
  forget(): void {
    this.#machines = {};
    this.#sessions = {};
  }

  /** Every machine that is not deleted, including workspace machines. */
  listMachines(signal?: AbortSignal): Promise<Rows<Machine>> {
    const request = { path: '/machines/all', most: MOST.machines, signal };
    return this.#list(request, { row: MachineWire, key: 'id', plain: plainMachine }, this.#machines);
  }

  /** All live sessions of the user or organization that have a deadline; others have to be requested one by one. */
  listSessions(signal?: AbortSignal): Promise<Rows<Session>> {
    const request = { path: '/sessions', most: MOST.sessions, signal };
    return this.#list(request, { row: SessionWire, key: 'session_id', plain: plainSession }, this.#sessions);
  }

  /** @throws {ApiError} `missing` once the session has ended and is no longer billed. */
  getSession(id: SessionId, signal?: AbortSignal): Promise<Session> {
    return this.http.request({ method: 'GET', path: `/session/${encodeURIComponent(id)}`, signal }, SessionWire);
  }

  /** Not idempotent and without an idempotency key: after a lost answer look for the session, do not repeat. */
  async createSession({ machineId, gpu, minutes }: NewSession, sending: Sending): Promise<SessionId> {
    const body = { machine_id: machineId, gpu, timeout: minutes, wait_for_server: false };
    const created = await this.http.request({ method: 'POST', path: '/session', body, ...sending }, CreatedWire);
    return created.session_id;
  }

  /**
   * Moves the deadline by whole minutes. Relative and not idempotent: after a lost answer read the session, do not
   * repeat.
   */
  async increaseTimeout(id: SessionId, minutes: number, sending: Sending): Promise<void> {
    const path = `/session/${encodeURIComponent(id)}/increase-timeout`;
    await this.http.request({ method: 'POST', path, body: { minutes }, ...sending }, z.unknown());
  }

  /**
   * The old endpoint, which answers 200 for current machines and does nothing: only for sessions without a deadline.
   */
  async increaseTimeoutOfOldMachine(
    { id, machineId, gpu }: Pick<Session, 'id' | 'machineId' | 'gpu'>,
    minutes: number,
    sending: Sending,
  ): Promise<void> {
    if (!machineId) throw new ApiError('refused', l10n.t("This session has no machine, so it can't be extended."));
    const body = { machine_id: machineId, session_id: id, timeout: minutes, gpu };
    await this.http.request({ method: 'POST', path: '/session/increase-timeout', body, ...sending }, z.unknown());
  }

  /**
   * Requests the end, or finds the session gone already. Billing stops later: when `getSession` no longer finds it.
   * @returns `closedEarly` if the server knew no container and closed the session anyway: the container may start
   * later, is billed then, and cannot be ended. Only the machine's events show that.
   */
  async cancelSession(id: SessionId, sending: Sending): Promise<'asked' | 'closedEarly'> {
    const path = `/session/${encodeURIComponent(id)}`;
    try {
      await this.http.request({ method: 'DELETE', path, ...sending }, z.unknown());
    } catch (error) {
      const failure = toApiError(error);
      if (isWithoutContainer(failure)) return 'closedEarly';
      if (failure.kind !== 'missing') throw error;
    }
    return 'asked';
  }

  /** Public; changes now and then. */
  listPrices(signal?: AbortSignal): Promise<Prices> {
    return this.http.request(
      { method: 'GET', path: '/platform/gpu-pricing', key: null, most: MOST.prices, signal },
      PricesWire,
    );
  }

  /** Remaining credit, billionths of a dollar; undefined if the server does not report it. */
  getCredit(signal?: AbortSignal): Promise<bigint | undefined> {
    return this.http.request({ method: 'GET', path: '/platform/autumn-data', most: MOST.credit, signal }, CreditWire);
  }

  /** Whether the account is known to have the free plan. */
  hasFreePlan(signal?: AbortSignal): Promise<boolean> {
    return this.http.request({ method: 'GET', path: '/platform/plan', most: MOST.credit, signal }, PlanWire);
  }

  /** The build steps of a machine with its packages, in the server's format: null for some kinds of machines. */
  async machineSteps(id: MachineId, signal?: AbortSignal): Promise<unknown> {
    const path = `/machine/${encodeURIComponent(id)}`;
    const row = await this.http.request({ method: 'GET', path, most: MOST.stats, signal }, StepsWire);
    return row.docker_command_steps;
  }

  /** Model files that all machines of the account have: its own, or the public ones. */
  modelFiles(whose: 'private' | 'public', signal?: AbortSignal): Promise<readonly unknown[]> {
    return this.http.request({ method: 'GET', path: `/volume/${whose}-models`, most: MOST.machines, signal }, ListWire);
  }

  /** Sessions and runs of the last 24 h, newest first, including those that the session list hides. */
  listMachineEvents(id: MachineId, signal?: AbortSignal): Promise<Rows<MachineEvent>> {
    const path = `/machine/${encodeURIComponent(id)}/events`;
    return this.#list({ path, most: MOST.events, signal }, { row: MachineEventWire, key: 'session_id' });
  }

  /** Everything logged so far, then every new line, until the signal fires. Available until 10 min after the end. */
  async *streamLog(id: SessionId, signal: AbortSignal): AsyncGenerator<readonly LogLine[], boolean> {
    const query = { session_id: id, log_level: 'info' };
    yield* readLog(await this.http.open({ method: 'GET', path: '/v2/stream-logs', query, signal }));
    return false; // a session may go on, whatever its stream says
  }

  /**
   * The same for a machine version's build; an unknown version has none. Its lines have their own level (`builder`), so
   * no level is requested. The stream stays open after the end of the build, which only the machine's status shows.
   */
  async *streamBuildLog(version: string, signal: AbortSignal): AsyncGenerator<readonly LogLine[], boolean> {
    const query = { machine_id_version: version };
    try {
      return yield* readLog(await this.http.open({ method: 'GET', path: '/v2/stream-logs', query, signal }));
    } catch (error) {
      if (toApiError(error).kind === 'missing') return true;
      throw error;
    }
  }

  /** Why containers of a machine version died while starting, in the last 4 h. */
  async listStartErrors(version: string, signal?: AbortSignal): Promise<readonly StartError[]> {
    const path = `/machine-version/${encodeURIComponent(version)}/error-start-logs`;
    const { logs } = await this.http.request({ method: 'GET', path, most: MOST.startErrors, signal }, StartErrorsWire);
    const answered = await readRows(logs, { row: StartErrorWire, key: 'timestamp' }, this.http.slices(signal));
    this.#note(path, answered);
    return answered.rows;
  }

  /** The public display name of a member; undefined if the server has none. */
  getUserName(userId: string, signal?: AbortSignal): Promise<string | undefined> {
    const path = `/user/${encodeURIComponent(userId)}`;
    return this.http.request({ method: 'GET', path, key: null, signal }, ProfileWire);
  }

  /** Whether the server at this address accepts this key. @throws {ApiError} `unauthorized` if it does not. */
  async checkKey(base: string, key: string, signal?: AbortSignal): Promise<void> {
    const query = { limit: '1' };
    const where = { path: '/machines/all', base, query, key, most: MOST.machines };
    await this.http.request({ method: 'GET', ...where, signal }, ListWire);
  }

  /**
   * Returns a new key from the server at this address.
   * @throws {ApiError} `missing` until the user has accepted, `refused` from 30 s after that.
   */
  async getAcceptedKey(base: string, requestId: string, signal?: AbortSignal): Promise<string> {
    const path = '/platform/comfyui/auth-response';
    const query = { request_id: requestId };
    return (await this.http.request({ method: 'GET', path, base, query, key: null, signal }, SignInWire)).api_key;
  }

  async #list<S extends z.core.$ZodType>(
    request: Pick<HttpRequest, 'path' | 'most' | 'signal'>,
    of: RowReader<S>,
    answered: AnsweredList<z.output<S>> = {},
  ): Promise<Rows<z.output<S>>> {
    const list = await this.http.list({ method: 'GET', ...request }, (item) => readRow(of, item), answered.last?.list);
    if (answered.last?.list === list) return answered.last.rows;
    const rows = rowsFrom(list.items);
    answered.last = { list, rows };
    this.#note(request.path, rows);
    return rows;
  }

  #note(path: string, { skipped, unread }: Rows<unknown>): void {
    // eslint-disable-next-line texts/marked -- for the log
    this.#unread.note(`GET ${path}`, [...unread, ...skipped.map(({ why }) => `a row (${why})`)]);
  }
}

/** The last answer of a list and its rows: the same bytes are not decoded twice. */
interface AnsweredList<T> {
  last?: { readonly list: ReadList<ReadRow<T>>; readonly rows: Rows<T> };
}

function isWithoutContainer({ kind, message }: ApiError): boolean {
  return kind === 'refused' && message === 'Modal function id not found';
}
