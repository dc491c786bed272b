import * as vscode from 'vscode';
import { outputUri } from '../../outputs/ui/outputFileSystem';
import type { TreeNode } from './sessionTree';

const URI_LIST = 'text/uri-list';

/** Outputs can be dragged to where VS Code takes files. Nothing can be dropped here. */
export const outputDrag: vscode.TreeDragAndDropController<TreeNode> = {
  dragMimeTypes: [URI_LIST],
  dropMimeTypes: [],
  handleDrag(nodes, data) {
    const uris = nodes.flatMap((node) => (node.kind === 'output' ? [outputUri(node.sessionId, node.file)] : []));
    if (uris.length > 0) data.set(URI_LIST, new vscode.DataTransferItem(uris.map(String).join('\r\n')));
  },
};
