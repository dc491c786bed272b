import type { Clock } from '../../platform/clock';
import { LogTerminal, type LogTerminalOptions } from './logTerminal';

/** One terminal for each log; showing it again brings it forward. */
export class LogTerminals {
  readonly #terminals = new Map<string, LogTerminal>();

  constructor(private readonly clock: Clock) {}

  /** @param id of the session or build. */
  show(id: string, options: Omit<LogTerminalOptions, 'clock' | 'closed'>): void {
    const known = this.#terminals.get(id);
    if (known) return known.show();
    const terminal = new LogTerminal({ ...options, clock: this.clock, closed: () => this.#terminals.delete(id) });
    this.#terminals.set(id, terminal);
    terminal.show();
  }

  dispose(): void {
    for (const terminal of [...this.#terminals.values()]) terminal.dispose();
  }
}
