import * as vscode from 'vscode';

const SCHEME = 'comfydeploy-dimmed';

/** A tree item has no colour of its own, but the decoration of its resource has one. */
export function dimmedUri(id: string): vscode.Uri {
  return vscode.Uri.from({ scheme: SCHEME, path: `/${encodeURIComponent(id)}` });
}

/** Draws unusable rows in the theme's colour for disabled items. */
export function registerDimming(): vscode.Disposable {
  return vscode.window.registerFileDecorationProvider({
    provideFileDecoration: ({ scheme }) =>
      scheme === SCHEME
        ? new vscode.FileDecoration(undefined, undefined, new vscode.ThemeColor('disabledForeground'))
        : undefined,
  });
}
