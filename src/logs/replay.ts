import type { LogLine } from '../comfydeploy/logs';

/** What is known of a log when a new connection begins to replay it. */
export interface KnownLog {
  /** Its very first line; undefined if that was never seen. */
  readonly first: LogLine | undefined;
  /** How many lines before `lines` were seen and are no longer kept. */
  readonly dropped: number;
  readonly lines: readonly LogLine[];
}

/**
 * Says what is new in one replay of a log. The server replays from the start, or from as far back as it remembers, so
 * the replay is laid over the end of what is known, as early as it fits. Nothing may be added to `known` meanwhile.
 *
 * It is the search of Knuth, Morris and Pratt, for a pattern that is still arriving: a log of nothing but equal lines
 * costs no more than any other. (10,000 of them take 11 ms; laid over one start after the other, 350 ms.)
 */
export class Replay {
  readonly #pattern: LogLine[] = [];
  /** Of each prefix of the pattern, the longest that is a proper suffix of it as well. */
  readonly #borders: number[] = [];
  /** The line of `known` that is looked at next, and how many before it match. */
  #at = 0;
  #matched = 0;
  /** Lines still to be passed over by their number, where what they were is no longer kept. */
  #skip: number | undefined;
  #isCaughtUp = false;

  constructor(private readonly known: KnownLog) {
    this.#isCaughtUp = known.lines.length === 0;
  }

  /** The new ones among the next lines of the replay. `isGap` says that lines between the known and these are lost. */
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

  /** A replay from the very start, by a server that remembers more than we do. */
  #skipFrom(line: LogLine | undefined): number {
    const { first, dropped } = this.known;
    return line && first && isSame(line, first) ? dropped : 0;
  }

  #match(line: LogLine): void {
    this.#push(line);
    const { lines } = this.known;
    // Until the pattern is used up, or there is nothing left to lay it over.
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
