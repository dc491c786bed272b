import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Clock } from '../../platform/clock';
import { ApiError } from '../../platform/errors';
import { readOrRefuse } from '../../workflows/ui/workflowCommands';
import type { WorkflowFile } from '../../workflows/ui/workflowFile';

/** @param path relative to the folder, or absolute. */
export function uriOf(path: string, folder: vscode.Uri | undefined): vscode.Uri {
  if (folder && !/^(?:[a-z]:)?[\\/]/i.test(path)) return vscode.Uri.joinPath(folder, path);
  const file = vscode.Uri.file(path);
  return folder && folder.scheme !== 'file' ? folder.with({ path: file.path }) : file;
}

/** @throws {ApiError} if it is missing, or no workflow. */
export async function workflowIn(uri: vscode.Uri, clock: Clock): Promise<WorkflowFile> {
  await vscode.workspace.fs.stat(uri).then(undefined, () => {
    throw new ApiError('refused', l10n.t('{0} is missing.', uri.fsPath));
  });
  return readOrRefuse(uri, clock);
}

/** Before anything is paid: what is rendered must have a place. */
export async function refuseUnwritable(folder: vscode.Uri, random: () => number): Promise<void> {
  const { fs } = vscode.workspace;
  const probe = vscode.Uri.joinPath(folder, `.comfydeploy-${random().toString(36).slice(2)}`);
  try {
    await fs.createDirectory(folder);
    await fs.writeFile(probe, new Uint8Array(1));
    await fs.delete(probe);
  } catch {
    throw new ApiError('refused', l10n.t('Nothing can be written to {0}.', folder.fsPath));
  }
}
