import type * as vscode from 'vscode';
import { kindOf } from '../../comfyui/fileKinds';
import type { OutputFile } from '../../comfyui/outputs';
import { shownName } from '../../comfyui/shownName';
import type { SessionId } from '../../comfydeploy/model';
import { outputUri } from '../../outputs/ui/outputFileSystem';
import type { Recent } from '../../outputs/sessionOutputs';
import { folderNameOf } from '../../outputs/sessionSaver';
import { plainName } from '../../platform/plainText';
import { nameOf } from '../../workflows/ui/workflowFile';
import { ownSessions, type Snapshot } from '../../sessions/snapshot';
import { idOf, type Item } from '../item';
import type { SavedFile } from './savedFiles';

/** An output, and what is done with it. */
export interface Output extends Omit<Item, 'src' | 'uri' | 'day'> {
  readonly file: vscode.Uri;
  /** Where it is, if it is only there. */
  readonly live: { readonly sessionId: SessionId; readonly file: OutputFile; readonly folder: string } | undefined;
  readonly picture: string | undefined;
  /** In the folder of saved outputs. */
  readonly path: string;
}

/** What is only in running sessions. @param isThere whether the one with an id is in the folder, too */
export function liveOutputs(
  { snapshot, now }: { readonly snapshot: Snapshot; readonly now: number },
  recentOf: (id: SessionId) => Recent,
  isThere: (id: string) => boolean,
): readonly Output[] {
  return ownSessions(snapshot).flatMap((session) => {
    const recent = recentOf(session.id);
    if (recent.kind !== 'known') return [];
    const folder = folderNameOf(session, snapshot);
    const from = plainName(folder);
    const unsaved = recent.files.filter(({ file, isSaved }) => !isSaved && kindOf(file) !== 'text');
    const outputs = unsaved.map(({ file, finishedAt, picture }) => {
      const uri = outputUri(session.id, file);
      const at = finishedAt ?? now;
      const about = { name: shownName(file.filename), kind: kindOf(file), from };
      const state = {
        isSaved: false,
        isStarred: false,
        live: { sessionId: session.id, file, folder },
        picture,
        path: '',
      };
      return { id: `${finishedAt ?? ''} ${uri.toString()}`, file: uri, at, ...about, ...state };
    });
    return outputs.filter(({ id }) => !isThere(id));
  });
}

export function savedOutput(root: vscode.Uri, { uri, kind, at, from }: SavedFile, stars: ReadonlySet<string>): Output {
  const path = uri.path.slice(root.path.length + 1);
  const about = { name: shownName(nameOf(uri)), kind, from: plainName(from) };
  const state = { isSaved: true, isStarred: stars.has(path), live: undefined, picture: undefined, path };
  return { id: idOf(at, addressIn(root, uri)), file: uri, at, ...about, ...state };
}

/** Of a file in a folder, from there. */
export function addressIn(root: vscode.Uri, file: vscode.Uri): string {
  return file.toString().slice(root.toString().length + 1);
}
