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
  /** Always sent: a machine without a GPU of its own would otherwise break the whole session list. */
  readonly gpu: string;
  /** Whole and positive. */
  readonly minutes: number;
}

/** What changes the bill leaves with a permit only. */
export type Sending = Pick<HttpRequest, 'signal'> & { readonly permit: Permit };

/** What ComfyDeploy can do, one method an endpoint. Knows paths and shapes, nothing else. */
export class ComfyDeployClient {
  readonly #unread: UnreadLog;
  /** What the account's two lists said last: of the next answers only what is new is read. */
  #machines: AnsweredList<Machine> = {};
  #sessions: AnsweredList<Session> = {};

  constructor(
    private readonly http: Pick<Http, 'request' | 'list' | 'open' | 'slices'>,
    log: Pick<Logger, 'warn'>,
  ) {
    this.#unread = new UnreadLog(log);
  }

  /** Another account is meant from now on. */
  forget(): void {
    this.#machines = {};
    this.#sessions = {};
  }

  /** Every machine that is not deleted, workspace machines too. */
  listMachines(signal?: AbortSignal): Promise<Rows<Machine>> {
    const request = { path: '/machines/all', most: MOST.machines, signal };
    return this.#list(request, { row: MachineWire, key: 'id', plain: plainMachine }, this.#machines);
  }

  /** All live sessions of the user or organisation that have a deadline; others must be asked for singly. */
  listSessions(signal?: AbortSignal): Promise<Rows<Session>> {
    const request = { path: '/sessions', most: MOST.sessions, signal };
    return this.#list(request, { row: SessionWire, key: 'session_id', plain: plainSession }, this.#sessions);
  }

  /** @throws {ApiError} `missing` once the session has ended and is billed no longer. */
  getSession(id: SessionId, signal?: AbortSignal): Promise<Session> {
    return this.http.request({ method: 'GET', path: `/session/${encodeURIComponent(id)}`, signal }, SessionWire);
  }

  /** Not idempotent and without an idempotency key: after a lost answer look, do not repeat. */
  async createSession({ machineId, gpu, minutes }: NewSession, sending: Sending): Promise<SessionId> {
    const body = { machine_id: machineId, gpu, timeout: minutes, wait_for_server: false };
    const created = await this.http.request({ method: 'POST', path: '/session', body, ...sending }, CreatedWire);
    return created.session_id;
  }

  /** Moves the deadline by whole minutes. Relative and not idempotent: after a lost answer look, do not repeat. */
  async increaseTimeout(id: SessionId, minutes: number, sending: Sending): Promise<void> {
    const path = `/session/${encodeURIComponent(id)}/increase-timeout`;
    await this.http.request({ method: 'POST', path, body: { minutes }, ...sending }, z.unknown());
  }

  /** The old way, which current machines answer with 200 and ignore: only for sessions without a deadline. */
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
   * Asks for the end, or finds it there already. Billing stops later: when `getSession` no longer finds it.
   * @returns `closedEarly` where the server knew no container, and has closed the session all the same: the container may
   * come up later, is billed then, and nobody can end it. Only the machine's events show.
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

  /** Credit left, in billionths of a dollar; undefined where the server does not say. */
  getCredit(signal?: AbortSignal): Promise<bigint | undefined> {
    return this.http.request({ method: 'GET', path: '/platform/autumn-data', most: MOST.credit, signal }, CreditWire);
  }

  /** Whether the account is known to have the free plan. */
  hasFreePlan(signal?: AbortSignal): Promise<boolean> {
    return this.http.request({ method: 'GET', path: '/platform/plan', most: MOST.credit, signal }, PlanWire);
  }

  /** With which packages a machine is built, as the server has it: null of some kinds of machines. */
  async machineSteps(id: MachineId, signal?: AbortSignal): Promise<unknown> {
    const path = `/machine/${encodeURIComponent(id)}`;
    const row = await this.http.request({ method: 'GET', path, most: MOST.stats, signal }, StepsWire);
    return row.docker_command_steps;
  }

  /** Files of models that all machines of the account have: its own, or those that are there for everybody. */
  modelFiles(whose: 'private' | 'public', signal?: AbortSignal): Promise<readonly unknown[]> {
    return this.http.request({ method: 'GET', path: `/volume/${whose}-models`, most: MOST.machines, signal }, ListWire);
  }

  /** Sessions and runs of the last 24 h, newest first; also those that the session list hides. */
  listMachineEvents(id: MachineId, signal?: AbortSignal): Promise<Rows<MachineEvent>> {
    const path = `/machine/${encodeURIComponent(id)}/events`;
    return this.#list({ path, most: MOST.events, signal }, { row: MachineEventWire, key: 'session_id' });
  }

  /** Everything logged so far, then every new line, until the signal fires. Kept for 10 min after the end. */
  async *streamLog(id: SessionId, signal: AbortSignal): AsyncGenerator<readonly LogLine[], boolean> {
    const query = { session_id: id, log_level: 'info' };
    yield* readLog(await this.http.open({ method: 'GET', path: '/v2/stream-logs', query, signal }));
    return false; // a session may go on, whatever its stream says
  }

  /**
   * The same of a machine version's build; an unknown version has none. Its lines have a level of their own (`builder`),
   * so none is asked for; its stream goes on after the end of the build, which only the machine's status shows.
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

  /** Why containers of a machine version died on their way up, in the last 4 h. */
  async listStartErrors(version: string, signal?: AbortSignal): Promise<readonly StartError[]> {
    const path = `/machine-version/${encodeURIComponent(version)}/error-start-logs`;
    const { logs } = await this.http.request({ method: 'GET', path, most: MOST.startErrors, signal }, StartErrorsWire);
    const answered = await readRows(logs, { row: StartErrorWire, key: 'timestamp' }, this.http.slices(signal));
    this.#note(path, answered);
    return answered.rows;
  }

  /** The display name of a member, public; undefined where the server has none. */
  getUserName(userId: string, signal?: AbortSignal): Promise<string | undefined> {
    const path = `/user/${encodeURIComponent(userId)}`;
    return this.http.request({ method: 'GET', path, key: null, signal }, ProfileWire);
  }

  /** Whether the server at this address takes this key. @throws {ApiError} `unauthorized` if it does not. */
  async checkKey(base: string, key: string, signal?: AbortSignal): Promise<void> {
    const query = { limit: '1' };
    const where = { path: '/machines/all', base, query, key, most: MOST.machines };
    await this.http.request({ method: 'GET', ...where, signal }, ListWire);
  }

  /**
   * A new key of the server at this address.
   * @throws {ApiError} `missing` until the user has accepted, `refused` 30 s after they did.
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

/** What a list said last, and its rows: the same bytes are not read twice. */
interface AnsweredList<T> {
  last?: { readonly list: ReadList<ReadRow<T>>; readonly rows: Rows<T> };
}

function isWithoutContainer({ kind, message }: ApiError): boolean {
  return kind === 'refused' && message === 'Modal function id not found';
}
