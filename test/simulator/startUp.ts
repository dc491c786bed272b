import type { SimulatorClock } from './clock';
import type { LogBook } from './logBook';
import type { Settings } from './settings';

export interface StartUpEvents {
  readonly called: (id: string, functionId: string) => void;
  readonly started: (id: string) => void;
  readonly reachable: (id: string) => void;
  /** Its container died. */
  readonly crashed: (id: string, reason: string) => void;
  readonly gaveUp: (id: string) => void;
}

interface Step {
  readonly kind: 'turn' | 'line';
  readonly at: number;
  readonly run: () => void;
}

const WATCHDOG_MS = 10 * 60_000;

/** The share of the start-up spent waiting for a free GPU; billing starts after it. */
const QUEUED_SHARE = 0.4;

const CONTAINER_LINES = [
  'Warming up ComfyUI...',
  'Prestartup times for custom nodes:',
  '   0.0 seconds: /comfyui/custom_nodes/comfyui-deploy',
  'Checkpoint files will always be loaded safely.',
  'Device: cuda:0 : cudaMallocAsync',
  'Import times for custom nodes:',
  '   0.1 seconds: /comfyui/custom_nodes/comfyui-deploy',
  'Starting server',
];

interface Plan {
  readonly steps: readonly Step[];
  readonly cancel: () => void;
}

/** What happens between the request and a reachable ComfyUI, step by step on the simulator's clock. */
export class StartUp {
  readonly #plans = new Map<string, Plan>();
  #nextFailure: string | undefined;

  constructor(
    private readonly options: {
      readonly clock: SimulatorClock;
      readonly logs: LogBook;
      readonly settings: () => Settings;
    },
    private readonly events: StartUpEvents,
  ) {}

  failNext(reason: string): void {
    this.#nextFailure = reason;
  }

  begin(id: string, functionId: string): void {
    const steps = this.#steps(id, functionId);
    const left = new Set(steps);
    const take = (step: Step) => {
      if (left.delete(step)) step.run();
    };
    const cancels = steps.map((step) => this.options.clock.after(step.at, () => take(step)));
    this.#plans.set(id, {
      get steps() {
        return [...left];
      },
      cancel: () => {
        for (const cancel of cancels) cancel();
      },
    });
    for (const step of steps) if (step.at === 0) take(step);
  }

  /** Takes the remaining steps at once, up to a reachable ComfyUI. */
  finish(id: string, functionId: string): void {
    const { steps } = this.#plans.get(id) ?? { steps: this.#steps(id, functionId) };
    this.abandon(id);
    this.events.called(id, functionId);
    this.events.started(id);
    for (const step of steps) if (step.kind === 'line') step.run();
    this.#reach(id);
  }

  abandon(id: string): void {
    this.#plans.get(id)?.cancel();
    this.#plans.delete(id);
  }

  #steps(id: string, functionId: string): readonly Step[] {
    const { callMs, startUpMs } = this.options.settings();
    const called: Step = { kind: 'turn', at: callMs, run: () => this.events.called(id, functionId) };
    const gaveUp: Step = { kind: 'turn', at: WATCHDOG_MS, run: () => this.events.gaveUp(id) };
    if (startUpMs === null) return [called, gaveUp];

    const containerMs = Math.max(callMs, startUpMs * QUEUED_SHARE, 1);
    const started: Step = { kind: 'turn', at: containerMs, run: () => this.events.started(id) };
    const outcome: Step = { kind: 'turn', at: Math.max(containerMs, startUpMs), run: this.#outcome(id) };
    const lines = CONTAINER_LINES.map((line, index): Step => {
      const at = containerMs + ((outcome.at - containerMs) * index) / CONTAINER_LINES.length;
      return { kind: 'line', at, run: () => this.#say(id, line) };
    });
    return [called, started, ...lines, outcome, gaveUp];
  }

  #outcome(id: string): () => void {
    const reason = this.#nextFailure;
    this.#nextFailure = undefined;
    return reason === undefined ? () => this.#reach(id) : () => this.events.crashed(id, reason);
  }

  #reach(id: string): void {
    this.abandon(id);
    this.#say(id, 'To see the GUI go to: http://0.0.0.0:8188');
    this.events.reachable(id);
  }

  #say(id: string, line: string): void {
    this.options.logs.write(id, line, this.options.clock.now());
  }
}
