import type { NodeFailure } from './outputs';

/** A client interrupted the run. */
export class Interrupted extends Error {}
/** The server closes during the run. */
export class Closed extends Error {}

/** A node notices an interrupt only at its next check. */
const INTERRUPT_LAG_MS = 150;

/** The speed of the running prompt: its pauses, and the orders that end them early. */
export class Pace {
  #order: Error | 'hurry' | undefined;
  #wake: (() => void) | undefined;
  #closed = false;

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
    setTimeout(() => this.#wake?.(), INTERRUPT_LAG_MS).unref();
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
      const timer = setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve();
      };
    });
  }
}
