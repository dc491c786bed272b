import { mustRun } from './processes';
import { inProject, PROJECT_ROOT } from './project';

/** Packages the extension as the gallery would get it, production build included. */
export async function packageExtension(file: string): Promise<void> {
  const vsce = inProject('node_modules', '@vscode', 'vsce', 'vsce');
  const options = ['--no-dependencies', '--allow-missing-repository', '--no-rewrite-relative-links', '--out', file];
  await mustRun(process.execPath, [vsce, 'package', ...options], { cwd: PROJECT_ROOT });
}
