import { mustRun } from './processes';
import { inProject, PROJECT_ROOT } from './project';

/** Packages the extension as the gallery would get it, production build included. */
export async function packageExtension(file: string): Promise<void> {
  await vsce(PROJECT_ROOT, file, '--no-rewrite-relative-links');
}

/** Packages what is in a folder. */
export async function vsce(folder: string, file: string, ...options: readonly string[]): Promise<void> {
  const program = inProject('node_modules', '@vscode', 'vsce', 'vsce');
  const usual = ['--no-dependencies', '--allow-missing-repository'];
  await mustRun(process.execPath, [program, 'package', ...usual, ...options, '--out', file], { cwd: folder });
}
