import type { LogLine } from '../comfydeploy/logs';
import type { KnownLog } from './replay';

export interface LogBounds {
  readonly lines: number;
  /** Total length of all messages. */
  readonly characters: number;
}

/** The end of a log, within bounds: drops the oldest lines, a tenth of the bound at a time. */
export class BoundedLog implements KnownLog {
  readonly #lines: LogLine[] = [];
  #first: LogLine | undefined;
  #dropped = 0;
  #characters = 0;

  constructor(private readonly bounds: LogBounds) {}

  /** Oldest first. A live view of the log: copy it if it must not change. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  get first(): LogLine | undefined {
    return this.#first;
  }

  get dropped(): number {
    return this.#dropped;
  }

  add(lines: readonly LogLine[]): void {
    if (this.#lines.length === 0) this.#first = lines[0];
    for (const line of lines) {
      this.#lines.push(line);
      this.#characters += line.message.length;
      if (this.#lines.length > this.bounds.lines || this.#characters > this.bounds.characters) this.#drop();
    }
  }

  /** Lines were missed: from now on positions can no longer be derived from the number of lines. */
  addGap(line: LogLine): void {
    this.add([line]);
    this.#first = undefined;
  }

  #drop(): void {
    const { lines, characters } = this.bounds;
    let count = Math.max(0, this.#lines.length - Math.floor(0.9 * lines));
    for (const { message } of this.#lines.slice(0, count)) this.#characters -= message.length;
    for (; this.#characters > 0.9 * characters && count < this.#lines.length - 1; count++)
      this.#characters -= this.#lines[count]?.message.length ?? 0;
    this.#lines.splice(0, count);
    this.#dropped += count;
  }
}
