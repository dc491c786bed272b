import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { OutputFiles } from '../../outputs/ui/outputFiles';
import { filesText } from '../../outputs/savedText';
import { ApiError } from '../../platform/errors';
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

/**
 * Does what the page asks for.
 * @returns what is saved now if files may have changed, by id.
 * @throws whatever keeps it from being done.
 */
export async function actOn(
  act: string,
  outputs: readonly Output[],
  root: vscode.Uri | undefined,
  context: ActingContext,
): Promise<readonly string[] | undefined> {
  const saved = outputs.filter(({ live }) => !live);
  const [first] = outputs;
  const command = ABOUT_ONE.find((one) => one === act);
  if (act === 'uncopied') await warn(l10n.t("The image couldn't be copied."));
  if (!first) return undefined;
  if (command) await run(command, first.live ? { kind: 'output', ...first.live } : first.file);
  if (act === 'open') await open(outputs.slice(0, MOST_OPENED), context);
  if (act === 'save') return save(outputs, root, context);
  if (act === 'trash') return trash(saved);
  if (!root || (act !== 'star' && act !== 'unstar')) return undefined;
  await setStars(
    root,
    saved.map(({ path }) => path),
    act === 'star',
  );
  return [];
}

async function open(outputs: readonly Output[], { outputFiles }: ActingContext): Promise<void> {
  for (const { file, live } of outputs) {
    if (live) await outputFiles.openOutput(live.sessionId, live.file);
    else await vscode.commands.executeCommand('vscode.open', file, { preview: outputs.length === 1 });
  }
}

/** Where all outputs of the session are saved, if there is such a folder. */
async function save(
  outputs: readonly Output[],
  root: vscode.Uri | undefined,
  { outputFiles }: ActingContext,
): Promise<readonly string[]> {
  const done: string[] = [];
  const unsaved = outputs.flatMap(({ id, live }) => (live ? [{ id, ...live }] : []));
  for (const id of new Set(unsaved.map(({ sessionId }) => sessionId))) {
    const own = unsaved.filter(({ sessionId }) => sessionId === id);
    const into = root && vscode.Uri.joinPath(root, own[0]?.folder ?? '');
    const files = own.map(({ file }) => file);
    if ((await outputFiles.saveOutputFiles(id, files, into)) && root) done.push(...own.map((one) => one.id));
  }
  return done;
}

async function trash(saved: readonly Output[]): Promise<readonly string[] | undefined> {
  if (saved.length === 0) return undefined;
  const remove = l10n.t('Move to Trash');
  const detail = l10n.t('You can restore it from the trash.');
  if ((await ask('warning', l10n.t('Delete {0}?', namesOf(saved)), detail, [remove])) !== remove) return undefined;
  const left = await deleted(saved, true);
  if (left.length > 0) await forGood(left); // servers have no trash
  return [];
}

/** @returns those that are still there. */
async function deleted(saved: readonly Output[], useTrash: boolean): Promise<readonly Output[]> {
  const left: Output[] = [];
  for (const one of saved) {
    const { fs } = vscode.workspace;
    const isThere = () =>
      fs.stat(one.file).then(
        () => true,
        () => false,
      );
    const isLeft = await fs.delete(one.file, { useTrash }).then(() => false, isThere);
    if (isLeft) left.push(one);
  }
  return left;
}

async function forGood(saved: readonly Output[]): Promise<void> {
  const remove = l10n.t('Delete Permanently');
  const question = l10n.t("{0} couldn't be moved to the trash. Delete permanently?", namesOf(saved));
  if ((await ask('warning', question, '', [remove])) !== remove) return;
  const left = await deleted(saved, false);
  if (left.length > 0) throw new ApiError('refused', l10n.t("{0} couldn't be deleted.", namesOf(left)));
}

function namesOf([first, ...more]: readonly Output[]): string {
  return first && more.length === 0 ? first.name : filesText(more.length + 1);
}
