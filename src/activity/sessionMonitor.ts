import { ApiError, toApiError } from '../platform/errors';
import type { ComfyUi } from '../comfyui/client';
import { follow, isUnbroken, type History, type Trace } from './activity';
import type { Work } from '../comfydeploy/model';
import { paceOf, timed, type Timings } from './pace';
import type { Clock } from '../platform/clock';
import type { ServerTime } from '../platform/serverTime';
import { MINUTE, SECOND } from '../platform/units';

export interface SessionMonitorOptions {
  readonly comfyUi: Pick<ComfyUi, 'queue' | 'newest' | 'vram'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly serverTime: Pick<ServerTime, 'now'>;
  /** What was known before, read by whomever. */
  readonly work: Work | undefined;
  /** Whether it matters how long its runs take. */
  readonly isTimed: () => boolean;
  /** Called when the queue can no longer be read, and when it can again. */
  readonly onDidTurn: (failure: ApiError | undefined) => void;
}

const NOT_ASKED: History = { kind: 'notAsked' };
/** How old the parts of the answer may grow that are large, or that ask the card's driver. */
const HEAVY = MINUTE;
const LONGEST_REST = MINUTE;

/** Looks at the ComfyUI of one session. */
export class SessionMonitor {
  #trace: Trace | undefined;
  #vram: Work['vram'];
  #timings: Timings = [];
  /** When the run began that runs now, or later; server time, ms. */
  #beganAt = Number.NEGATIVE_INFINITY;
  #remaining = 0;
  #failures = 0;
  /** Steady clock, ms. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #askedHistoryAt = Number.NEGATIVE_INFINITY;
  #askedVramAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: SessionMonitorOptions) {
    const { work } = options;
    this.#trace = work && { ...work, lastRun: undefined };
    this.#vram = work?.vram;
  }

  get work(): Work | undefined {
    if (!this.#trace) return undefined;
    const { activity, readAt } = this.#trace;
    const pace = activity.kind === 'rendering' ? paceOf(this.#timings, this.#beganAt) : undefined;
    return { activity, readAt, vram: this.#vram, ...(pace ? { pace } : {}) };
  }

  /** How long it may be left alone, ms. @param pace how long usually. */
  rest(pace: number): number {
    const rest = this.#failures === 0 ? pace : Math.min(LONGEST_REST, 5 * SECOND * 2 ** (this.#failures - 1));
    return Math.max(0, this.#lookedAt + rest - this.options.clock.monotonic());
  }

  /** @param isAwaited somebody acts on the answer, so the history is asked for, too. */
  async look(isAwaited: boolean, signal: AbortSignal): Promise<void> {
    const { comfyUi, clock, serverTime } = this.options;
    const queue = await comfyUi.queue(signal).catch((error: unknown) => toApiError(error));
    const at = serverTime.now();
    const isFailed = queue instanceof ApiError;
    const remaining = isFailed ? undefined : queue;
    const [history] = await Promise.all([
      this.#isHistoryDue(remaining, isAwaited, at) ? this.#history(signal) : NOT_ASKED,
      !isFailed && this.#isDue(this.#askedVramAt) ? this.#learnVram(signal) : undefined,
    ]);
    if (signal.aborted) return;
    this.#lookedAt = clock.monotonic();
    if (remaining !== undefined) this.#noteBeginning(remaining, history, at);
    this.#trace = follow(this.#trace, { at, remaining, history });
    if (isFailed !== this.#failures > 0) this.options.onDidTurn(isFailed ? queue : undefined);
    this.#failures = isFailed ? this.#failures + 1 : 0;
  }

  /** While something runs, it tells how long runs take. */
  #isHistoryDue(remaining: number | undefined, isAwaited: boolean, at: number): boolean {
    if (remaining === undefined) return false;
    if (remaining > 0) return this.options.isTimed() && (this.#isNext(remaining) || this.#isDue(this.#askedHistoryAt));
    return isAwaited || !isUnbroken(this.#trace, at) || this.#isDue(this.#askedHistoryAt);
  }

  /** Something has finished, or begun. */
  #isNext(remaining: number): boolean {
    return this.#remaining === 0 || remaining < this.#remaining;
  }

  /** In doubt later, and so done later. */
  #noteBeginning(remaining: number, history: History, at: number): void {
    if (this.#isNext(remaining)) this.#beganAt = at;
    if (history.kind === 'run') this.#beganAt = Math.max(this.#beganAt, Math.min(at, history.finishedAt ?? 0));
    this.#remaining = remaining;
  }

  #isDue(askedAt: number): boolean {
    return this.options.clock.monotonic() - askedAt >= HEAVY;
  }

  /** Without it the queue still tells that nothing runs. */
  async #history(signal: AbortSignal): Promise<History> {
    const { clock, comfyUi, serverTime } = this.options;
    this.#askedHistoryAt = clock.monotonic();
    try {
      const newest = await comfyUi.newest(signal);
      if (!newest) return { kind: 'empty' };
      const { key, age, timing } = newest;
      if (timing) this.#timings = timed(this.#timings, { key, ...timing });
      return { kind: 'run', key, finishedAt: age === undefined ? undefined : serverTime.now() - age };
    } catch {
      return NOT_ASKED; // the next look asks again, if it must
    }
  }

  /** Decoration: what cannot be read stays as it was. */
  async #learnVram(signal: AbortSignal): Promise<void> {
    this.#askedVramAt = this.options.clock.monotonic();
    this.#vram = await this.options.comfyUi.vram(signal).catch(() => this.#vram);
  }
}
