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
  /** What was known before, from any window. */
  readonly work: Work | undefined;
  /** When the session was created, server time, ms, if that is known. */
  readonly createdAt: number | undefined;
  /** Whether the duration of its runs is needed. */
  readonly isTimed: () => boolean;
  /** Called when the queue becomes unreadable, and when it can be read again. */
  readonly onDidTurn: (failure: ApiError | undefined) => void;
}

const NOT_ASKED: History = { kind: 'notAsked' };
/** Maximum age, ms, of those parts of the answer that are large or query the GPU driver. */
const HEAVY = MINUTE;
const LONGEST_REST = MINUTE;

/** Reads the ComfyUI of one session. */
export class SessionMonitor {
  #trace: Trace | undefined;
  #vram: Work['vram'];
  #timings: Timings = [];
  /** The latest time at which the current run may have begun, server time, ms. */
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

  /** How long until the next reading is due, ms. @param pace the usual interval, ms. */
  rest(pace: number): number {
    const rest = this.#failures === 0 ? pace : Math.min(LONGEST_REST, 5 * SECOND * 2 ** (this.#failures - 1));
    return Math.max(0, this.#lookedAt + rest - this.options.clock.monotonic());
  }

  /** @param isAwaited a caller acts on the answer, so the history is read too. */
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

  /** While something runs, the history is only needed for the duration of runs. */
  #isHistoryDue(remaining: number | undefined, isAwaited: boolean, at: number): boolean {
    if (remaining === undefined) return false;
    if (remaining > 0) return this.options.isTimed() && (this.#isNext(remaining) || this.#isDue(this.#askedHistoryAt));
    return isAwaited || !isUnbroken(this.#trace, at) || this.#isDue(this.#askedHistoryAt);
  }

  /** Whether a run has finished or begun since the last reading. */
  #isNext(remaining: number): boolean {
    return this.#remaining === 0 || remaining < this.#remaining;
  }

  /** In doubt a later time is used, which gives a later estimate of the end. */
  #noteBeginning(remaining: number, history: History, at: number): void {
    if (this.#isNext(remaining)) this.#beganAt = at;
    if (history.kind === 'run') this.#beganAt = Math.max(this.#beganAt, Math.min(at, history.finishedAt ?? 0));
    this.#remaining = remaining;
  }

  #isDue(askedAt: number): boolean {
    return this.options.clock.monotonic() - askedAt >= HEAVY;
  }

  /** If it cannot be read, the queue alone still shows that nothing runs. */
  async #history(signal: AbortSignal): Promise<History> {
    const { clock, comfyUi, serverTime, createdAt } = this.options;
    this.#askedHistoryAt = clock.monotonic();
    try {
      const newest = await comfyUi.newest(signal);
      if (!newest) return { kind: 'empty' };
      const { key, age, timing } = newest;
      if (timing) this.#timings = timed(this.#timings, { key, ...timing });
      const finishedAt = age === undefined ? undefined : serverTime.now() - age;
      // A container that is restored from a snapshot has runs of before its session, which was not idle since then.
      const isOwn = finishedAt === undefined || finishedAt >= (createdAt ?? finishedAt);
      return { kind: 'run', key, finishedAt: isOwn ? finishedAt : undefined };
    } catch {
      return NOT_ASKED; // the next reading tries again if it has to
    }
  }

  /** Not essential: if it cannot be read, the old value stays. */
  async #learnVram(signal: AbortSignal): Promise<void> {
    this.#askedVramAt = this.options.clock.monotonic();
    this.#vram = await this.options.comfyUi.vram(signal).catch(() => this.#vram);
  }
}
