import type { ComfyDeployClient } from '../api/client';
import { backoff } from '../api/backoff';
import type { LogLine } from '../api/logs';
import type { SessionId } from '../model';
import { sleep, type Clock } from './clock';
import { Emitter, type Disposable } from './emitter';

const KEPT = 200;
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;

/** The end of one session's log, followed live until disposed. */
export class StartLog implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #lifetime = new AbortController();
  #lines: readonly LogLine[] = [];

  constructor(
    private readonly api: Pick<ComfyDeployClient, 'streamLog'>,
    private readonly clock: Clock,
    private readonly random: () => number,
    private readonly id: SessionId,
  ) {
    void this.#follow().catch(() => undefined); // ends only by dispose
  }

  /** At most the last 200, oldest first. */
  get lines(): readonly LogLine[] {
    return this.#lines;
  }

  get last(): string | undefined {
    return this.#lines.at(-1)?.message;
  }

  /** Why a start failed, as far as the log knows: its last error, or else its last words. */
  get reason(): string | undefined {
    return this.#lines.findLast(({ level }) => /err|crit|fatal/i.test(level))?.message ?? this.last;
  }

  dispose(): void {
    this.#lifetime.abort();
    this.#changed.dispose();
  }

  async #follow(): Promise<void> {
    const { signal } = this.#lifetime;
    for (let attempt = 1; !signal.aborted; attempt++) {
      // A log is a comfort: without it the session starts all the same, so a failure only costs a pause.
      await this.#readOnce().catch(() => undefined);
      await sleep(this.clock, backoff(attempt, (1 + this.random()) / 2, FIRST_PAUSE, LONGEST_PAUSE), signal);
    }
  }

  /** Every connection replays the log from its start, so it replaces what was read before. */
  async #readOnce(): Promise<void> {
    let lines: readonly LogLine[] = [];
    for await (const line of this.api.streamLog(this.id, this.#lifetime.signal)) {
      lines = [...lines.slice(1 - KEPT), line];
      const isNews = lines.length > this.#lines.length || lines.length === KEPT;
      if (!isNews) continue; // still catching up with what is shown
      this.#lines = lines;
      this.#changed.fire();
    }
  }
}
