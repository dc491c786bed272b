import { zulu } from './instants';
import type { LogLine } from './model';

/** The server's log store drops the oldest lines of a long stream. */
const LINES_KEPT = 1_000;

type Listener = (line: LogLine) => void;

interface Stream {
  readonly lines: LogLine[];
  readonly listeners: Set<Listener>;
}

/** The log of each session since it was created, and of each build that is running, by its version. */
export class LogBook {
  readonly #streams = new Map<string, Stream>();

  has(sessionId: string): boolean {
    return this.#streams.has(sessionId);
  }

  linesOf(sessionId: string): readonly LogLine[] {
    return this.#streams.get(sessionId)?.lines ?? [];
  }

  write(sessionId: string, message: string, at: number, level = 'info'): void {
    const stream = this.#streams.get(sessionId) ?? { lines: [], listeners: new Set() };
    this.#streams.set(sessionId, stream);
    const line = { message, level, timestamp: zulu(at) };
    stream.lines.push(line);
    if (stream.lines.length > LINES_KEPT) stream.lines.shift();
    for (const listener of stream.listeners) listener(line);
  }

  /** Replays everything kept, then sends new lines. The result stops it. */
  follow(sessionId: string, listener: Listener): () => void {
    const stream = this.#streams.get(sessionId) ?? { lines: [], listeners: new Set() };
    this.#streams.set(sessionId, stream);
    for (const line of stream.lines) listener(line);
    stream.listeners.add(listener);
    return () => {
      stream.listeners.delete(listener);
    };
  }

  forget(sessionId: string): void {
    this.#streams.delete(sessionId);
  }
}
