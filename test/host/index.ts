import fs from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';
import { patient } from '../vscode/slowness';

interface Failure {
  readonly name: string;
  readonly detail: string;
}

/** What VS Code calls inside its extension host: runs every suite, writes the counts to TEST_RESULTS. */
export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: patient(20_000), reporter: 'spec', color: false });
  mocha.addFile(path.join(__dirname, 'hostSuites.js')); // every test/host/*.test.ts in one bundle

  const failures: Failure[] = [];
  const failed = await new Promise<number>((resolve) => {
    const runner = mocha.run(resolve);
    runner.on('fail', (test, error: unknown) => failures.push({ name: test.fullTitle(), detail: detailOf(error) }));
    runner.on('end', () => writeResults(runner.stats, failures));
  });
  if (failed > 0) throw new Error(`${failed} failed`);
}

const detailOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

function writeResults(stats: Mocha.Stats | undefined, failures: readonly Failure[]): void {
  const file = process.env['TEST_RESULTS'];
  if (!file) return;
  const { passes: passed = 0, pending: skipped = 0 } = stats ?? {};
  fs.writeFileSync(file, JSON.stringify({ passed, failed: failures.length, skipped, failures }));
}
