interface Alarm {
  readonly at: number;
  readonly run: () => void;
}

/** Node fires longer timers at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Real time plus a jump, or, when frozen, time that moves only by `advance`. */
export class SimulatorClock {
  readonly #frozenAt: number | undefined;
  #offset = 0;
  #alarms: readonly Alarm[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: { readonly frozenAt?: number } = {}) {
    this.#frozenAt = options.frozenAt;
  }

  now(): number {
    return (this.#frozenAt ?? Date.now()) + this.#offset;
  }

  /** Runs once, never before this call has returned. The result cancels. */
  after(ms: number, run: () => void): () => void {
    const alarm: Alarm = { at: this.now() + Math.max(0, ms), run };
    this.#alarms = [...this.#alarms, alarm].sort((a, b) => a.at - b.at);
    this.#plan();
    return () => {
      this.#drop(alarm);
    };
  }

  sleep(ms: number): Promise<void> {
    return ms <= 0 ? Promise.resolve() : new Promise((resolve) => void this.after(ms, resolve));
  }

  /** Jumps ahead; every alarm on the way rings in order, at its own time. */
  async advance(ms: number): Promise<void> {
    const until = this.now() + ms;
    for (let alarm = this.#due(until); alarm; alarm = this.#due(until)) {
      this.#jumpTo(alarm.at);
      this.#ring(alarm);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#jumpTo(until);
    this.#plan();
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#alarms = [];
  }

  #jumpTo(at: number): void {
    this.#offset += Math.max(0, at - this.now());
  }

  #due(until: number): Alarm | undefined {
    const next = this.#alarms[0];
    return next && next.at <= until ? next : undefined;
  }

  #ring(alarm: Alarm): void {
    this.#drop(alarm);
    alarm.run();
  }

  #drop(alarm: Alarm): void {
    this.#alarms = this.#alarms.filter((other) => other !== alarm);
    this.#plan();
  }

  #plan(): void {
    clearTimeout(this.#timer);
    const next = this.#alarms[0];
    if (!next || this.#frozenAt !== undefined) return;
    const wait = Math.min(Math.max(0, next.at - this.now()), LONGEST_TIMER_MS);
    this.#timer = setTimeout(() => {
      this.#ringDue();
    }, wait).unref();
  }

  #ringDue(): void {
    for (let alarm = this.#due(this.now()); alarm; alarm = this.#due(this.now())) this.#ring(alarm);
    this.#plan();
  }
}
