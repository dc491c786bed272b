import { downloadAndUnzipVSCode } from '@vscode/test-electron';
import * as z from 'zod';
import { Preset } from '../vscode/codeServerInstall';
import { canDownloadVSCode, findEditor, isDesktop } from '../vscode/desktop';
import { inProject } from '../vscode/project';
import type { Progress } from './editor';
import type { StartOptions } from './startOptions';

/** A VS Code to test in: the next one comes as a desktop program only. */
export const Edition = z.enum([...Preset.options, 'insiders']);
export type Edition = z.output<typeof Edition>;

/** The versions to request from the download service. */
export const DESKTOP_VERSIONS: Readonly<Record<Edition, string>> = {
  oldest: '1.100.0',
  newest: 'stable',
  insiders: 'insiders',
};

/** @param names with commas between them, as in TEST_EDITORS; the oldest and the newest where nobody chose. */
export const editionsNamed = (names: string | undefined): readonly Edition[] =>
  names ? names.split(',').map((name) => Edition.parse(name.trim())) : Preset.options;

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
