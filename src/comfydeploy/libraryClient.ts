import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { MOST } from '../platform/body';
import { ApiError, asSentence, toApiError } from '../platform/errors';
import type { Http, HttpRequest } from '../platform/http';
import { exactJson } from '../platform/jsonText';
import type { Logger } from '../platform/logger';
import { MINUTE } from '../platform/units';
import { ListWire, UnreadLog } from '../platform/unread';
import { ClonedWire, CreatedWorkflowWire, KeptWorkflowWire, VersionWire } from './library';
import type { KeptWorkflow, Version, WorkflowId } from './library';
import type { MachineId } from './model';
import { readRows, type RowReader, type Rows } from './rowReading';

export interface WorkflowsAsked {
  /** A part of the name. */
  readonly search?: string | undefined;
  readonly machineId?: MachineId | undefined;
  readonly offset: number;
  readonly limit: number;
  /** Comes first if it exists, wherever in the list it is. */
  readonly first?: WorkflowId | undefined;
}

export interface NewVersion {
  readonly graph: unknown;
  /** An object, which may be empty. */
  readonly prompt: unknown;
  readonly comment?: string | undefined;
  /** Becomes the machine of the workflow, and its preview deployment moves to this version. The owner is not checked. */
  readonly machineId?: MachineId | undefined;
}

/** Graphs of the largest workflows take long. */
const LONG = { timeout: 2 * MINUTE } as const;

/** The most workflows of one name that are looked at. */
const NAMESAKES = 9;

/** The workflows that ComfyDeploy keeps. Its `Http` keeps the spelling of numbers. Nothing here changes the bill. */
export class LibraryClient {
  readonly #unread: UnreadLog;

  constructor(
    private readonly http: Pick<Http, 'request' | 'slices'>,
    log: Pick<Logger, 'warn'>,
  ) {
    this.#unread = new UnreadLog(log);
  }

  /** A page: pinned ones first, then by the time of their last change. */
  async list(
    { search, machineId, offset, limit, first }: WorkflowsAsked,
    signal?: AbortSignal,
  ): Promise<Rows<KeptWorkflow>> {
    const query = {
      limit: String(limit),
      offset: String(offset),
      // The server reads it as a pattern.
      ...(search === undefined ? {} : { search: search.replace(/[\\%_]/g, '\\$&') }),
      ...(machineId === undefined ? {} : { machine_id: machineId }),
    };
    const request = { path: '/workflows', query, most: MOST.workflows, signal };
    const page = await this.#rows(request, { row: KeptWorkflowWire, key: 'id' });
    if (first === undefined) return page;
    const isFirst = ({ id }: KeptWorkflow) => id === first;
    const own = page.rows.find(isFirst) ?? (await this.#one(first, signal).catch(() => undefined));
    return own ? { ...page, rows: [own, ...page.rows.filter((row) => !isFirst(row))] } : page;
  }

  /**
   * A page, newest first. Each entry has its whole graphs, so only a few fit into a page. @throws {ApiError} `missing`
   */
  async versions(
    id: WorkflowId,
    { offset, limit }: Pick<WorkflowsAsked, 'offset' | 'limit'>,
    signal?: AbortSignal,
  ): Promise<Rows<Version>> {
    const query = { limit: String(limit), offset: String(offset) };
    const request = { path: `${pathOf(id)}/versions`, query, most: MOST.versions, signal, ...LONG };
    const page = await this.#rows(request, { row: VersionWire, key: 'id' });
    // The list of a deleted workflow is empty, too.
    if (offset === 0 && page.rows.length + page.skipped.length === 0) await this.#one(id, signal);
    return page;
  }

  /** By ID: where two have the same number, the server fails if asked for that. @throws {ApiError} `missing` */
  version(id: string, signal?: AbortSignal): Promise<Version> {
    const path = `/workflow-version/${encodeURIComponent(id)}`;
    return this.http.request({ method: 'GET', path, most: MOST.versions, signal, ...LONG }, VersionWire);
  }

  /** The ids of workflows of exactly this name: after a lost answer, a new one among them is the one that was made. */
  async named(name: string): Promise<readonly WorkflowId[]> {
    const { rows } = await this.list({ search: name, offset: 0, limit: NAMESAKES });
    return rows.filter((row) => row.wholeName === name).map(({ id }) => id);
  }

  /** A new workflow with its first version. Not repeated: after a lost answer it may exist. */
  async create(name: string, { graph, prompt, machineId }: NewVersion, signal?: AbortSignal): Promise<WorkflowId> {
    const body = {
      name,
      workflow_json: exactJson(graph),
      ...(prompt === undefined ? {} : { workflow_api: exactJson(prompt) }),
      ...(machineId === undefined ? {} : { machine_id: machineId }),
    };
    const request = { method: 'POST', path: '/workflow', body, signal, ...LONG } as const;
    return (await this.http.request(request, CreatedWorkflowWire)).workflow_id;
  }

  /**
   * Adds a version; nothing is overwritten. Not repeated: after a lost answer it may exist. Without a machine, the
   * workflow's machine and deployments stay as they are. @throws {ApiError} `missing` if the workflow is gone.
   */
  async addVersion(
    id: WorkflowId,
    { graph, prompt, comment, machineId }: NewVersion,
    signal?: AbortSignal,
  ): Promise<Version> {
    const body = { workflow: graph, workflow_api: prompt, comment, machine_id: machineId };
    const path = `${pathOf(id)}/version`;
    try {
      const request = { method: 'POST', path, body, most: MOST.versions, signal, ...LONG } as const;
      return await this.http.request(request, VersionWire);
    } catch (error) {
      throw toApiError(error).said?.startsWith('404') ? gone() : limited(error);
    }
  }

  /** One thing at a time: the server ignores a name beside a pin. */
  async change(id: WorkflowId, what: { readonly name: string } | { readonly pinned: boolean }): Promise<void> {
    await orGone(this.http.request({ method: 'PATCH', path: pathOf(id), body: what }, z.unknown()));
  }

  /** A copy with the newest version only. Not repeated. */
  async clone(id: WorkflowId): Promise<WorkflowId> {
    const request = { method: 'POST', path: `${pathOf(id)}/clone`, body: {} } as const;
    const cloned = this.http.request(request, ClonedWire);
    return (
      await orGone(cloned).catch((error: unknown) => {
        throw limited(error);
      })
    ).id;
  }

  /** Hides it everywhere. The server keeps it, but has no way to bring it back. */
  async remove(id: WorkflowId): Promise<void> {
    try {
      await this.http.request({ method: 'DELETE', path: pathOf(id) }, z.unknown());
    } catch (error) {
      if (toApiError(error).kind !== 'missing') throw error; // otherwise it is gone, as requested
    }
  }

  /** Without its versions. @throws {ApiError} `missing` */
  async #one(id: WorkflowId, signal: AbortSignal | undefined): Promise<KeptWorkflow> {
    const request = { method: 'GET', path: pathOf(id), query: { limit: '0' }, signal } as const;
    return orGone(this.http.request(request, KeptWorkflowWire));
  }

  async #rows<S extends z.core.$ZodType>(
    request: Omit<HttpRequest, 'method'>,
    reader: RowReader<S>,
  ): Promise<Rows<z.output<S>>> {
    const items = await this.http.request({ method: 'GET', ...request }, ListWire);
    const rows = await readRows(items, reader, this.http.slices(request.signal));
    const skipped = rows.skipped.map(({ why }) => why);
    // eslint-disable-next-line texts/marked -- for the log
    this.#unread.note(`GET ${request.path}`, [...rows.unread, ...skipped]);
    return rows;
  }
}

/** @throws {ApiError} `missing` in our words. */
async function orGone<T>(asked: Promise<T>): Promise<T> {
  return asked.catch((error: unknown) => {
    throw toApiError(error).kind === 'missing' ? gone() : error;
  });
}

function gone(): ApiError {
  return new ApiError('missing', l10n.t("ComfyDeploy doesn't have this workflow any more."));
}

/** Once a plan's workflows are used up, the server also refuses versions of those there are, without saying why. */
function limited(error: unknown): unknown {
  const { kind, message } = toApiError(error);
  return kind === 'forbidden'
    ? new ApiError(
        kind,
        l10n.t("{0} ComfyDeploy says so once your plan's number of workflows is used up.", asSentence(message)),
      )
    : error;
}

function pathOf(id: WorkflowId): string {
  return `/workflow/${encodeURIComponent(id)}`;
}
