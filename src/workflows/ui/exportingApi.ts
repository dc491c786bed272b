import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Session } from '../../comfydeploy/model';
import { ApiError } from '../../platform/errors';
import { prettyJson } from '../../platform/jsonText';
import { choose } from '../../platform/ui/pick';
import { askWhereToSave, note } from '../../platform/ui/shown';
import type { Converting } from './converting';
import { nameOf, overwrite, type WorkflowFile } from './workflowFile';

export interface ExportingContext {
  readonly converting: Pick<Converting, 'promptFor'>;
  /** A running session whose nodes are known; undefined if the user cancels. @throws {ApiError} if there is none. */
  readonly runningSession: (ask: string) => Promise<Session | undefined>;
}

const NOTE_FOR = 5_000;

/** Writes a drawn workflow in API format to a file beside it. @throws {ApiError} */
export async function exportApi({ converting, runningSession }: ExportingContext, file: WorkflowFile): Promise<void> {
  const { name, workflow } = file;
  if (!workflow.graph) throw new ApiError('refused', l10n.t('{0} is in API format already.', name));
  const session = await runningSession(l10n.t('Export {0} for which session?', name));
  if (!session) return;
  const prompt = await converting.promptFor(session, file);
  await writeBeside(file.uri, `${name}.api.json`, prettyJson(prompt));
}

/**
 * Writes a text to a file beside another one, and shows it. Replaces an existing file only if the user agrees.
 * @returns where; undefined if the user cancels.
 * @throws {ApiError} if it cannot be written, or unsaved changes there would be lost.
 */
export async function writeBeside(uri: vscode.Uri, name: string, text: string): Promise<vscode.Uri | undefined> {
  const place = await placeFor(uri, name);
  if (!place) return undefined;
  await overwrite(place, text, {
    unsaved: l10n.t(
      '{0} is open with unsaved changes and was not overwritten. Save or revert it, then try again.',
      nameOf(place),
    ),
    failed: l10n.t("{0} couldn't be written there.", name),
  });
  await vscode.window.showTextDocument(place, { preview: false });
  note(l10n.t('{0} was written', name), NOTE_FOR);
  return place;
}

/** Undefined if the user cancels. */
async function placeFor(uri: vscode.Uri, name: string): Promise<vscode.Uri | undefined> {
  const beside =
    uri.scheme === 'untitled' || uri.scheme === 'comfydeploy-output' ? undefined : vscode.Uri.joinPath(uri, '..', name);
  if (!beside) return askElsewhere(name);
  if (!(await exists(beside))) return beside;
  const [replace, other] = [l10n.t('Replace'), l10n.t('Save As…')];
  const question = l10n.t('{0} already exists.', name);
  const answer = await choose(question, l10n.t('Replacing overwrites the current contents.'), replace, other);
  if (answer === replace) return beside;
  return answer === undefined ? undefined : askElsewhere(name, beside);
}

/** VS Code asks before a file is replaced. */
async function askElsewhere(name: string, near?: vscode.Uri): Promise<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const defaultUri = near ?? (folder && vscode.Uri.joinPath(folder, name));
  const filters = { [l10n.t('ComfyUI workflow')]: ['json'] };
  return askWhereToSave({ title: l10n.t('Save {0}', name), filters, ...(defaultUri ? { defaultUri } : {}) });
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
