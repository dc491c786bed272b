import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { ApiError } from '../../platform/errors';
import { writeWhole } from '../../platform/ui/wholeFile';

/** Hidden, beside the saved files. */
const NAME = '.comfydeploy-stars.json';
/** Bytes. */
const LARGEST = 4_000_000;

const Starred = z.lazy(() => z.array(z.string()));

/** The files with a star, by their paths in the folder of saved outputs. What cannot be read has none. */
export async function starsIn(root: vscode.Uri): Promise<ReadonlySet<string>> {
  return (await read(root)) ?? new Set();
}

/**
 * Read just before it is written: other windows give stars, too.
 * @throws {ApiError} if that would lose stars that cannot be read, and whatever the file system throws.
 */
export async function setStars(root: vscode.Uri, paths: readonly string[], areStarred: boolean): Promise<void> {
  const known = await read(root);
  if (!known) throw new ApiError('refused', l10n.t("{0} can't be read. Repair or delete it to use stars.", NAME));
  const stars = new Set(known);
  for (const path of paths) {
    if (areStarred) stars.add(path);
    else stars.delete(path);
  }
  const text = `${JSON.stringify([...stars].sort(), null, 1)}\n`;
  await writeWhole(vscode.Uri.joinPath(root, NAME), new TextEncoder().encode(text));
}

/** Undefined if they cannot be read. */
async function read(root: vscode.Uri): Promise<ReadonlySet<string> | undefined> {
  const place = vscode.Uri.joinPath(root, NAME);
  try {
    const { size } = await vscode.workspace.fs.stat(place);
    if (size > LARGEST) return undefined;
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(place));
    return new Set(Starred.parse(JSON.parse(text)));
  } catch (error) {
    return error instanceof vscode.FileSystemError && error.code === 'FileNotFound' ? new Set() : undefined;
  }
}
