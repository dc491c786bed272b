import { mustRun } from '../vscode/processes';
import { PROJECT_ROOT } from '../vscode/project';

/** Builds only the named bundles of esbuild.js; throws with what esbuild said. */
export async function buildBundles(...names: readonly string[]): Promise<void> {
  await mustRun(process.execPath, ['esbuild.js', `--only=${names.join(',')}`], { cwd: PROJECT_ROOT });
}
