import * as vscode from 'vscode';

/**
 * Writes a file beside its place, and moves it there once it is whole: a disk that fills up, or a connection that breaks,
 * costs nothing that was there. A link is written through, since moving would put the file in its stead.
 * @throws whatever the file system does.
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

/** Leaves room for what distinguishes it. */
const LONGEST_NAME = 60;

/** VS Code deletes what is there before it moves: where the move failed after that, the new file is all that is left. */
async function discard(part: vscode.Uri, place: vscode.Uri, wasThere: boolean): Promise<void> {
  const { fs } = vscode.workspace;
  const isThere = await fs.stat(place).then(
    () => true,
    () => false,
  );
  if (wasThere && !isThere) return fs.rename(part, place).then(undefined, () => undefined); // then it lies beside it
  await fs.delete(part).then(undefined, () => undefined); // it was never made, perhaps
}
