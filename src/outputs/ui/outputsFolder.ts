import * as l10n from '@vscode/l10n';
import { ApiError } from '../../platform/errors';
import type { Disk } from '../../platform/folder';
import type { Settings } from '../../platform/ui/settings';
import { askForFolder } from '../../platform/ui/shown';

/** The folder for outputs, from the settings. */
export class OutputsFolder {
  constructor(
    private readonly settings: Pick<Settings, 'get' | 'set'>,
    private readonly disk: Pick<Disk, 'absolute' | 'whyNotWritable'>,
  ) {}

  /** An absolute path; undefined while none is set. @throws {ApiError} if the setting is not one. */
  known(): string | undefined {
    const typed = this.settings.get('outputsFolder', '').trim();
    if (typed === '') return undefined;
    const known = this.disk.absolute(typed);
    if (known !== undefined) return known;
    const message = l10n.t('The setting “{0}” must be an absolute path, or start with ~.', 'comfydeploy.outputsFolder');
    throw new ApiError('misconfigured', message);
  }

  /**
   * Asks once and stores the answer. Undefined if the user cancels. @throws {ApiError} if the setting is not a path.
   */
  async ask(): Promise<string | undefined> {
    const known = this.known();
    if (known !== undefined) return known;
    const chosen = await askForFolder(l10n.t('Where Should Outputs Be Saved?'), l10n.t('Save Here'));
    if (!chosen) return undefined;
    if (chosen.scheme !== 'file') throw new ApiError('refused', l10n.t('Outputs can only be saved on this computer.'));
    await this.settings.set('outputsFolder', chosen.fsPath);
    return chosen.fsPath;
  }

  /** Undefined if it can be written. */
  whyNotWritable(path: string): ReturnType<Disk['whyNotWritable']> {
    return this.disk.whyNotWritable(path);
  }
}
