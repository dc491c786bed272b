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

/** A prompt that is to be queued. */
export interface Submission {
  readonly prompt: Prompt;
  /** As the page draws it: kept in what is rendered. Without one, another is made up for the nodes that look there. */
  readonly graph: Graph | undefined;
  /** Ours alone, used for nothing else. */
  readonly clientId: string;
  /** A lower-case UUID, as newer servers demand; older ones take one of their own. */
  readonly promptId: string;
}

export interface Accepted {
  readonly promptId: string;
  /** Of outputs that are left out; the rest runs. */
  readonly problems: readonly NodeProblem[];
  readonly leftOut: readonly string[];
}

/** Graphs may have megabytes, and are checked before the answer. */
const LONG_TIMEOUT = MINUTE;

/** Both yes and no tell what is wrong with each node. */
const ANSWER = { most: MOST.refusal, failureMost: MOST.refusal };

const AcceptedWire = z.lazy(() => z.object({ prompt_id: z.string() }));
const QueueItemsWire = z.lazy(() =>
  z.object({
    queue_running: ListWire,
    queue_pending: ListWire,
  }),
);
const NodeInfo = z.lazy(() => z.object({ output_node: z.boolean() }));

/** Where a prompt is, and what the server calls it. */
export interface Found {
  readonly place: 'running' | 'pending';
  readonly promptId: string;
}

/** What a session's ComfyUI does with single prompts. Nothing is sent twice, and no failure names the address. */
export class Prompts {
  readonly #http: Http;
  readonly #base: string;

  /** @throws {ApiError} `refused` for an address that is none or not safe. */
  constructor(address: string, web: Web) {
    const { http, base } = connect(address, web);
    this.#http = http;
    this.#base = base;
  }

  /** Where it tells what it does. A key, never to be shown. */
  socketAddress(clientId: string): string {
    return `${this.#base.replace(/^http/, 'ws')}/ws?clientId=${clientId}`;
  }

  /**
   * @throws {PromptRefused} if it was looked at and not taken; any other {ApiError} whose outcome is unknown may have
   * been queued all the same.
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

  /** How it ended; undefined while it waits or runs, and where nothing is known of it. */
  async ending(promptId: string, signal: AbortSignal): Promise<Ending | undefined> {
    const path = `/history/${encodeURIComponent(promptId)}`;
    return endingIn(await this.#get({ path, most: MOST.run, signal }, z.looseObject({})), promptId);
  }

  /** How many prompts run or wait: 37 bytes. */
  remaining(signal: AbortSignal): Promise<number> {
    return this.#get({ path: '/prompt', most: MOST.count, signal }, QueueWire);
  }

  /** Looks through the whole queue, which holds every graph in it: not for every look. */
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

  /** Leaves the one that runs alone, and says nothing of whether there was any. */
  async takeOut(promptId: string, permit: Permit): Promise<void> {
    await this.#order('/queue', { delete: [promptId] }, permit);
  }

  /** Old servers take no notice of the id, and stop whatever runs. */
  async interrupt(promptId: string, permit: Permit): Promise<void> {
    await this.#order('/interrupt', { prompt_id: promptId }, permit);
  }

  /** Whether nodes of this class are outputs; undefined if that is not to be learnt. */
  async isOutput(classType: string, signal: AbortSignal): Promise<boolean | undefined> {
    const path = `/object_info/${encodeURIComponent(classType)}`;
    return this.#get({ path, most: MOST.nodeClass, signal }, ObjectWire).then(
      (classes) => NodeInfo.parse(classes[classType]).output_node,
      () => undefined, // then it is taken for one
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

/** Number, prompt id, prompt, what was posted along: of all that only the ids are taken. By hand: there may be millions. */
function queuedIn(item: unknown): { readonly id: string; readonly owner: unknown } | undefined {
  const [, id, , posted] = listOf(item);
  if (typeof id !== 'string') return undefined;
  return { id, owner: isObject(posted) ? posted['client_id'] : undefined };
}
