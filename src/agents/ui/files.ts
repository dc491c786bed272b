import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { ApiError } from '../../platform/errors';
import { uriOf, workflowIn } from '../../sidebar/ui/taskFiles';
import type { WorkflowFile } from '../../workflows/ui/workflowFile';
import type { AgentContext } from './tool';

/** A place in the workspace. @throws {ApiError} for any other. */
export function placeOf(path: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  // Joining removes what leads upwards.
  const uri = vscode.Uri.joinPath(uriOf(path, folder), '.');
  if (!vscode.workspace.getWorkspaceFolder(uri))
    throw new ApiError('refused', l10n.t('Agents can use only files in the workspace.'));
  return uri;
}

/** @throws {ApiError} */
export function workflowAt(path: string, { web }: AgentContext): Promise<WorkflowFile> {
  return workflowIn(placeOf(path), web.clock);
}
