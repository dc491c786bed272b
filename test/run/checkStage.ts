import { run } from '../vscode/processes';
import { inProject, PROJECT_ROOT } from '../vscode/project';
import { inParallel } from './inParallel';
import { failure, NOTHING, total, type Results } from './results';
import type { Stage } from './stage';

/** A development dependency's script and the arguments it gets. */
type Check = readonly [name: string, script: string, ...args: string[]];

const TYPESCRIPT = 'node_modules/typescript/bin/tsc';

const KNIP = 'node_modules/knip/bin/knip.js';

/** The longest first: with two at a time this ends soonest. */
const CHECKS: readonly Check[] = [
  ['lint', 'node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'],
  ['types of test', TYPESCRIPT, '--noEmit', '-p', 'test'],
  ['texts and their translations', 'test/run/l10n.mjs', '--check'],
  ['types of src', TYPESCRIPT, '--noEmit'],
  ['types of src/platform/node and the root', TYPESCRIPT, '--noEmit', '-p', 'src/platform/node'],
  ['types of src/page/webview', TYPESCRIPT, '--noEmit', '-p', 'src/page/webview'],
  ['types of src/gallery/webview', TYPESCRIPT, '--noEmit', '-p', 'src/gallery/webview'],
  ['types of src/picture/webview', TYPESCRIPT, '--noEmit', '-p', 'src/picture/webview'],
  ['types of src/spending/webview', TYPESCRIPT, '--noEmit', '-p', 'src/spending/webview'],
  ['what nobody uses', KNIP, '--no-progress'],
  ['what only tests use', KNIP, '--no-progress', '--production'],
  ['workflows', 'test/run/workflows.mjs'],
  ['format', 'node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
];

/** One after the other, as they write the same files. */
const BUILDS: readonly Check[] = [
  ['development build and its fences', 'esbuild.js'],
  ['the package, as the shops check it', 'dist/run/package.js'],
];

/** A check is not a test: it adds nothing when it passes and one failure when it does not. */
export const checkStage: Stage = {
  name: 'check',
  async run() {
    const results = [...(await inParallel(CHECKS, check))];
    for (const build of BUILDS) results.push(await check(build));
    return { results: total(results), note: `${results.length} checks` };
  },
};

async function check([name, script, ...args]: Check): Promise<Results> {
  const { code, output } = await run(process.execPath, [inProject(script), ...args], { cwd: PROJECT_ROOT });
  return code === 0 ? NOTHING : failure(name, output);
}
