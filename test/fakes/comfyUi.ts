import type { Clock } from '../../src/platform/clock';
import { pythonJson } from '../simulator/comfyui/json';

const GIB = 2 ** 30;

/** The ComfyUI of one session in memory, spoken to as the real one is: through `fetch`. */
export class FakeComfyUi {
  /** How many prompts run or wait. */
  remaining = 0;
  /** Finished runs by id, with ComfyUI's time of their end; undefined for a version that keeps no times. */
  history = new Map<string, number | undefined>();
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
  run(hasTime = true): void {
    this.history.set(`run-${++this.#runs}`, hasTime ? this.now : undefined);
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
    const newest = [...this.history].slice(-1).map(([id, at]) => [id, entryOf(at)] as const);
    return Object.fromEntries(newest);
  }
}

function entryOf(at: number | undefined): unknown {
  const messages = at === undefined ? [] : [['execution_success', { timestamp: at }]];
  return { outputs: { '1': { score: [NaN] } }, status: { status_str: 'success', messages } };
}
