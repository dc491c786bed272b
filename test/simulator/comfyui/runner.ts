import type { Files } from './files';
import type { History, Run } from './history';
import { encodeJpeg } from './jpeg';
import { NodeFailure, pictureOf, produce, type NodeOutput } from './outputs';
import { Pace, Interrupted, Closed, type After } from './pace';
import { emerging, type Picture } from './picture';
import { numberInput, planOf, signatureOf } from './plan';
import type { PromptQueue, QueueItem } from './queue';
import { Report } from './report';
import type { Sockets } from './sockets';

export interface RunnerOptions {
  readonly queue: PromptQueue;
  readonly history: History;
  readonly files: Files;
  readonly sockets: Sockets;
  readonly now: () => number;
  readonly after: After;
  /** How long the samplers of one prompt take together. */
  readonly secondsFor: (promptId: string) => number;
}

/** The part of a node's work that takes time. */
interface Work {
  readonly steps: number;
  readonly stepMs: number;
  readonly failAt: number;
  readonly previews: boolean;
}

/** The worker: takes prompts off the queue one at a time and runs them, node by node. */
export class Runner {
  readonly pace: Pace;
  #working = false;
  #node: string | undefined;
  #modelsLoaded = false;
  /** Signature -> what the node showed; of the last run only. */
  #cache: ReadonlyMap<string, NodeOutput | undefined> = new Map();
  #waiting: (() => void)[] = [];

  constructor(private readonly options: RunnerOptions) {
    this.pace = new Pace(options.after);
  }

  /** The node at work now. */
  get node(): string | undefined {
    return this.#node;
  }

  get modelsLoaded(): boolean {
    return this.#modelsLoaded;
  }

  /** To be called when something may have been queued. */
  nudge(): void {
    if (this.#working) return;
    this.#working = true;
    setImmediate(() => void this.#work());
  }

  /** Resolves when the next run ends. */
  nextEnd(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  free(unloadModels: boolean, dropCache: boolean): void {
    if (unloadModels) this.#modelsLoaded = false;
    if (dropCache) this.#cache = new Map();
  }

  async #work(): Promise<void> {
    const { queue } = this.options;
    for (let item = queue.take(); item && !this.pace.closed; item = queue.take()) await this.#run(item);
    this.#working = false;
  }

  async #run(item: QueueItem): Promise<void> {
    const { history, queue, sockets, now } = this.options;
    const report = new Report(item, sockets, now);
    const outputs: Record<string, NodeOutput> = {};
    const executed: string[] = [];
    const ended = await this.#execute(item, report, outputs, executed).catch((reason: unknown) =>
      this.#failed(item, report, executed, reason),
    );
    if (ended === 'closed') return;

    this.#node = undefined;
    this.pace.reset();
    history.add({ item, ended, outputs, messages: report.messages });
    queue.done();
    report.over();
    this.#waiting.splice(0).forEach((resolve) => resolve());
  }

  async #execute(
    item: QueueItem,
    report: Report,
    outputs: Record<string, NodeOutput>,
    executed: string[],
  ): Promise<Run['ended']> {
    const plan = planOf(item.prompt, item.outputs).map((id) => ({ id, signature: signatureOf(item.prompt, id) }));
    const before = this.#cache;
    const cached = plan.filter(({ signature }) => before.has(signature));
    const done = new Map<string, NodeOutput | undefined>();

    report.stage('execution_start', { prompt_id: item.promptId });
    report.stage('execution_cached', { nodes: cached.map(({ id }) => id), prompt_id: item.promptId });
    for (const { id, signature } of plan) {
      const known = before.get(signature);
      const output = before.has(signature) ? known : await this.#executeNode(item, id, report);
      if (output) outputs[id] = output;
      if (known) this.#showAgain(id, known, report);
      done.set(signature, output);
      this.#cache = done;
      executed.push(id);
    }
    report.stage('execution_success', { prompt_id: item.promptId });
    return 'success';
  }

  /** A cached output node sends what it showed before. */
  #showAgain(id: string, output: NodeOutput, report: Report): void {
    report.shown(id, output);
    report.end(id, 1);
  }

  async #executeNode(item: QueueItem, id: string, report: Report): Promise<NodeOutput | undefined> {
    this.#node = id;
    report.begin(id);
    const work = this.#workOf(item, id);
    let picture: Picture | undefined;
    for (let step = 1; step <= work.steps; step++) {
      if (step - 1 === work.failAt) throw new NodeFailure(`failed on purpose at step ${work.failAt}\n`, 'ValueError');
      await this.pace.rest(work.stepMs);
      report.step(id, step, work.steps);
      if (!work.previews) continue;
      report.preview(id, () => encodeJpeg(emerging((picture ??= pictureOf(item.prompt, id, 0)), step / work.steps)));
    }
    this.pace.check();
    if (item.prompt[id]?.class_type === 'CheckpointLoaderSimple') this.#modelsLoaded = true;

    const output = produce(item, id, this.options.files);
    if (output) report.shown(id, output);
    report.end(id, Math.max(1, work.steps));
    return output;
  }

  #workOf({ prompt, promptId }: QueueItem, id: string): Work {
    const name = prompt[id]?.class_type;
    const steps = numberInput(prompt, id, 'steps', 1, 10_000);
    if (name === 'ProbeSlow') {
      return {
        steps,
        stepMs: numberInput(prompt, id, 'delay', 0.2, 60) * 1000,
        failAt: numberInput(prompt, id, 'fail_at', -1, 10_000),
        previews: prompt[id]?.inputs['preview'] === true,
      };
    }
    if (name !== 'KSampler') return { steps: 0, stepMs: 0, failAt: -1, previews: false };
    const samplers = Object.values(prompt).filter((node) => node.class_type === 'KSampler').length;
    const stepMs = (this.options.secondsFor(promptId) * 1000) / samplers / steps;
    return { steps, stepMs, failAt: -1, previews: true };
  }

  #failed(item: QueueItem, report: Report, executed: readonly string[], reason: unknown): Run['ended'] | 'closed' {
    if (reason instanceof Closed) return 'closed';
    const id = (reason instanceof NodeFailure ? reason.nodeId : undefined) ?? this.#node ?? '';
    const node = item.prompt[id];
    const where = { prompt_id: item.promptId, node_id: id, node_type: node?.class_type ?? '', executed: [...executed] };
    if (reason instanceof Interrupted) {
      report.stage('execution_interrupted', where);
      return 'error';
    }
    if (!(reason instanceof NodeFailure)) throw reason;
    report.stage('execution_error', {
      ...where,
      exception_message: reason.message,
      exception_type: reason.exceptionType,
      traceback: [
        '  File "/comfyui/execution.py", line 500, in execute\n',
        '  File "/comfyui/nodes.py", line 1, in run\n',
      ],
      current_inputs: Object.fromEntries(
        Object.entries(node?.inputs ?? {}).map(([name, value]) => [name, [String(value)]]),
      ),
      current_outputs: Object.keys(item.prompt),
    });
    return 'error';
  }
}
