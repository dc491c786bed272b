import type { Clock } from '../platform/clock';
import type { Disposable } from '../platform/emitter';
import type { Memory } from '../platform/memory';
import { MINUTE } from '../platform/units';

export const SEEN_AT = 'seenAt';
const EVERY = MINUTE;

/** How long no window was open. Local clock, ms. */
export interface Away {
  /** When one was last seen; undefined if there never was one. */
  readonly since: number | undefined;
  readonly until: number;
}

/**
 * Remembers when a window was last open, so that the next start can say for how long none was. Written once a minute,
 * since a crash gives no notice, and when the window closes. Nothing more can be done then: VS Code does not wait for a
 * question, and a reload also closes the window.
 */
export class LastSeen implements Disposable {
  #away: Away;
  #timer: Disposable | undefined;

  constructor(
    private readonly memory: Memory,
    private readonly clock: Clock,
  ) {
    const since = memory.get(SEEN_AT);
    this.#away = { since: typeof since === 'number' ? since : undefined, until: clock.now() };
  }

  get away(): Away {
    return this.#away;
  }

  /** The user switched from one account to another, and sees what runs there: no absence to report. */
  switched(): void {
    this.#away = { since: undefined, until: this.clock.now() };
  }

  /** @param isWorthIt something runs that may have to be reported. */
  note(isWorthIt: boolean): void {
    if (isWorthIt === (this.#timer !== undefined)) return;
    this.#timer?.dispose();
    this.#timer = undefined;
    if (isWorthIt) this.#goOn();
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#write();
  }

  #goOn(): void {
    this.#write();
    this.#timer = this.clock.after(EVERY, () => this.#goOn());
  }

  #write(): void {
    void this.memory.update(SEEN_AT, this.clock.now());
  }
}
