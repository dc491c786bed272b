import fs from 'node:fs';
import type { TestContext } from 'node:test';
import fc from 'fast-check';

/** The number of lives: `npm run test:lives` uses 10,000. */
const WANTED = process.env['LIVES'];
/** `npm test` uses the same seed for the same code; any other run has a new one, unless one is given. */
const SEED = Number(process.env['LIVES_SEED'] ?? process.env['TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** A file for the line that sums up the lives. */
const REPORT = process.env['LIVES_REPORT'];

/** Whether a number was given. */
export const isWanted = WANTED !== undefined;

interface ManyLives {
  /** The default number. */
  readonly lives: number;
  /** Stops after this long, with as many as there was time for. */
  readonly longestMs: number;
  /** A single life, as a failure names it. */
  readonly path: string | undefined;
  /** Sums up what happened in the lives. */
  readonly summary: () => string;
}

/** Runs random lives and reports their summary, whether they fail or not. */
export async function liveThrough<T>(
  t: TestContext,
  life: fc.Arbitrary<T>,
  live: (life: T) => Promise<void>,
  { lives, longestMs, path, summary }: ManyLives,
): Promise<void> {
  const began = performance.now();
  const property = fc.asyncProperty(life, async (one) => {
    if (performance.now() - began <= longestMs) await live(one);
  });
  try {
    // Shrinking a failing life would take an hour.
    await fc.assert(property, {
      numRuns: Number(WANTED ?? lives),
      seed: SEED,
      endOnFailure: true,
      includeErrorInReport: true,
      ...(path === undefined ? {} : { path }),
    });
  } finally {
    const line = `${summary()}; seed ${SEED}`;
    t.diagnostic(line);
    if (REPORT !== undefined) fs.appendFileSync(REPORT, `${line}\n`);
  }
}
