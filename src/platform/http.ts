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
  /** Read for every request, since the setting may change. @throws {ApiError} `misconfigured`. */
  readonly baseUrl: () => string;
  /** The key for this address. */
  readonly token: (base: string) => Promise<string | undefined>;
  readonly clock: Clock;
  readonly serverTime: Pick<ServerTime, 'learn'>;
  readonly log: Logger;
  readonly fetch: typeof globalThis.fetch;
  /** In [0, 1). */
  readonly random: () => number;
  /** The name of the server, for messages. */
  readonly name?: string;
  /** The format of answers; JSON by default. */
  readonly json?: 'strict' | 'python';
  /** Writes bodies; as JSON by default. */
  readonly write?: (body: unknown) => string;
}

/** A complete answer, or the message of a failed one. */
interface Heard {
  readonly response: Response;
  readonly bytes: Uint8Array;
  readonly words: string;
}

/** Checks whether a request may be sent now. @throws {NotSent} if not. */
export type Permit = () => Promise<void>;

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** Another address than the one in the settings: a key is sent only to the address that it belongs to. */
  readonly base?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** A form is sent as a form, everything else as JSON. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** A key to use instead of the stored one; `null` sends none. */
  readonly key?: string | null;
  readonly signal?: AbortSignal | undefined;
  /** Called just before every send. */
  readonly permit?: Permit;
  /** Whether a redirect, which is never followed, counts as an answer; otherwise it is an error. */
  readonly redirect?: 'error' | 'manual';
  /** For the whole answer, ms. */
  readonly timeout?: number;
  /** How much of the answer is read, bytes. */
  readonly most?: number;
  /** How much of a failed answer is read, bytes. */
  readonly failureMost?: number;
  /** How often it may be sent, if it may be repeated at all. */
  readonly attempts?: number;
}

/** An answer with any status. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** What it means if it is not a success. */
  readonly failure: ApiError | undefined;
}

/** ms; must be well above the 10 s that a create waits for the container before it answers. */
const TIMEOUT = 25_000;
const ATTEMPTS = 3;
/** For the message of a failure, after its headers, ms. */
const PATIENCE_WITH_FAILURES = 5_000;
/** The same after a failure whose body did not end, ms: saving may meet hundreds of those. */
const PATIENCE_THEN = 250;
/** Longer waits are left to the poller, ms. */
const LONGEST_WAIT = 10_000;

/**
 * Requests with one key and one deadline; all failures are `ApiError`s. A POST is never sent twice, since each may cost
 * money.
 */
export class Http {
  readonly #unread: UnreadLog;
  /** The body of its last failure did not end in time. */
  #isLongWinded = false;
  /** The network's last failure code, until something was answered. */
  #code: string | undefined;

  constructor(private readonly options: HttpOptions) {
    this.#unread = new UnreadLog(options.log);
  }

  /** @throws {ApiError}, or an `AbortError` when the caller's signal fires. */
  async request<S extends z.core.$ZodType>(request: HttpRequest, schema: S): Promise<z.output<S>> {
    const text = textOf(await this.#withRetries(request));
    const payload = await this.json(text, request);
    // A login page in between answers everything with 200: an answer that is not JSON proves nothing, whatever the
    // schema accepts.
    const parsed = payload === undefined ? undefined : z.safeParse(schema, payload);
    if (parsed?.success) {
      this.#unread.note(`${request.method} ${request.path}`, unreadIn(schema, payload));
      return parsed.data;
    }
    // eslint-disable-next-line texts/marked -- for the log
    throw this.#unreadable(request, text, parsed ? reasonsOf(parsed.error) : 'no JSON');
  }

  /**
   * A list, with the result for each of its members.
   * @param before the last answer: members with the same bytes get the same results. @throws {ApiError}
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

  /** The complete answer, with any status. Sent once. */
  async answer(request: HttpRequest): Promise<Answer> {
    const { response, bytes, words } = await this.#once(request);
    if (response.ok) return { status: response.status, text: textOf(bytes), failure: undefined };
    return { status: response.status, text: words, failure: failureOf(response, words, this.#name) };
  }

  /** The parsed answer; undefined if it is not JSON. @throws {ApiError} if it is too much. */
  async json(text: string, { most = MOST.row, signal }: Pick<HttpRequest, 'most' | 'signal'>): Promise<unknown> {
    const isStrict = this.options.json !== 'python';
    if (text.length <= READ_AT_ONCE) return isStrict ? parseJson(text) : parsePythonJson(text);
    try {
      return await readJsonInSlices(text, limitsFor(most, isStrict), this.slices(signal));
    } catch (error) {
      throw asOffline(error, this.#name, signal);
    }
  }

  /** For processing an answer that may be long. */
  slices(signal?: AbortSignal): Slices {
    return new Slices(this.options.clock, signal);
  }

  /** A streamed answer: resolves after its headers. The caller's signal ends it. */
  async open(request: HttpRequest & { readonly signal: AbortSignal }): Promise<ReadableStream<Uint8Array>> {
    const response = await this.head(request);
    if (!response.ok) throw await this.failure(response);
    if (!response.body) throw new ApiError('malformed', l10n.t('{0} sent an empty answer.', this.#name));
    return response.body;
  }

  /** An answer with any status, after its headers; the body follows until the caller's signal ends it. */
  async head(request: HttpRequest & { readonly signal: AbortSignal }): Promise<Response> {
    const head = new AbortController();
    const alarm = this.options.clock.after(TIMEOUT, () => head.abort(new TimedOut(TIMEOUT)));
    return this.#send(request, AbortSignal.any([request.signal, head.signal]))
      .catch((error: unknown) => {
        throw this.#translated(error, request.signal);
      })
      .finally(() => alarm.dispose());
  }

  /** What a failed answer means. Waits only briefly for its message. Never rejects. */
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
        if (error instanceof NotSent && before) throw before; // the earlier try may have been carried out
        if (!(error instanceof ApiError) || attempt >= attempts || !isWorthRepeating(error)) throw error;
        before = error;
        const wait = error.retryAfter ?? backoff(attempt, this.options.random());
        if (wait > LONGEST_WAIT) throw error;
        await sleep(this.options.clock, wait, request.signal);
      }
    }
  }

  async #once(request: HttpRequest): Promise<Heard> {
    const { clock } = this.options;
    const deadline = new AbortController();
    const timeout = request.timeout ?? TIMEOUT;
    const alarm = clock.after(timeout, () => deadline.abort(new TimedOut(timeout)));
    const signal = request.signal ? AbortSignal.any([request.signal, deadline.signal]) : deadline.signal;
    try {
      const response = await this.#send(request, signal);
      const heard = await this.#hear(response, request);
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

  /** Of a failed answer, only as much is read as its message may take. */
  async #hear(response: Response, { most = MOST.row, failureMost = MOST.failure }: HttpRequest): Promise<Heard> {
    if (response.ok) return { response, bytes: await wholeWithin(response.body, most), words: '' };
    return { response, bytes: new Uint8Array(), words: await this.#wordsOf(response, failureMost) };
  }

  /** Waits less for the message of a server whose last failure did not end. */
  async #wordsOf({ body }: Response, most: number): Promise<string> {
    const { clock } = this.options;
    const patience = this.#isLongWinded ? PATIENCE_THEN : PATIENCE_WITH_FAILURES;
    const from = clock.monotonic();
    const text = await beginningOf(body, most, clock, patience);
    this.#isLongWinded = clock.monotonic() - from >= patience;
    return text;
  }

  /** Logs each kind of network failure once. */
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
    await permit?.(); // last, so that nothing is awaited between this and the request
    signal.throwIfAborted();
    const sentAt = clock.monotonic();
    // Neither the address of the server nor the values of the query.
    const trace = (result: string | number) =>
      log.trace(`${method} ${path} ${result} in ${Math.round(clock.monotonic() - sentAt)} ms`);
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
    }).catch((error: unknown) => {
      // eslint-disable-next-line texts/marked -- for the log
      trace(signal.aborted ? 'given up' : 'failed');
      throw error;
    });
    trace(response.status);
    this.#code = undefined;
    const date = Date.parse(response.headers.get('date') ?? '');
    if (!Number.isNaN(date)) serverTime.learn(date, clock.monotonic() - sentAt);
    return response;
  }
}

/** A list that cannot be compared with the next one. */
const NOWHERE = { bytes: new Uint8Array(), starts: [], ends: [] };
