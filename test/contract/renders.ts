import { FakeComfyUi } from '../fakes/comfyUi';
import type { SimulatorClock } from '../simulator/clock';
import type { SessionRecord } from '../simulator/model';
import type { Tunnels } from '../simulator/sessions';

const HOST = 'session.invalid';

/** Start and end, ms; one that is running has no end yet. */
interface Span {
  readonly from: number;
  to: number | undefined;
}

/** The actual work of one session. */
export class Work {
  readonly comfyUi: FakeComfyUi;
  readonly #spans: Span[] = [];
  /** When everything in the queue is done. */
  #doneAt = 0;
  endedAt: number | undefined;

  constructor(private readonly clock: SimulatorClock) {
    this.comfyUi = new FakeComfyUi(clock);
  }

  get isBusy(): boolean {
    return this.comfyUi.remaining > 0;
  }

  /** Queues a prompt that runs for so long, at once. */
  render(ms: number): void {
    if (this.endedAt !== undefined) return;
    if (this.comfyUi.remaining++ === 0) this.#spans.push({ from: this.clock.now(), to: undefined });
    this.clock.after(ms, () => this.#finish());
  }

  /** The session's container ends. */
  end(): void {
    this.endedAt ??= this.clock.now();
  }

  /** Everything in the queue is done at once. */
  finishAll(): void {
    for (let left = this.comfyUi.remaining; left > 0; left--) this.#finish();
  }

  /** Since when it renders without a pause; undefined if it does not. */
  get busySince(): number | undefined {
    return this.isBusy ? this.#spans.at(-1)?.from : undefined;
  }

  /** The end of the last work that had begun before then. */
  lastWorkBefore(at: number): number | undefined {
    return (
      this.#spans.findLast(({ from }) => from < at)?.to ??
      (this.busySince !== undefined && this.busySince < at ? Infinity : undefined)
    );
  }

  /** Whether anything ran since then. */
  wasBusySince(at: number): boolean {
    return this.#spans.some(({ to }) => to === undefined || to >= at);
  }

  /** Whether it worked without a pause from then to its end. */
  wasBusyFrom(at: number): boolean {
    const last = this.#spans.at(-1);
    return last !== undefined && last.to === undefined && last.from <= at;
  }

  /** Queues a prompt that runs for so long after all others. */
  queue(ms: number): void {
    if (this.endedAt !== undefined) return;
    if (this.comfyUi.remaining++ === 0) this.#spans.push({ from: this.clock.now(), to: undefined });
    this.#doneAt = Math.max(this.#doneAt, this.clock.now()) + ms;
    this.clock.after(this.#doneAt - this.clock.now(), () => this.#finish(ms));
  }

  #finish(took?: number): void {
    if (this.comfyUi.remaining === 0 || this.endedAt !== undefined) return;
    this.comfyUi.remaining--;
    this.comfyUi.run(true, took);
    const last = this.#spans.at(-1);
    if (this.busySince === undefined && last) last.to = this.clock.now();
  }
}

/** The ComfyUIs of all sessions, without a connection. */
export class Renders implements Tunnels {
  readonly #works = new Map<string, Work>();

  constructor(private readonly clock: SimulatorClock) {}

  of(sessionId: string): Work | undefined {
    return this.#works.get(sessionId);
  }

  get all(): readonly Work[] {
    return [...this.#works.values()];
  }

  open({ id }: SessionRecord): Promise<string> {
    if (!this.#works.has(id)) this.#works.set(id, new Work(this.clock));
    return Promise.resolve(`https://${id}.${HOST}`);
  }

  close(sessionId: string): Promise<void> {
    this.#works.get(sessionId)?.end();
    return Promise.resolve();
  }

  knows({ hostname }: URL): boolean {
    return hostname.endsWith(`.${HOST}`);
  }

  async answer({ hostname, pathname }: URL, signal: AbortSignal | null | undefined): Promise<Response> {
    const work = this.#works.get(hostname.slice(0, -HOST.length - 1));
    if (!work || work.endedAt !== undefined) throw new TypeError('fetch failed');
    return work.comfyUi.answer(pathname, signal);
  }
}
