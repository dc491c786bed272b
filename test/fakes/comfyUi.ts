import type { Clock } from '../../src/platform/clock';
import { pythonJson } from '../simulator/comfyui/json';

const GIB = 2 ** 30;

/** The ComfyUI of one session in memory. Tests talk to it as the extension does: through `fetch`. */
export class FakeComfyUi {
  /** How many prompts run or wait. */
  remaining = 0;
  /** Finished runs by id, with ComfyUI's time of their end; undefined for a version that keeps no times. */
  history = new Map<string, number | undefined>();
  /** How long each run took, ms, and the kinds of its nodes. Runs that are missing here report neither. */
  timings = new Map<string, { readonly took: number; readonly kinds: readonly string[] }>();
  /** ComfyUI's clock minus ours, ms. */
  skew = 0;
  failing: 'nothing' | 'everything' | '/history' | '/system_stats' = 'nothing';
  readonly asked: string[] = [];
  #held: Promise<void> | undefined;
  #runs = 0;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  get now(): number {
    return this.clock.now() + this.skew;
  }

  /** A prompt that ends now. */
  run(hasTime = true, took?: number, kinds: readonly string[] = ['KSampler']): void {
    const id = `run-${++this.#runs}`;
    this.history.set(id, hasTime ? this.now : undefined);
    if (took !== undefined) this.timings.set(id, { took, kinds });
  }

  /** Holds every answer until released. */
  hold(): () => void {
    let release = () => {};
    this.#held = new Promise((resolve) => (release = resolve));
    return () => {
      this.#held = undefined;
      release();
    };
  }

  async answer(path: string, signal?: AbortSignal | null): Promise<Response> {
    this.asked.push(path);
    await this.#held;
    signal?.throwIfAborted();
    if (this.failing === 'everything') throw new TypeError('fetch failed');
    const status = path === this.failing ? 500 : 200;
    return new Response(pythonJson(this.#bodyOf(path)), {
      status,
      headers: { date: new Date(this.now).toUTCString() },
    });
  }

  #bodyOf(path: string): unknown {
    if (path === '/prompt') return { exec_info: { queue_remaining: this.remaining } };
    if (path === '/system_stats') return { devices: [{ type: 'cuda', vram_total: 24 * GIB, vram_free: 6 * GIB }] };
    const newest = [...this.history].slice(-1).map(([id, at]) => [id, entryOf(at, this.timings.get(id))] as const);
    return Object.fromEntries(newest);
  }
}

function entryOf(at: number | undefined, timing: { took: number; kinds: readonly string[] } | undefined): unknown {
  const start = timing && at !== undefined ? [['execution_start', { timestamp: at - timing.took }]] : [];
  const messages = at === undefined ? [] : [...start, ['execution_success', { timestamp: at }]];
  const nodes = Object.fromEntries((timing?.kinds ?? []).map((kind, n) => [String(n), { class_type: kind }]));
  return {
    prompt: [1, 'id', nodes, {}, []],
    outputs: { '1': { score: [NaN] } },
    status: { status_str: 'success', messages },
  };
}
