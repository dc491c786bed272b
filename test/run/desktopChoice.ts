import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import type { Preset } from '../vscode/codeServerInstall';
import { canDownloadVSCode, findEditor, isDesktop } from '../vscode/desktop';
import { inProject } from '../vscode/project';
import type { Progress } from './editor';
import type { StartOptions } from './startOptions';

/** The versions to request from the download service. */
export const DESKTOP_VERSIONS: Readonly<Record<Preset, string>> = { oldest: '1.100.0', newest: 'stable' };

type Choice = Pick<StartOptions, 'where' | 'vscode' | 'preset'>;

/** The desktop VS Code to start, or `undefined` for the one in a browser. */
export async function desktopExecutable(choice: Choice, progress: Progress): Promise<string | undefined> {
  if (choice.vscode) return choice.vscode;
  if (choice.where === 'browser' || (choice.where === 'either' && !isDesktop())) return undefined;
  const installed = choice.preset ? undefined : findEditor();
  if (installed) return installed;
  if (await canDownloadVSCode()) {
    progress('Downloading VS Code (once)');
    const version = DESKTOP_VERSIONS[choice.preset ?? 'newest'];
    return downloadAndUnzipVSCode({ version, cachePath: inProject('.vscode-test') });
  }
  if (choice.where === 'either') return undefined;
  throw new Error(
    'No desktop VS Code is installed, and none can be downloaded here: use --browser, or --vscode <path>.',
  );
}
