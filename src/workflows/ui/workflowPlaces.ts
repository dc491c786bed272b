import * as vscode from 'vscode';
import { safeName } from '../../comfyui/fileNames';
import type { Graph } from '../../comfyui/workflow';
import type { SessionId } from '../../comfydeploy/model';
import { isCarrier } from './carriers';

/** Where this window's workflows come from, and so where they are likely to be saved. */
export class WorkflowPlaces {
  readonly #opened = new Map<SessionId, { readonly uri: vscode.Uri; readonly mark: unknown }>();
  /** The folder of the last saved workflow. */
  #last: vscode.Uri | undefined;

  /** A file's graph is shown in a session. */
  noteOpened(id: SessionId, uri: vscode.Uri, graph: Graph): void {
    if (isCarrier(uri))
      this.#opened.delete(id); // a workflow must not replace its picture
    else this.#opened.set(id, { uri, mark: graph['id'] });
  }

  /** What the graph that a page shows was opened from. */
  sourceOf(id: SessionId, graph: Graph | undefined): vscode.Uri | undefined {
    const opened = this.#opened.get(id);
    return opened && isSame(opened.mark, graph?.['id']) ? opened.uri : undefined;
  }

  noteSaved(uri: vscode.Uri): void {
    this.#last = vscode.Uri.joinPath(uri, '..');
  }

  /** The file that the workflow was opened from, or else one in the last folder or the workspace's first. */
  proposal(id: SessionId, graph: Graph | undefined, name: string): vscode.Uri | undefined {
    const source = this.sourceOf(id, graph);
    if (source && source.scheme !== 'untitled') return source;
    const folder = this.#last ?? vscode.workspace.workspaceFolders?.[0]?.uri;
    return folder && vscode.Uri.joinPath(folder, `${safeName(name)}.json`);
  }
}

/** ComfyUI gives a graph an id if it lacks one, and keeps it. */
function isSame(mark: unknown, other: unknown): boolean {
  return mark === undefined || mark === other;
}
