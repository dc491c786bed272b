import * as vscode from 'vscode';

/**
 * Writes a file beside its target and moves it there once it is complete, so that a full disk or a broken connection
 * destroys nothing. A link is written through, since moving would replace it.
 * @throws whatever the file system throws.
 */
export async function writeWhole(place: vscode.Uri, content: Uint8Array): Promise<void> {
  const { fs } = vscode.workspace;
  const there = await fs.stat(place).then(undefined, () => undefined);
  if (there !== undefined && (there.type & vscode.FileType.SymbolicLink) !== 0) return fs.writeFile(place, content);
  const name = place.path.slice(place.path.lastIndexOf('/') + 1);
  const part = vscode.Uri.joinPath(place, '..', `.${name.slice(0, LONGEST_NAME)}.${crypto.randomUUID()}.tmp`);
  try {
    await fs.writeFile(part, content);
    await fs.rename(part, place, { overwrite: true });
  } catch (error) {
    await discard(part, place, there !== undefined);
    throw error;
  }
}

/** Leaves room for a unique suffix. */
const LONGEST_NAME = 60;

/** VS Code deletes the target before it moves: if the move fails after that, the new file is all that is left. */
async function discard(part: vscode.Uri, place: vscode.Uri, wasThere: boolean): Promise<void> {
  const { fs } = vscode.workspace;
  const isThere = await fs.stat(place).then(
    () => true,
    () => false,
  );
  // then it stays beside the target
  if (wasThere && !isThere) return fs.rename(part, place).then(undefined, () => undefined);
  await fs.delete(part).then(undefined, () => undefined); // it may never have been created
}
