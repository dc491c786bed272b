import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import type { Logger } from './logger';
import { parsePythonJson, READ_AT_ONCE, readJsonInSlices } from './pythonJson';
import { sleep, type Clock } from './clock';
import type { ServerTime } from './serverTime';
import { inSlices, Slices } from './slices';
import { backoff } from './backoff';
import { beginningOf, MOST, wholeWithin } from './body';
import { textOf } from './bytes';
import { ApiError, NotSent } from './errors';
import { failureOf } from './failure';
import { parseJson } from './plainJson';
import { limitsFor, TooMuch } from './jsonLimits';
import { MOST_MEMBERS, readList, type ReadList } from './jsonList';
import { asOffline, isWorthRepeating, notUnderstood, TimedOut, webPage } from './unanswered';
import { reasonsOf, UnreadLog, unreadIn } from './unread';

export interface HttpOptions {
  /** Read for every request: the setting may change. @throws {ApiError} `misconfigured`. */
  readonly baseUrl: () => string;
  /** The key that was made for this address. */
  readonly token: (base: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'learn'>;
  readonly log: Logger;
  readonly fetch: typeof globalThis.fetch;
  /** In [0, 1). */
  readonly random: () => number;
  /** Who answers, in messages. */
  readonly name?: string;
  /** How answers are written; by default as JSON says. */
  readonly json?: 'strict' | 'python';
  /** How bodies are written; by default as JSON. */
  readonly write?: (body: unknown) => string;
}

/** An answer to its end, or the words of a failure. */
interface Heard {
  readonly response: Response;
  readonly bytes: Uint8Array;
  readonly words: string;
}

/** Whether a request may leave now. @throws {NotSent} if not. */
export type Permit = () => Promise<void>;

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'DELETE';
  readonly path: string;
  /** Another address than the one in the settings: a key that comes along goes only to where it was made for. */
  readonly base?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** A form is sent as one; all else is written as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A key to use instead of the stored one; `null` sends none. */
  readonly key?: string | null;
  readonly signal?: AbortSignal | undefined;
  /** Asked just before it leaves, each time it does. */
  readonly permit?: Permit;
  /** Whether a redirect, which nobody follows, is told as the answer that it is; else as no answer. */
  readonly redirect?: 'error' | 'manual';
  /** Until the whole answer is there, ms. */
  readonly timeout?: number;
  /** How much of the answer is read, bytes. */
  readonly most?: number;
  /** How much of a failure is read, bytes. */
  readonly failureMost?: number;
  /** How often it may be sent, where it may be sent again at all. */
  readonly attempts?: number;
}

/** Of any status. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** What it means if it is no success. */
  readonly failure: ApiError | undefined;
}

/** Create waits up to 10 s for the container call before it answers, so this must be well above. */
const TIMEOUT = 25_000;
const ATTEMPTS = 3;
/** For the words of a failure, once its head is there. */
const PATIENCE_WITH_FAILURES = 5_000;
/** The same after one that had no end: a saving meets hundreds. */
const PATIENCE_THEN = 250;
/** Beyond this the poller waits, not the caller. */
const LONGEST_WAIT = 10_000;

/** One request, one key, one deadline, one error vocabulary. A POST is never sent twice: it may spend money each time. */
export class Http {
  readonly #unread: UnreadLog;
  /** The words of its last failure had no end. */
  #isLongWinded = false;
  /** What the network said last, until something was answered. */
  #code: string | undefined;

  constructor(private readonly options: HttpOptions) {
    this.#unread = new UnreadLog(options.log);
  }

  /** @throws {ApiError}, or an `AbortError` when the caller's signal fires. */
  async request<S extends z.core.$ZodType>(request: HttpRequest, schema: S): Promise<z.output<S>> {
    const text = textOf(await this.#withRetries(request));
    const payload = await this.json(text, request);
    // A login page on the way answers everything with 200: what is no JSON proves nothing, whatever the schema takes.
    const parsed = payload === undefined ? undefined : z.safeParse(schema, payload);
    if (parsed?.success) {
      this.#unread.note(`${request.method} ${request.path}`, unreadIn(schema, payload));
      return parsed.data;
    }
    // eslint-disable-next-line texts/marked -- for the log
    throw this.#unreadable(request, text, parsed ? reasonsOf(parsed.error) : 'no JSON');
  }

  /**
   * A list, and what was made of each of its members.
   * @param before what was answered last: members that read the same become the same. @throws {ApiError}
   */
  async list<T>(
    request: HttpRequest,
    read: (member: unknown) => T,
    before: ReadList<T> | undefined,
  ): Promise<ReadList<T>> {
    const bytes = await this.#withRetries(request);
    const { signal } = request;
    const slices = this.slices(signal);
    const list = await readList(bytes, read, slices, before).catch((error: unknown) => {
      throw asOffline(error, this.#name, signal);
    });
    if (list) return list;
    const text = textOf(bytes);
    const items = await this.json(text, request);
    if (Array.isArray(items) && items.length > MOST_MEMBERS) throw asOffline(new TooMuch(), this.#name, signal);
    if (Array.isArray(items)) return { ...NOWHERE, items: await inSlices(items, read, slices) };
    // eslint-disable-next-line texts/marked -- for the log
    throw this.#unreadable(request, text, items === undefined ? 'no JSON' : 'no list');
  }

  /** Whatever was answered, to its end. Sent once. */
  async answer(request: HttpRequest): Promise<Answer> {
    const { response, bytes, words } = await this.#once(request);
    if (response.ok) return { status: response.status, text: textOf(bytes), failure: undefined };
    return { status: response.status, text: words, failure: failureOf(response, words, this.#name) };
  }

  /** What was answered to a request; undefined for what is no JSON. @throws {ApiError} where that is too much. */
  async json(text: string, { most = MOST.row, signal }: Pick<HttpRequest, 'most' | 'signal'>): Promise<unknown> {
    const isStrict = this.options.json !== 'python';
    if (text.length <= READ_AT_ONCE) return isStrict ? parseJson(text) : parsePythonJson(text);
    try {
      return await readJsonInSlices(text, limitsFor(most, isStrict), this.slices(signal));
    } catch (error) {
      throw asOffline(error, this.#name, signal);
    }
  }

  /** For what is done with an answer that may be long. */
  slices(signal?: AbortSignal): Slices {
    return new Slices(this.options.clock, signal);
  }

  /** An answer that goes on: resolves when its head is there. The caller's signal ends it. */
  async open(request: HttpRequest & { readonly signal: AbortSignal }): Promise<ReadableStream<Uint8Array>> {
    const response = await this.head(request);
    if (!response.ok) throw await this.failure(response);
    if (!response.body) throw new ApiError('malformed', l10n.t('{0} sent an empty answer.', this.#name));
    return response.body;
  }

  /** Whatever was answered, as soon as its head is there; the rest follows until the caller's signal ends it. */
  async head(request: HttpRequest & { readonly signal: AbortSignal }): Promise<Response> {
    const head = new AbortController();
    const alarm = this.options.clock.after(TIMEOUT, () => head.abort(new TimedOut(TIMEOUT)));
    return this.#send(request, AbortSignal.any([request.signal, head.signal]))
      .catch((error: unknown) => {
        throw this.#translated(error, request.signal);
      })
      .finally(() => alarm.dispose());
  }

  /** What an answer means that is no success. Its words are waited for a moment only. Never rejects. */
  async failure(response: Response): Promise<ApiError> {
    return failureOf(response, await this.#wordsOf(response, MOST.failure), this.#name);
  }

  get #name(): string {
    return this.options.name ?? 'ComfyDeploy';
  }

  async #withRetries(request: HttpRequest): Promise<Uint8Array> {
    const attempts = request.method === 'POST' ? 1 : (request.attempts ?? ATTEMPTS);
    let before: ApiError | undefined;
    for (let attempt = 1; ; attempt++) {
      try {
        const { response, bytes, words } = await this.#once(request);
        if (!response.ok) throw failureOf(response, words, this.#name);
        return bytes;
      } catch (error) {
        if (error instanceof NotSent && before) throw before; // what was sent may have been carried out
        if (!(error instanceof ApiError) || attempt >= attempts || !isWorthRepeating(error)) throw error;
        before = error;
        const wait = error.retryAfter ?? backoff(attempt, this.options.random());
        if (wait > LONGEST_WAIT) throw error;
        await sleep(this.options.clock, wait, request.signal);
      }
    }
  }

  async #once(request: HttpRequest): Promise<Heard> {
    const { clock, log } = this.options;
    const deadline = new AbortController();
    const timeout = request.timeout ?? TIMEOUT;
    const alarm = clock.after(timeout, () => deadline.abort(new TimedOut(timeout)));
    const signal = request.signal ? AbortSignal.any([request.signal, deadline.signal]) : deadline.signal;
    const sentAt = clock.monotonic();
    try {
      const response = await this.#send(request, signal);
      const heard = await this.#hear(response, request);
      log.debug(`${request.method} ${request.path} ${response.status} in ${Math.round(clock.monotonic() - sentAt)} ms`);
      return heard;
    } catch (error) {
      throw this.#translated(error, request.signal);
    } finally {
      alarm.dispose();
    }
  }

  #unreadable({ method, path }: HttpRequest, text: string, why: string): ApiError {
    this.options.log.warn(`${method} ${path}: unreadable answer (${why})`);
    const isPage = /^\s*<(?:!doctype|html|head|body)/i.test(text.slice(0, 200));
    return new ApiError('malformed', isPage ? webPage(this.#name) : notUnderstood(this.#name));
  }

  /** A failure is read as far as its words may reach; the rest of it is of no interest. */
  async #hear(response: Response, { most = MOST.row, failureMost = MOST.failure }: HttpRequest): Promise<Heard> {
    if (response.ok) return { response, bytes: await wholeWithin(response.body, most), words: '' };
    return { response, bytes: new Uint8Array(), words: await this.#wordsOf(response, failureMost) };
  }

  /** A server that once did not come to the end of such words is waited for no longer than it takes to see that again. */
  async #wordsOf({ body }: Response, most: number): Promise<string> {
    const { clock } = this.options;
    const patience = this.#isLongWinded ? PATIENCE_THEN : PATIENCE_WITH_FAILURES;
    const from = clock.monotonic();
    const text = await beginningOf(body, most, clock, patience);
    this.#isLongWinded = clock.monotonic() - from >= patience;
    return text;
  }

  /** Why the network failed is logged once for each way in which it does. */
  #translated(error: unknown, caller: AbortSignal | undefined): Error {
    const failure = asOffline(error, this.#name, caller);
    const code = failure instanceof ApiError ? failure.code : undefined;
    if (code !== undefined && code !== this.#code)
      this.options.log.warn(`${failure.message} The network says ${code}.`);
    this.#code = code ?? this.#code;
    return failure;
  }

  async #send(
    { method, path, base, query, body, headers, key, permit, redirect = 'error' }: HttpRequest,
    signal: AbortSignal,
  ): Promise<Response> {
    const { baseUrl, token, clock, log, serverTime, fetch, write = JSON.stringify } = this.options;
    const search = query ? `?${new URLSearchParams(query).toString()}` : '';
    const server = base ?? baseUrl();
    const address = `${server}${path}${search}`;
    const bearer = key === undefined ? await token(server) : key;
    if (bearer === undefined) throw new ApiError('unauthorized', l10n.t('You are not signed in.'));

    if (bearer !== null) log.secrets?.key(bearer);
    await permit?.(); // last of all: nothing is waited for between this and the request
    signal.throwIfAborted();
    const sentAt = clock.monotonic();
    const isForm = body instanceof FormData;
    const response = await fetch(address, {
      method,
      signal,
      redirect, // never followed: it could carry the key to another host
      headers: {
        accept: 'application/json',
        ...headers,
        // eslint-disable-next-line texts/marked -- a header
        ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
        ...(body === undefined || isForm ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: isForm ? body : write(body) }),
    });
    this.#code = undefined;
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) serverTime.learn(date, clock.monotonic() - sentAt);
    return response;
  }
}

/** A list that cannot be compared with the next one. */
const NOWHERE = { bytes: new Uint8Array(), starts: [], ends: [] };
