import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { OutputFiles } from '../../outputs/ui/outputFiles';
import { filesText } from '../../outputs/savedText';
import { run, type CommandName } from '../../platform/ui/commands';
import { ask, warn } from '../../platform/ui/shown';
import type { FactsContext } from './fileFacts';
import type { Output } from './outputs';
import { setStars } from './stars';

export interface ActingContext extends FactsContext {
  readonly outputFiles: Pick<OutputFiles, 'openOutput' | 'saveOutputFiles'>;
}

/** Tabs that are opened at once. */
const MOST_OPENED = 10;
const ABOUT_ONE: readonly CommandName[] = ['openWorkflow', 'queueAgain', 'queueMany'];

/** Does what the page asks for. @returns whether the files may have changed. @throws whatever keeps it from being done. */
export async function actOn(
  act: string,
  outputs: readonly Output[],
  root: vscode.Uri | undefined,
  context: ActingContext,
): Promise<boolean> {
  const saved = outputs.filter(({ live }) => !live);
  const [first] = outputs;
  const command = ABOUT_ONE.find((one) => one === act);
  if (act === 'uncopied') await warn(l10n.t("The image couldn't be copied."));
  if (!first) return false;
  if (command) await run(command, first.live ? { kind: 'output', ...first.live } : first.file);
  if (act === 'open') await open(outputs.slice(0, MOST_OPENED), context);
  if (act === 'save') await save(outputs, context);
  if (act === 'trash') return trash(saved);
  if (!root || (act !== 'star' && act !== 'unstar')) return false;
  await setStars(
    root,
    saved.map(({ path }) => path),
    act === 'star',
  );
  return true;
}

async function open(outputs: readonly Output[], { outputFiles }: ActingContext): Promise<void> {
  for (const { file, live } of outputs) {
    if (live) await outputFiles.openOutput(live.sessionId, live.file);
    else await vscode.commands.executeCommand('vscode.open', file, { preview: outputs.length === 1 });
  }
}

async function save(outputs: readonly Output[], { outputFiles }: ActingContext): Promise<void> {
  const unsaved = outputs.flatMap(({ live }) => live ?? []);
  for (const id of new Set(unsaved.map(({ sessionId }) => sessionId))) {
    const files = unsaved.filter(({ sessionId }) => sessionId === id).map(({ file }) => file);
    await outputFiles.saveOutputFiles(id, files);
  }
}

async function trash(saved: readonly Output[]): Promise<boolean> {
  if (saved.length === 0) return false;
  const remove = l10n.t('Move to Trash');
  const detail = l10n.t('You can restore it from there.');
  if ((await ask('warning', l10n.t('Delete {0}?', namesOf(saved)), detail, [remove])) !== remove) return false;
  for (const [index, { file }] of saved.entries()) {
    try {
      await vscode.workspace.fs.delete(file, { useTrash: true });
    } catch {
      return forGood(saved.slice(index)); // servers have no trash
    }
  }
  return true;
}

async function forGood(saved: readonly Output[]): Promise<boolean> {
  const remove = l10n.t('Delete Permanently');
  const question = l10n.t("{0} couldn't be moved to the trash. Delete permanently?", namesOf(saved));
  if ((await ask('warning', question, '', [remove])) !== remove) return true;
  for (const { file } of saved) await vscode.workspace.fs.delete(file);
  return true;
}

function namesOf([first, ...more]: readonly Output[]): string {
  return first && more.length === 0 ? first.name : filesText(more.length + 1);
}
