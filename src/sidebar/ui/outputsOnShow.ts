import * as vscode from 'vscode';
import type { RecentOutputs } from '../../outputs/recentOutputs';
import type { SessionId } from '../../comfydeploy/model';
import type { SessionTree, TreeNode } from './sessionTree';

/** Reports whose outputs are visible: their rows are expanded, and so is the view. */
export function showOutputsOf(
  view: vscode.TreeView<TreeNode>,
  tree: Pick<SessionTree, 'onDidOpenOutputs'>,
  outputs: Pick<RecentOutputs, 'show'>,
): vscode.Disposable {
  const asked = new Set<SessionId>();
  const closed = new Set<string>();
  const notify = () => {
    const isOpen = (id: SessionId) => !closed.has(`session:${id}`) && !closed.has(`outputs:${id}`);
    outputs.show(new Set(view.visible ? [...asked].filter(isOpen) : []), view);
  };
  const turn = (node: TreeNode, isOpen: boolean) => {
    if (node.kind !== 'session' && node.kind !== 'outputs') return;
    const key = `${node.kind}:${node.sessionId}`;
    if (isOpen) closed.delete(key);
    else closed.add(key);
    notify();
  };
  return vscode.Disposable.from(
    // VS Code requests rows when it is about to draw them, including those expanded in an earlier window.
    tree.onDidOpenOutputs((id) => {
      asked.add(id);
      notify();
    }),
    view.onDidExpandElement(({ element }) => turn(element, true)),
    view.onDidCollapseElement(({ element }) => turn(element, false)),
    view.onDidChangeVisibility(notify),
  );
}
