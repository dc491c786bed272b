import * as l10n from '@vscode/l10n';
import { isAbort } from '../platform/errors';
import { DiskError, type Folder } from '../platform/folder';
import type { Unsaved } from './saver';
import { stableWorkflow } from '../comfyui/stableJson';
import type { Graph } from '../comfyui/workflow';

/** What a session's page shows, which is stored nowhere else: see `saveCanvas`. */
const NAME = 'canvas';
const MOST = 100;

/**
 * Saves the graph on the canvas beside the outputs, unless the same one is there. Overwrites nothing.
 * @param read undefined if no page answers.
 * @returns how many files are new, or why it could not be saved.
 */
export async function saveCanvas(
  folder: Folder,
  read: () => Promise<Graph | undefined>,
): Promise<{ readonly count: number; readonly failed: readonly Unsaved[] }> {
  try {
    const graph = await read();
    return { count: graph !== undefined && (await write(folder, stableWorkflow(graph))) ? 1 : 0, failed: [] };
  } catch (error) {
    if (isAbort(error)) return { count: 0, failed: [] };
    const why = error instanceof DiskError ? error.message : l10n.t('It could not be written.');
    return { count: 0, failed: [{ filename: l10n.t('the workflow on the canvas'), why, canBeRetried: true }] };
  }
}

/** False if it is there already. @throws {DiskError} */
async function write(folder: Folder, text: string): Promise<boolean> {
  for (let count = 1; count <= MOST; count++) {
    const path = count === 1 ? `${NAME}.workflow.json` : `${NAME} (${count}).workflow.json`;
    if (await folder.create(path, text)) return true;
    if ((await folder.look(path)) !== 'other' && (await folder.read(path)) === text) return false;
  }
  throw new DiskError(l10n.t('There are already {0} older ones in {1}.', MOST, folder.place), { isForAll: false });
}
