import * as l10n from '@vscode/l10n';
import type * as z from 'zod/mini';
import { MOST } from '../platform/body';
import { ApiError } from '../platform/errors';
import type { Http, HttpRequest } from '../platform/http';
import type { ServerTime } from '../platform/serverTime';
import { connect, discreet, TIMEOUT, type Web } from './connection';
import { endedRuns, type EndedRun } from './endedRuns';
import { HistoryWire, runOf, unreadRun, type OutputFile, type Run } from './outputs';
import { NewestWire, ObjectWire, QueueWire, VramWire, type Timing, type Vram } from './wire';
import { MINUTE } from '../platform/units';

export type { Web } from './connection';

/** The prompt that finished last. */
export interface Newest {
  /** A new key means that something has finished since. */
  readonly key: string;
  /** How long ago it finished, ms, by ComfyUI's own clock; undefined if ComfyUI keeps no times. */
  readonly age: number | undefined;
  /** How long it took; undefined unless it succeeded and ComfyUI keeps times. */
  readonly timing: Timing | undefined;
}

/** A run that has ended, without its graph. Its files are those that are shown. */
export interface RecentRun extends Pick<Run, 'promptId' | 'files'> {
  /** How long ago it ended, ms, by ComfyUI's own clock; undefined if ComfyUI keeps no times. */
  readonly age: number | undefined;
}

/** A run that has ended, and how long ago, ms, by ComfyUI's own clock; undefined if ComfyUI keeps no times. */
export type Ended = Omit<EndedRun, 'at'> & { readonly age: number | undefined };

/** The answer to a request for a file. */
export interface Opened extends Known {
  /** Offset of the first byte in the body. */
  readonly from: number;
  readonly body: ReadableStream<Uint8Array> | undefined;
}

/** The answer to a request for a smaller version of a picture. */
export interface Preview {
  readonly mime: string;
  readonly body: ReadableStream<Uint8Array> | undefined;
}

/** Distinguishes two states of a file; undefined if the server or a gateway does not say. */
export interface Known {
  /** Size of the whole file, bytes. */
  readonly size: number | undefined;
  readonly tag: string | undefined;
}

/** Entries contain whole graphs: about 25 MB for so many. */
const PAGE = 50;
/** ComfyUI itself keeps ten thousand: a server with more invents them. */
const MOST_RUNS = 20_000;
/** For a page of the history, or all of it from an old server. */
const LONG_TIMEOUT = MINUTE;

/**
 * The ComfyUI of one session. No key is sent. Its address is secret, so no failure contains it, or a cause that might.
 * Requests are not repeated: callers poll anyway.
 */
export class ComfyUi {
  readonly #http: Http;
  readonly #time: ServerTime;

  /** @throws {ApiError} `refused` if the address is invalid or not safe. */
  constructor(address: string, web: Web) {
    const { http, time } = connect(address, web);
    this.#http = http;
    this.#time = time;
  }

  /** How many prompts run or wait: 37 bytes. */
  queue(signal?: AbortSignal): Promise<number> {
    return this.#get({ path: '/prompt', most: MOST.count, signal }, QueueWire);
  }

  /**
   * Contains the prompt's whole graph, up to about 500 kB. Undefined after a restart, or once the history was cleared.
   */
  async newest(signal?: AbortSignal): Promise<Newest | undefined> {
    const finished = await this.#get(
      { path: '/history', query: { max_items: '1' }, most: MOST.run, signal },
      NewestWire,
    );
    if (!finished) return undefined;
    const { id, at, timing } = finished;
    return { key: `${id} ${at ?? ''}`, age: at === undefined ? undefined : this.#time.now() - at, timing };
  }

  /** The run that finished last, with its graph. */
  async lastRun(signal: AbortSignal): Promise<Run | undefined> {
    return (await this.#get({ path: '/history', query: { max_items: '1' }, most: MOST.run, signal }, HistoryWire)).at(
      -1,
    );
  }

  /** Undefined without a graphics card. Queries the GPU driver, so not for every reading. */
  vram(signal?: AbortSignal): Promise<Vram | undefined> {
    return this.#get({ path: '/system_stats', most: MOST.stats, signal }, VramWire);
  }

  /** The last runs with their graphs, oldest first: up to about 500 kB each. An old server may list all. */
  last(count: number, signal: AbortSignal | undefined): Promise<readonly Run[]> {
    return this.#page({ max_items: String(count) }, signal);
  }

  /** The same without their graphs. */
  async recent(count: number, signal: AbortSignal): Promise<readonly RecentRun[]> {
    const page = await this.last(count, signal);
    const now = this.#time.now();
    return page.map(({ promptId, shown, at }) => ({
      promptId,
      files: shown,
      age: at === undefined ? undefined : now - at,
    }));
  }

  /** How the last runs ended, oldest first: up to about 500 kB each. An old server may list all. */
  async ended(count: number, signal: AbortSignal): Promise<readonly Ended[]> {
    const runs = endedRuns(await this.#entries({ max_items: String(count) }, signal));
    const now = this.#time.now();
    return runs.map(({ at, ...run }) => ({ ...run, age: at === undefined ? undefined : now - at }));
  }

  /**
   * All runs, oldest first, in pages that grow smaller if their entries are large. A run that alone is too large is
   * left out. An old server ignores the offset and sends the rest at once.
   */
  async *history(signal?: AbortSignal): AsyncGenerator<readonly Run[]> {
    const seen = new Set<string>();
    let count = PAGE;
    for (let offset = 0; offset < MOST_RUNS;) {
      const page = await this.#page({ max_items: String(count), offset: String(offset) }, signal).catch(unlessTooLarge);
      if (!page && count > 1) {
        count = Math.floor(count / 2);
        continue;
      }
      if (!page) {
        yield [unreadRun(offset++)];
        continue;
      }
      const isStuck = page.length > 0 && page.every(({ promptId }) => seen.has(promptId));
      const news = (isStuck ? await this.#page({}, signal) : page).filter(({ promptId }) => !seen.has(promptId));
      for (const { promptId } of news) seen.add(promptId);
      if (news.length > 0) yield news;
      if (isStuck || page.length < count) return;
      offset += count;
      count = Math.min(PAGE, 2 * count);
    }
  }

  /** @throws {ApiError} `missing` if the file no longer exists. */
  async look(file: OutputFile, signal: AbortSignal): Promise<Known> {
    const response = await this.#view('HEAD', file, {}, signal);
    if (!response.ok) throw await this.#failure(response);
    return { size: isPlain(response) ? lengthOf(response) : undefined, tag: tagOf(response) };
  }

  /**
   * Begins at the given byte if the server supports that, otherwise at 0. A caller that begins later than 0 has to
   * compare the tag, since some servers ignore `If-Range`.
   * @throws {ApiError} `missing` if the file no longer exists.
   */
  async open(file: OutputFile, from: number, signal: AbortSignal): Promise<Opened> {
    const response = await this.#view('GET', file, { headers: { range: `bytes=${from}-` } }, signal);
    const [, first, , size] =
      /^bytes (?:(\d+)-(\d+)|\*)\/(\d+)$/.exec(response.headers.get('content-range') ?? '') ?? [];
    const tag = tagOf(response);
    if (response.status === 416 && size !== undefined) {
      await response.body?.cancel();
      return { from: Number(size), size: Number(size), tag, body: undefined };
    }
    if (!response.ok) throw await this.#failure(response);
    // ComfyUI sends even web pages as plain bytes, so this one comes from a gateway.
    if (response.headers.get('content-type')?.startsWith('text/html')) {
      await response.body?.cancel();
      throw new ApiError('busy', l10n.t("The session's ComfyUI could not be reached."));
    }
    const isPart = response.status === 206 && first !== undefined;
    const whole = isPart ? Number(size) : isPlain(response) ? lengthOf(response) : undefined;
    return { from: isPart ? Number(first) : 0, size: whole, tag, body: response.body ?? undefined };
  }

  /** Its first bytes, or more if the server ignores the range. @throws {ApiError} */
  async begin(file: OutputFile, bytes: number, signal: AbortSignal): Promise<Opened['body']> {
    const response = await this.#view('GET', file, { headers: { range: `bytes=0-${bytes - 1}` } }, signal);
    if (!response.ok) throw await this.#failure(response);
    return response.body ?? undefined;
  }

  /**
   * A picture in full size, compressed. ComfyUI fails for anything but pictures.
   * @param quality of 100.
   */
  async preview(file: OutputFile, quality: number, signal: AbortSignal): Promise<Preview> {
    const response = await this.#view('GET', file, { query: { preview: `webp;${quality}` } }, signal);
    if (!response.ok) throw await this.#failure(response);
    return { mime: response.headers.get('content-type') ?? '', body: response.body ?? undefined };
  }

  async #page(query: Readonly<Record<string, string>>, signal: AbortSignal | undefined): Promise<readonly Run[]> {
    const history = await this.#entries(query, signal);
    const slices = this.#http.slices(signal);
    const runs: Run[] = [];
    for (const id of Object.keys(history)) {
      runs.push(runOf(id, history[id]));
      if (slices.isOver) await slices.rest();
    }
    return runs;
  }

  #entries(
    query: Readonly<Record<string, string>>,
    signal: AbortSignal | undefined,
  ): Promise<Readonly<Record<string, unknown>>> {
    const request = { path: '/history', query, most: MOST.history, signal, timeout: LONG_TIMEOUT, attempts: 3 };
    return this.#get(request, ObjectWire);
  }

  async #view(
    method: 'GET' | 'HEAD',
    { filename, subfolder, type }: OutputFile,
    { headers, query }: Pick<HttpRequest, 'headers' | 'query'>,
    signal: AbortSignal,
  ): Promise<Response> {
    // ComfyUI would take such an ending of a name for another folder; only the last one counts.
    const name = / \[(?:input|output|temp)\]$/.test(filename) ? `${filename} [${type}]` : filename;
    try {
      return await this.#http.head({
        method,
        path: '/view',
        query: { filename: name, subfolder, type, ...query },
        redirect: 'manual',
        headers: { ...headers, accept: '*/*', 'accept-encoding': 'identity' },
        key: null,
        signal,
      });
    } catch (error) {
      throw discreet(error);
    }
  }

  async #failure(response: Response): Promise<Error> {
    return discreet(await this.#http.failure(response).catch((error: unknown) => error));
  }

  async #get<S extends z.core.$ZodType>(request: Omit<HttpRequest, 'method'>, schema: S): Promise<z.output<S>> {
    try {
      return await this.#http.request({ timeout: TIMEOUT, attempts: 1, key: null, ...request, method: 'GET' }, schema);
    } catch (error) {
      throw discreet(error);
    }
  }
}

function unlessTooLarge(error: unknown): undefined {
  if (!(error instanceof ApiError && error.isTooLarge)) throw error;
}

/** Whether the length is that of the file: a gateway may have compressed it. */
function isPlain({ headers }: Response): boolean {
  return (headers.get('content-encoding') ?? 'identity') === 'identity';
}

function lengthOf({ headers }: Response): number | undefined {
  const length = headers.get('content-length');
  return length === null ? undefined : Number(length);
}

function tagOf({ headers }: Response): string | undefined {
  return headers.get('etag') ?? headers.get('last-modified') ?? undefined;
}
