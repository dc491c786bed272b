import fs from 'node:fs';
import type { TestContext } from 'node:test';
import fc from 'fast-check';

/** How many lives: `npm run test:lives` lives 10,000. */
const WANTED = process.env['LIVES'];
/** `npm test` has the same for the same code; every other run has others, unless told which. */
const SEED = Number(process.env['LIVES_SEED'] ?? process.env['TEST_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
/** A file for the line that says what was lived through. */
const REPORT = process.env['LIVES_REPORT'];

/** Whether somebody said how many. */
export const isWanted = WANTED !== undefined;

interface ManyLives {
  /** How many, unless somebody says so. */
  readonly lives: number;
  /** As many as there is time for. */
  readonly longestMs: number;
  /** One life alone, as a failure names it. */
  readonly path: string | undefined;
  /** What was lived through, in words. */
  readonly told: () => string;
}

/** Lives at random, and reports what was lived through, whatever came of it. */
export async function liveThrough<T>(
  t: TestContext,
  life: fc.Arbitrary<T>,
  live: (life: T) => Promise<void>,
  { lives, longestMs, path, told }: ManyLives,
): Promise<void> {
  const began = performance.now();
  const property = fc.asyncProperty(life, async (one) => {
    if (performance.now() - began <= longestMs) await live(one);
  });
  try {
    // Looking for a smaller life that fails, too, would take an hour.
    await fc.assert(property, {
      numRuns: Number(WANTED ?? lives),
      seed: SEED,
      endOnFailure: true,
      includeErrorInReport: true,
      ...(path === undefined ? {} : { path }),
    });
  } finally {
    const line = `${told()}; seed ${SEED}`;
    t.diagnostic(line);
    if (REPORT !== undefined) fs.appendFileSync(REPORT, `${line}\n`);
  }
}
