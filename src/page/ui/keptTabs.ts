import * as vscode from 'vscode';

export const VIEW_TYPE = 'comfydeploy.session';

/** Tabs of an earlier window come back once somebody looks at them. */
export function registerKeptTabs(tabs: () => Promise<vscode.WebviewPanelSerializer>): vscode.Disposable {
  return vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
    deserializeWebviewPanel: async (panel, kept) => (await tabs()).deserializeWebviewPanel(panel, kept),
  });
}
