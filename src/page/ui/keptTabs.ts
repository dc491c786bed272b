import * as vscode from 'vscode';

export const VIEW_TYPE = 'comfydeploy.session';

/** VS Code restores a tab of an earlier window once the user looks at it. */
export function registerKeptTabs(tabs: () => Promise<vscode.WebviewPanelSerializer>): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
    deserializeWebviewPanel: async (panel, kept) => (await tabs()).deserializeWebviewPanel(panel, kept),
  });
}
