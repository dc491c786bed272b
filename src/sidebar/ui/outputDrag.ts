import * as vscode from 'vscode';
import { outputUri } from '../../outputs/ui/outputFileSystem';
import type { RecentOutputs } from '../../outputs/recentOutputs';
import { URI_LIST } from './lateTree';
import type { TreeNode } from './sessionTree';

/** Outputs can be dragged to where VS Code takes files. Nothing can be dropped here. */
export function outputDrag(
  placeOf: RecentOutputs['placeOf'],
): Pick<vscode.TreeDragAndDropController<TreeNode>, 'handleDrag'> {
  return {
    handleDrag(nodes, data) {
      const uris = nodes.flatMap((node) =>
        node.kind === 'output' ? [outputUri(node.sessionId, node.file, placeOf(node.sessionId))] : [],
      );
      if (uris.length > 0) data.set(URI_LIST, new vscode.DataTransferItem(uris.map(String).join('\r\n')));
    },
  };
}
