import manifest from '../../package.json';
import { isPreRelease } from '../run/releaseRules';
import { mustRun } from './processes';
import { inProject, PROJECT_ROOT } from './project';

/** Packages the extension as the gallery would get it, production build included. */
export async function packageExtension(file: string): Promise<void> {
  await vsce(PROJECT_ROOT, file, ...(isPreRelease(manifest.version) ? ['--pre-release'] : []));
}

/** Packages what is in a folder. */
export async function vsce(folder: string, file: string, ...options: readonly string[]): Promise<void> {
  const program = inProject('node_modules', '@vscode', 'vsce', 'vsce');
  await mustRun(process.execPath, [program, 'package', '--no-dependencies', ...options, '--out', file], {
    cwd: folder,
  });
}
