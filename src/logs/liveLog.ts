import * as l10n from '@vscode/l10n';
import { backoff } from '../platform/backoff';
import { toApiError } from '../platform/errors';
import { plain } from '../platform/escapes';
import type { LogLine } from '../comfydeploy/logs';
import { sleep, type Clock } from '../platform/clock';
import { Emitter, type Disposable } from '../platform/emitter';
import { BoundedLog } from './boundedLog';
import { Replay } from './replay';
import type { Ended } from '../sessions/snapshot';
import { reasonIn } from '../sessions/startReason';

const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 15_000;
/**
 * The last lines of a session may arrive after the news of its end: its log is complete after this long without a new
 * line, ms.
 */
const LAST_WORDS = 2_000;
const FIRST_WORDS = 10_000;
/** How many failed attempts are made to read the log of a session that is over. */
const LAST_ATTEMPTS = 5;
const BOUNDS = { lines: 10_000, characters: 1_000_000 };

function gap(): LogLine {
  const message = l10n.t('Lines are missing here: the server keeps only the end of a long log.');
  return { message, level: 'warning', at: 0 };
}

export interface LogSources {
  /** Opens one connection; returns whether the log is known to be complete. */
  readonly stream: (signal: AbortSignal) => AsyncGenerator<readonly LogLine[], boolean>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  /** Why the session or build is over; undefined while it is not, or if that is not known. */
  readonly endOf: () => HowEnded | undefined;
}

export type HowEnded = Ended['why'] | 'unknown';

/** A log that is followed live while it has readers. Keeps its last 10,000 lines or a million characters. */
export class LiveLog implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #kept = new BoundedLog(BOUNDS);
  #connection: AbortController | undefined;
  #why: HowEnded | undefined;
  #isComplete = false;
  #problem: string | undefined;

  constructor(private readonly sources: LogSources) {}

  /** Oldest first; a live view of the log. */
  get lines(): readonly LogLine[] {
    return this.#kept.lines;
  }

  /** How many earlier lines were read and are no longer kept. */
  get dropped(): number {
    return this.#kept.dropped;
  }

  /** Why it is over, once no more lines can come. */
  get closed(): HowEnded | undefined {
    return this.#isComplete ? this.#why : undefined;
  }

  /** Why no new lines can be read at the moment. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** The last line, without colours. */
  get last(): string | undefined {
    return wordsOf(this.lines.at(-1));
  }

  /** Why a start failed, according to the log. */
  get reason(): string | undefined {
    return reasonIn(this.lines);
  }

  resume(): void {
    if (this.#connection || this.#isComplete) return;
    this.#connection = new AbortController();
    void this.#follow(this.#connection.signal).catch(() => undefined); // ends only by an abort
  }

  pause(): void {
    this.#connection?.abort();
    this.#connection = undefined;
  }

  /** The session is gone. Its last lines are read once more. */
  end(why: HowEnded): void {
    if (this.#why !== undefined) return;
    this.#why = why;
    if (!this.#connection) return;
    this.pause();
    this.resume();
  }

  dispose(): void {
    this.pause();
    this.#changed.dispose();
  }

  async #follow(signal: AbortSignal): Promise<void> {
    const { clock, random, endOf } = this.sources;
    for (let attempt = 1; !signal.aborted; attempt++) {
      this.#why ??= endOf();
      const outcome = await this.#read(signal);
      signal.throwIfAborted();
      if (outcome === 'complete') this.#why ??= 'unknown';
      if (this.#why !== undefined && (outcome !== 'failed' || attempt >= LAST_ATTEMPTS)) return this.#complete();
      if (outcome === 'news') attempt = 1;
      await sleep(clock, backoff(attempt, (1 + random()) / 2, FIRST_PAUSE, LONGEST_PAUSE), signal);
    }
  }

  /** Reads one connection. A failure only costs a pause, and is shown together with the log. */
  async #read(signal: AbortSignal): Promise<'news' | 'nothing' | 'failed' | 'complete'> {
    const lastWords = new AbortController();
    const replay = new Replay(this.#kept);
    let hasNews = false;
    let alarm = this.#silence(FIRST_WORDS, lastWords);
    try {
      const stream = this.sources.stream(AbortSignal.any([signal, lastWords.signal]));
      let next = await stream.next();
      for (; !next.done; next = await stream.next()) {
        alarm.dispose();
        alarm = this.#silence(LAST_WORDS, lastWords);
        hasNews = this.#take(replay, next.value) || hasNews;
      }
      if (next.value) return 'complete';
    } catch (error) {
      if (signal.aborted || lastWords.signal.aborted) return 'nothing';
      const { kind, message } = toApiError(error);
      if (kind === 'missing' && this.#why !== undefined) return 'nothing';
      this.#say(message);
      if (!hasNews) return 'failed';
    } finally {
      alarm.dispose();
    }
    return hasNews ? 'news' : 'nothing';
  }

  /** The log of a session that is over is complete when its stream falls silent. */
  #silence(ms: number, lastWords: AbortController): Disposable {
    if (this.#why === undefined) return { dispose: () => undefined };
    return this.sources.clock.after(ms, () => lastWords.abort());
  }

  #take(replay: Replay, lines: readonly LogLine[]): boolean {
    const { news, isGap } = replay.take(lines);
    this.#problem = undefined;
    if (news.length === 0) return false;
    if (isGap) this.#kept.addGap(gap());
    this.#kept.add(news);
    this.#changed.fire();
    return true;
  }

  #say(problem: string): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    this.#changed.fire();
  }

  #complete(): void {
    this.#isComplete = true;
    this.#connection = undefined;
    this.#problem = undefined;
    this.#changed.fire();
  }
}

function wordsOf(line: LogLine | undefined): string | undefined {
  return line && plain(line.message);
}
