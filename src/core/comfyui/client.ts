import type * as z from 'zod/mini';
import { isOpenable } from '../api/baseUrl';
import { ApiError, isAbort, toApiError } from '../api/errors';
import { Http, type HttpOptions, type HttpRequest } from '../api/http';
import { redact } from '../logger';
import { ServerTime } from '../state/serverTime';
import { NewestWire, parsePythonJson, QueueWire, VramWire, type Vram } from './wire';

/** What it takes to speak to a session's own ComfyUI. */
export type Web = Pick<HttpOptions, 'clock' | 'fetch' | 'log' | 'random'>;

/** The prompt that finished last. */
export interface Newest {
  /** Another one means that something finished since. */
  readonly key: string;
  /** How long ago it finished, ms, by ComfyUI's own clock; undefined where it keeps no times. */
  readonly age: number | undefined;
}

/** While it loads a model it may answer nothing for seconds, and is well. */
const TIMEOUT = 10_000;

/**
 * The ComfyUI of one session. Needs no key and is sent none: its address is one, so no failure names it or keeps a
 * cause that could. Nothing is asked twice: whoever watches comes back.
 */
export class ComfyUi {
  readonly #http: Http;
  readonly #time: ServerTime;

  /** @throws {ApiError} `refused` for an address that is none or not safe. */
  constructor(address: string, web: Web) {
    if (!isOpenable(address)) throw new ApiError('refused', "The session's address cannot be used.");
    this.#time = new ServerTime(web.clock);
    const { origin, pathname } = new URL(address);
    const base = `${origin}${pathname.replace(/\/+$/, '')}`;
    this.#http = new Http({
      ...web,
      baseUrl: () => base,
      token: () => Promise.resolve(undefined),
      serverTime: this.#time,
      name: "The session's ComfyUI",
      parse: parsePythonJson,
    });
  }

  /** How many prompts run or wait: 37 bytes. */
  queue(signal?: AbortSignal): Promise<number> {
    return this.#get({ path: '/prompt', signal }, QueueWire);
  }

  /** Holds the prompt's whole graph, up to some 500 kB. Undefined after a restart, or once the history is cleared. */
  async newest(signal?: AbortSignal): Promise<Newest | undefined> {
    const finished = await this.#get({ path: '/history', query: { max_items: '1' }, signal }, NewestWire);
    if (!finished) return undefined;
    const { id, at } = finished;
    return { key: `${id} ${at ?? ''}`, age: at === undefined ? undefined : this.#time.now() - at };
  }

  /** Undefined without a graphics card. Asks the card's driver: not for every look. */
  vram(signal?: AbortSignal): Promise<Vram | undefined> {
    return this.#get({ path: '/system_stats', signal }, VramWire);
  }

  async #get<S extends z.core.$ZodType>(request: Omit<HttpRequest, 'method'>, schema: S): Promise<z.output<S>> {
    try {
      return await this.#http.request({ timeout: TIMEOUT, attempts: 1, key: null, ...request, method: 'GET' }, schema);
    } catch (error) {
      if (isAbort(error)) throw error;
      const { kind, message, retryAfter } = toApiError(error);
      throw new ApiError(kind, redact(message), { retryAfter });
    }
  }
}
