import * as l10n from '@vscode/l10n';
import { ApiError } from '../../platform/errors';
import type { Disk } from '../../platform/folder';
import type { Settings } from '../../platform/ui/settings';
import { askForFolder as askWhere } from '../../platform/ui/shown';

/**
 * Where outputs go, as an absolute path: asked for once, and then remembered. Undefined if the user walks away.
 * @throws {ApiError} if the setting names none.
 */
export async function askForFolder(settings: Settings, disk: Disk): Promise<string | undefined> {
  const known = knownFolder(settings, disk);
  if (known !== undefined) return known;
  const chosen = await askWhere(l10n.t('Where Should Session Outputs Be Saved?'), l10n.t('Save Outputs Here'));
  if (!chosen) return undefined;
  if (chosen.scheme !== 'file') throw new ApiError('refused', l10n.t('Outputs can only be saved on this computer.'));
  await settings.set('outputsFolder', chosen.fsPath);
  return chosen.fsPath;
}

/** Undefined while none is set. @throws {ApiError} if the setting names none. */
export function knownFolder(settings: Settings, disk: Disk): string | undefined {
  const typed = settings.get('outputsFolder', '').trim();
  if (typed === '') return undefined;
  const known = disk.absolute(typed);
  if (known !== undefined) return known;
  const message = l10n.t('The setting “{0}” must be an absolute path, or start with ~.', 'comfydeploy.outputsFolder');
  throw new ApiError('misconfigured', message);
}
