import fs from 'node:fs';
import * as z from 'zod';

const Failure = z.object({ name: z.string(), detail: z.string() }).readonly();
export type Failure = z.output<typeof Failure>;

/** The outcome of one run of one suite. Reporters write it as JSON; the stages add it up. */
export const Results = z
  .object({
    passed: z.number(),
    failed: z.number(),
    skipped: z.number(),
    failures: z.array(Failure).readonly(),
  })
  .readonly();
export type Results = z.output<typeof Results>;

export const NOTHING: Results = { passed: 0, failed: 0, skipped: 0, failures: [] };

/** A failure outside of any test; it counts as one failed test. */
export const failure = (name: string, detail: string): Results => ({
  ...NOTHING,
  failed: 1,
  failures: [{ name, detail: detail.trim() }],
});

export const total = (results: readonly Results[]): Results =>
  results.reduce(
    (sum, { passed, failed, skipped, failures }) => ({
      passed: sum.passed + passed,
      failed: sum.failed + failed,
      skipped: sum.skipped + skipped,
      failures: [...sum.failures, ...failures],
    }),
    NOTHING,
  );

/** The last line of `npm test`. */
export const countLine = ({ passed, failed, skipped }: Results): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/**
 * Reads what a suite's reporter wrote. A suite that ended with an error without naming a failed test, or that ran no
 * test at all, counts as a failure.
 */
export function readResults(file: string, suite: string, exitCode: number | undefined, output: string): Results {
  const results = fs.existsSync(file) ? Results.parse(JSON.parse(fs.readFileSync(file, 'utf8'))) : NOTHING;
  if (results.failed > 0) return results;
  if (exitCode !== 0) return total([results, failure(`${suite} ended early`, output.replace(/\n{2,}/g, '\n'))]);
  if (results.passed + results.skipped === 0) return failure(`${suite} ran no test`, output);
  return results;
}
