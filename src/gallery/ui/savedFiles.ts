import * as vscode from 'vscode';
import { kindOf, type FileKind } from '../../comfyui/fileKinds';
import { nameOf } from '../../workflows/ui/workflowFile';

/** A picture, film, sound or model in the folder of saved outputs. */
export interface SavedFile {
  readonly uri: vscode.Uri;
  readonly kind: FileKind;
  /** Last written, ms. */
  readonly at: number;
  /** The folder of the session that made it. */
  readonly from: string;
}

export interface SavedFilesContext {
  /** When a file on this computer was written, ms. Faster than VS Code's own. @throws if it cannot be read. */
  readonly writtenAt: (path: string) => Promise<number>;
}

/** Files; more are not shown. */
export const MOST_SAVED = 20_000;
const DEEPEST = 6;
/** Files that are looked at together. */
const AT_ONCE = 64;
const SHOWN: readonly FileKind[] = ['image', 'video', 'audio', '3D'];

/** All of them, newest first. Links are not followed. What cannot be read is left out. */
export async function savedIn(
  root: vscode.Uri,
  context: SavedFilesContext,
  signal: AbortSignal,
): Promise<readonly SavedFile[]> {
  const found: Omit<SavedFile, 'at'>[] = [];
  const folders = [{ uri: root, from: nameOf(root), depth: 0 }];
  for (const { uri, from, depth } of folders) {
    const entries = await vscode.workspace.fs.readDirectory(uri).then(undefined, () => []);
    signal.throwIfAborted();
    for (const [name, type] of entries) {
      const inside = { uri: vscode.Uri.joinPath(uri, name), from };
      const kind = kindOf({ filename: name });
      if (type === vscode.FileType.Directory && depth < DEEPEST && folders.length < MOST_SAVED)
        folders.push({ ...inside, from: depth === 0 ? name : from, depth: depth + 1 });
      if (type === vscode.FileType.File && SHOWN.includes(kind) && found.length < MOST_SAVED)
        found.push({ ...inside, kind });
    }
  }
  const files: SavedFile[] = [];
  for (let next = 0; next < found.length; next += AT_ONCE) {
    signal.throwIfAborted();
    files.push(...(await Promise.all(found.slice(next, next + AT_ONCE).map((file) => withTime(file, context)))).flat());
  }
  return files.sort((a, b) => b.at - a.at);
}

async function withTime(file: Omit<SavedFile, 'at'>, { writtenAt }: SavedFilesContext): Promise<readonly SavedFile[]> {
  const times = writtenAt(file.uri.fsPath).catch(async () => (await vscode.workspace.fs.stat(file.uri)).mtime);
  return times.then(
    (at) => [{ ...file, at }],
    () => [],
  );
}
