import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { writeWhole } from '../../platform/ui/wholeFile';

/** Hidden, beside the saved files. */
const NAME = '.comfydeploy-stars.json';
/** Bytes. */
const LARGEST = 4_000_000;

const Starred = z.lazy(() => z.array(z.string()));

/** The files with a star, by their paths in the folder of saved outputs. What cannot be read has none. */
export async function starsIn(root: vscode.Uri): Promise<ReadonlySet<string>> {
  try {
    const place = vscode.Uri.joinPath(root, NAME);
    const { size } = await vscode.workspace.fs.stat(place);
    if (size > LARGEST) return new Set();
    const text = new TextDecoder().decode(await vscode.workspace.fs.readFile(place));
    return new Set(Starred.parse(JSON.parse(text)));
  } catch {
    return new Set();
  }
}

/** Read just before it is written: other windows give stars, too. @throws whatever the file system throws. */
export async function setStars(root: vscode.Uri, paths: readonly string[], areStarred: boolean): Promise<void> {
  const stars = new Set(await starsIn(root));
  for (const path of paths) {
    if (areStarred) stars.add(path);
    else stars.delete(path);
  }
  const text = `${JSON.stringify([...stars].sort(), null, 1)}\n`;
  await writeWhole(vscode.Uri.joinPath(root, NAME), new TextEncoder().encode(text));
}
