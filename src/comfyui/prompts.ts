import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import type { Http, HttpRequest, Permit } from '../platform/http';
import { MOST } from '../platform/body';
import { ApiError } from '../platform/errors';
import { ListWire } from '../platform/unread';
import { connect, discreet, TIMEOUT, type Web } from './connection';
import { endingIn, type Ending } from './ending';
import { leftOutIn, problemsIn, refusalOf, type NodeProblem } from './refusal';
import type { Graph, Prompt } from './workflow';
import { graphOfPrompt } from './promptGraph';
import { isObject, listOf, ObjectWire, QueueWire } from './wire';
import { MINUTE } from '../platform/units';

/** A prompt to be queued. */
export interface Submission {
  readonly prompt: Prompt;
  /** The drawn graph, which is stored in outputs. Without one, a graph is generated for nodes that look for it. */
  readonly graph: Graph | undefined;
  /** Ours alone, used for nothing else. */
  readonly clientId: string;
  /** A lower-case UUID, as newer servers require; older ones choose their own. */
  readonly promptId: string;
}

export interface Accepted {
  readonly promptId: string;
  /** Of outputs that are left out; the rest runs. */
  readonly problems: readonly NodeProblem[];
  readonly leftOut: readonly string[];
}

/** For graphs of megabytes, which are checked before the answer. */
const LONG_TIMEOUT = MINUTE;

/** Both success and failure describe the problems of each node. */
const ANSWER = { most: MOST.refusal, failureMost: MOST.refusal };

const AcceptedWire = z.lazy(() => z.object({ prompt_id: z.string() }));
const QueueItemsWire = z.lazy(() =>
  z.object({
    queue_running: ListWire,
    queue_pending: ListWire,
  }),
);
const NodeInfo = z.lazy(() => z.object({ output_node: z.boolean() }));

/** Where a prompt is in the queue, and the server's id for it. */
export interface Found {
  readonly place: 'running' | 'pending';
  readonly promptId: string;
}

/** Requests of a session's ComfyUI about single prompts. Nothing is sent twice, and no failure contains the address. */
export class Prompts {
  readonly #http: Http;
  readonly #base: string;

  /** @throws {ApiError} `refused` if the address is invalid or not safe. */
  constructor(address: string, web: Web) {
    const { http, base } = connect(address, web);
    this.#http = http;
    this.#base = base;
  }

  /** The socket's address. Secret, never to be shown. */
  socketAddress(clientId: string): string {
    return `${this.#base.replace(/^http/, 'ws')}/ws?clientId=${clientId}`;
  }

  /**
   * @throws {PromptRefused} if ComfyUI checked and refused it; after any other {ApiError} with an unknown outcome it
   * may have been queued anyway.
   */
  async submit({ prompt, graph, clientId, promptId }: Submission, signal: AbortSignal): Promise<Accepted> {
    const extra_data = { extra_pnginfo: { workflow: graph ?? graphOfPrompt(prompt) } };
    const body = { prompt, client_id: clientId, prompt_id: promptId, extra_data };
    const timeout = LONG_TIMEOUT;
    const { text, failure } = await this.#answer({ method: 'POST', path: '/prompt', body, timeout, signal, ...ANSWER });
    const answer = await this.#http.json(text, { most: ANSWER.most, signal }).catch((error: unknown) => {
      throw discreet(failure ?? error);
    });
    if (failure) throw (failure.outcomeUnknown ? undefined : refusalOf(answer)) ?? failure;
    const accepted = z.safeParse(AcceptedWire, answer);
    if (!accepted.success)
      throw new ApiError(
        'malformed',
        l10n.t("The session's ComfyUI answered in a way this version does not understand."),
      );
    return { promptId: accepted.data.prompt_id, problems: problemsIn(answer), leftOut: leftOutIn(answer) };
  }

  /** How it ended; undefined while it waits or runs, or if nothing is known of it. */
  async ending(promptId: string, signal: AbortSignal): Promise<Ending | undefined> {
    const path = `/history/${encodeURIComponent(promptId)}`;
    return endingIn(await this.#get({ path, most: MOST.run, signal }, z.looseObject({})), promptId);
  }

  /** How many prompts run or wait: 37 bytes. */
  remaining(signal: AbortSignal): Promise<number> {
    return this.#get({ path: '/prompt', most: MOST.count, signal }, QueueWire);
  }

  /** Searches the whole queue, which contains every graph in it, so not for every reading. */
  async find({ promptId, clientId }: Pick<Submission, 'promptId' | 'clientId'>, signal: AbortSignal) {
    const queue = await this.#get({ path: '/queue', most: MOST.queue, signal, timeout: LONG_TIMEOUT }, QueueItemsWire);
    const look = (place: Found['place'], items: readonly unknown[]): Found | undefined => {
      for (const item of items) {
        const queued = queuedIn(item);
        if (queued && (queued.id === promptId || queued.owner === clientId)) return { place, promptId: queued.id };
      }
      return undefined;
    };
    return look('running', queue.queue_running) ?? look('pending', queue.queue_pending);
  }

  /** Does not affect a running prompt, and does not report whether there was one to remove. */
  async takeOut(promptId: string, permit: Permit): Promise<void> {
    await this.#order('/queue', { delete: [promptId] }, permit);
  }

  /** Old servers ignore the id, and stop whatever runs. */
  async interrupt(promptId: string, permit: Permit): Promise<void> {
    await this.#order('/interrupt', { prompt_id: promptId }, permit);
  }

  /** Whether nodes of this class are outputs; undefined if that cannot be read. */
  async isOutput(classType: string, signal: AbortSignal): Promise<boolean | undefined> {
    const path = `/object_info/${encodeURIComponent(classType)}`;
    return this.#get({ path, most: MOST.nodeClass, signal }, ObjectWire).then(
      (classes) => NodeInfo.parse(classes[classType]).output_node,
      () => undefined, // then it counts as one
    );
  }

  async #order(path: string, body: unknown, permit: Permit): Promise<void> {
    const { failure } = await this.#answer({ method: 'POST', path, body, permit, timeout: TIMEOUT });
    if (failure) throw failure;
  }

  async #answer(request: HttpRequest) {
    return this.#http.answer({ ...request, key: null }).catch((error: unknown) => {
      throw discreet(error);
    });
  }

  async #get<S extends z.core.$ZodType>(request: Omit<HttpRequest, 'method'>, schema: S): Promise<z.output<S>> {
    const once = { timeout: TIMEOUT, attempts: 1, key: null, method: 'GET' } as const;
    return this.#http.request({ ...once, ...request }, schema).catch((error: unknown) => {
      throw discreet(error);
    });
  }
}

/**
 * Items are: number, prompt id, prompt, posted data. Only the ids are read, without a schema: there may be millions.
 */
function queuedIn(item: unknown): { readonly id: string; readonly owner: unknown } | undefined {
  const [, id, , posted] = listOf(item);
  if (typeof id !== 'string') return undefined;
  return { id, owner: isObject(posted) ? posted['client_id'] : undefined };
}
