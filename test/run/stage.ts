import { failure, total, type Results } from './results';
import { measureSlowness } from './slowness';

/** One part of `npm test`: resolves with what it counted, rejects when it could not start. */
export interface Stage {
  readonly name: string;
  run(progress: (line: string) => void): Promise<StageOutcome>;
}

export interface StageOutcome {
  readonly results: Results;
  /** More than the count, for the stage's line. */
  readonly note?: string;
}

/** From this factor on the line also says how slow the machine was. */
const BUSY = 2;

/** Runs stages one after the other; a stage that fails does not keep the next from running. */
export async function runStages(stages: readonly Stage[], print: (line: string) => void): Promise<Results> {
  const all: Results[] = [];
  for (const stage of stages) {
    const slowness = await measureSlowness();
    if (slowness >= BUSY)
      print(`  This machine takes ${slowness.toFixed(1)} times as long as a quiet one; waits may, too.`);
    const started = performance.now();
    const { results, note } = await outcomeOf(stage, (line) => print(`  ${line}`));
    const seconds = ((performance.now() - started) / 1_000).toFixed(1);
    print(stageLine(stage.name, results, seconds, note));
    if (results.failed > 0) print([...failureLines(results), ''].join('\n'));
    all.push(results);
  }
  return total(all);
}

async function outcomeOf(stage: Stage, progress: (line: string) => void): Promise<StageOutcome> {
  try {
    return await stage.run(progress);
  } catch (error) {
    return { results: failure(stage.name, error instanceof Error ? error.message : String(error)) };
  }
}

function stageLine(name: string, { passed, failed, skipped }: Results, seconds: string, note?: string): string {
  const counts = [
    ...(passed > 0 ? [`${passed} passed`] : []),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ...(note ? [note] : []),
  ];
  return `${failed > 0 ? '✗' : '✓'} ${name.padEnd(11)}${seconds.padStart(6)} s  ${counts.join(', ')}`.trimEnd();
}

/** The failed tests with their reasons, to be read by people. */
export const failureLines = ({ failures }: Results): readonly string[] =>
  failures.flatMap(({ name, detail }) => ['', `  ${name}`, ...detail.split('\n').map((line) => `    ${line}`)]);
