import { randomUUID } from 'node:crypto';
import { json, ServerTrouble } from './answers';
import { asRecord, plainText } from './json';
import type { PromptQueue } from './queue';
import type { Runner } from './runner';
import { validate } from './validate';

export interface SubmissionsOptions {
  readonly queue: PromptQueue;
  readonly runner: Runner;
  /** The time to stamp on each prompt, as newer servers do. */
  readonly createTime: () => number | undefined;
  /** Whether the id that a prompt is posted with is kept. */
  readonly ownPromptIds: boolean;
}

/** POST /prompt: numbers, checks and queues the prompt. */
export class Submissions {
  #number = 0;

  constructor(private readonly options: SubmissionsOptions) {}

  post(posted: unknown): Response {
    const body = asRecord(posted);
    if (!body) throw new ServerTrouble('not an object');
    const number = this.#numberOf(body);
    if (!('prompt' in body)) {
      const error = { type: 'no_prompt', message: 'No prompt provided', details: 'No prompt provided', extra_info: {} };
      return json({ error, node_errors: {} }, 400);
    }

    const verdict = validate(body['prompt'], targetsOf(body));
    if (verdict.kind === 'refused') return json({ error: verdict.error, node_errors: verdict.nodeErrors }, 400);

    const asked = this.options.ownPromptIds ? body['prompt_id'] : undefined;
    const promptId = asked === undefined ? randomUUID() : plainText(asked);
    const clientId = 'client_id' in body ? plainText(body['client_id']) : undefined;
    const extraData = {
      ...asRecord(body['extra_data']),
      ...(clientId === undefined ? {} : { client_id: clientId }),
      create_time: this.options.createTime(),
    };
    const { prompt, outputs, nodeErrors } = verdict;
    this.options.queue.submit({ number, promptId, prompt, extraData, outputs, clientId });
    this.options.runner.nudge();
    return json({ prompt_id: promptId, number, node_errors: nodeErrors });
  }

  /** Every post uses up a number, even a refused one, unless it brings its own. */
  #numberOf(body: Readonly<Record<string, unknown>>): number {
    if (body['number'] !== undefined) return Number(body['number']);
    const number = this.#number++;
    return body['front'] === true ? -number : number;
  }
}

function targetsOf(body: Readonly<Record<string, unknown>>): readonly string[] | undefined {
  const targets = body['partial_execution_targets'];
  return Array.isArray(targets) ? targets.map(String) : undefined;
}
