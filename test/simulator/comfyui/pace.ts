import type { NodeFailure } from './outputs';

/** A client interrupted the run. */
export class Interrupted extends Error {}
/** The server closes during the run. */
export class Closed extends Error {}

/** A node notices an interrupt only at its next check. */
const INTERRUPT_LAG_MS = 150;

/** Runs once, after this many milliseconds. The result cancels. */
export type After = (ms: number, run: () => void) => () => void;

/** The speed of the running prompt: its pauses, and the orders that end them early. */
export class Pace {
  #order: Error | 'hurry' | undefined;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(private readonly after: After) {}

  get closed(): boolean {
    return this.#closed;
  }

  /** No more pauses until the run is over. */
  hurry(): void {
    this.#command('hurry');
  }

  fail(failure: NodeFailure): void {
    this.#command(failure);
  }

  interrupt(): void {
    this.#order = new Interrupted();
    this.after(INTERRUPT_LAG_MS, () => this.#wake?.());
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }

  /** Forgets the orders, which apply to one run only. */
  reset(): void {
    this.#order = undefined;
  }

  /** Throws the error that the run was ordered to end with. */
  check(): void {
    if (this.#closed) throw new Closed();
    if (this.#order instanceof Error) throw this.#order;
  }

  async rest(ms: number): Promise<void> {
    this.check();
    if (this.#order === undefined) await this.#sleep(ms);
    this.check();
  }

  #command(order: NodeFailure | 'hurry'): void {
    this.#order = order;
    this.#wake?.();
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.after(ms, () => this.#wake?.());
      this.#wake = () => {
        cancel();
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
