import type { StatusMessage } from './history';
import type { QueueItem } from './queue';
import type { Audience, Preview, Sockets } from './sockets';

type Data = Readonly<Record<string, unknown>>;

/**
 * The messages of one run: its steps go to the submitter only, its progress to all clients if there is no submitter.
 */
export class Report {
  readonly #messages: StatusMessage[] = [];
  readonly #progress = new Map<string, Data>();

  constructor(
    private readonly item: QueueItem,
    private readonly sockets: Sockets,
    private readonly now: () => number,
  ) {}

  /** The messages that history keeps. */
  get messages(): readonly StatusMessage[] {
    return this.#messages;
  }

  /** A stage of the run: sent, and kept with its time. */
  stage(type: string, data: Data): void {
    const stamped = { ...data, timestamp: Math.round(this.now()) };
    this.#messages.push([type, stamped]);
    this.#sendToSubmitter(type, stamped);
  }

  begin(id: string): void {
    this.#state(id, 0, 1, 'running');
    this.#sendToSubmitter('executing', { node: id, display_node: id, prompt_id: this.item.promptId });
  }

  step(id: string, value: number, max: number): void {
    this.#state(id, value, max, 'running');
    this.sockets.send(this.#audience, 'progress', { value, max, prompt_id: this.item.promptId, node: id });
  }

  preview(id: string, jpeg: () => Buffer): void {
    const metadata = { node_id: id, prompt_id: this.item.promptId, ...this.#places(id) };
    this.sockets.sendPreview(this.#audience, (): Preview => ({ metadata, jpeg: jpeg() }));
  }

  shown(id: string, output: Data): void {
    this.#sendToSubmitter('executed', { node: id, display_node: id, output, prompt_id: this.item.promptId });
  }

  end(id: string, max: number): void {
    this.#state(id, max, max, 'finished');
  }

  /** Sent last, however the run ended. */
  over(): void {
    this.#sendToSubmitter('executing', { node: null, prompt_id: this.item.promptId });
  }

  get #audience(): Audience {
    return this.item.clientId === undefined ? 'everybody' : { clientId: this.item.clientId };
  }

  #sendToSubmitter(type: string, data: Data): void {
    if (this.item.clientId !== undefined) this.sockets.send({ clientId: this.item.clientId }, type, data);
  }

  /** Cumulative: all nodes so far, without those that wait. */
  #state(id: string, value: number, max: number, state: 'running' | 'finished'): void {
    const { promptId } = this.item;
    this.#progress.set(id, { value, max, state, node_id: id, prompt_id: promptId, ...this.#places(id) });
    this.sockets.send(this.#audience, 'progress_state', { prompt_id: promptId, nodes: this.#progress });
  }

  #places(id: string): Data {
    return { display_node_id: id, parent_node_id: null, real_node_id: id };
  }
}
