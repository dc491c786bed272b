import type { LogLine } from '../comfydeploy/logs';

/** What is known of a log when a new connection starts to replay it. */
export interface KnownLog {
  /** Its very first line; undefined if that was never seen. */
  readonly first: LogLine | undefined;
  /** How many lines before `lines` were seen and are no longer kept. */
  readonly dropped: number;
  readonly lines: readonly LogLine[];
}

/**
 * Finds the new lines in a replay of a log. The server replays from the start, or from as far back as it remembers, so
 * the replay is matched against the end of the known lines, at the earliest position that fits. Nothing may be added to
 * `known` meanwhile.
 * Uses the Knuth-Morris-Pratt search with a pattern that is still arriving, so that a log of equal lines costs no more
 * than any other: 10,000 of them take 11 ms instead of 350 ms.
 */
export class Replay {
  readonly #pattern: LogLine[] = [];
  /** For each prefix of the pattern, the length of the longest proper suffix that is also a prefix. */
  readonly #borders: number[] = [];
  /** The next line of `known` to compare, and how many lines before it match. */
  #at = 0;
  #matched = 0;
  /** Lines still to be skipped by number, since their texts are no longer kept. */
  #skip: number | undefined;
  #isCaughtUp = false;

  constructor(private readonly known: KnownLog) {
    this.#isCaughtUp = known.lines.length === 0;
  }

  /** The new lines among the next lines of the replay. `isGap`: lines between the known and the new ones are lost. */
  take(lines: readonly LogLine[]): { readonly news: readonly LogLine[]; readonly isGap: boolean } {
    if (this.#isCaughtUp) return { news: lines, isGap: false };
    this.#skip ??= this.#skipFrom(lines[0]);
    const skipped = Math.min(this.#skip, lines.length);
    this.#skip -= skipped;
    const { length } = this.known.lines;
    for (const line of lines.slice(skipped))
      if (this.#at < length) this.#match(line);
      else this.#pattern.push(line);
    if (this.#at < length) return { news: [], isGap: false };
    this.#isCaughtUp = true;
    return { news: this.#pattern.splice(0).slice(this.#matched), isGap: this.#matched === 0 };
  }

  /** The number of lines to skip: the server replays from the very start, and remembers more than we keep. */
  #skipFrom(line: LogLine | undefined): number {
    const { first, dropped } = this.known;
    return line && first && isSame(line, first) ? dropped : 0;
  }

  #match(line: LogLine): void {
    this.#push(line);
    const { lines } = this.known;
    // Until the pattern is used up, or no known line is left to compare.
    while (this.#at < lines.length && this.#matched < this.#pattern.length) {
      if (isSame(lines[this.#at], this.#pattern[this.#matched])) {
        this.#at++;
        this.#matched++;
      } else if (this.#matched === 0) this.#at++;
      else this.#matched = this.#borders[this.#matched - 1] ?? 0;
    }
  }

  #push(line: LogLine): void {
    const index = this.#pattern.push(line) - 1;
    if (index === 0) return void this.#borders.push(0);
    let border = this.#borders[index - 1] ?? 0;
    while (border > 0 && !isSame(this.#pattern[border], line)) border = this.#borders[border - 1] ?? 0;
    this.#borders.push(isSame(this.#pattern[border], line) ? border + 1 : 0);
  }
}

function isSame(a: LogLine | undefined, b: LogLine | undefined): boolean {
  return a?.at === b?.at && a?.message === b?.message && a?.level === b?.level;
}
