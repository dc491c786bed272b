/** One line of a table. */
export interface Figure {
  readonly name: string;
  readonly value: string;
  readonly target?: Target;
  readonly note?: string;
}

export interface Target {
  readonly text: string;
  readonly isMet: boolean;
}

/** What a measurement may use. */
export interface Bench {
  /** The packaged extension, made when first asked for. */
  readonly vsix: () => Promise<string>;
  /** Ours to write in, removed at the end. */
  readonly folder: string;
  readonly progress: (line: string) => void;
}

export interface Measurement {
  readonly name: string;
  readonly title: string;
  /** How it is measured, for readers of the figures. */
  readonly method: string;
  /** Rejects when it cannot measure. A slow result does not reject. */
  measure(bench: Bench): Promise<readonly Figure[]>;
}

export interface Section extends Pick<Measurement, 'title' | 'method'> {
  readonly figures: readonly Figure[];
}

export const atMost = (value: number, limit: number, text: string): Target => ({
  text: `at most ${text}`,
  isMet: value <= limit,
});

export const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(1)} kB`;

export const milliseconds = (ms: number): string => `${ms.toFixed(ms < 100 ? 1 : 0)} ms`;
