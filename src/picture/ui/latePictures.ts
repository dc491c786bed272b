import * as vscode from 'vscode';

export const PICTURE = 'comfydeploy.picture';

export type PictureEditor = Pick<vscode.CustomReadonlyEditorProvider, 'resolveCustomEditor'>;

/** Draws workflows in tabs, once the first one is opened. */
export function registerPictures(pictures: () => Promise<PictureEditor>): vscode.Disposable {
  return vscode.window.registerCustomEditorProvider(PICTURE, {
    openCustomDocument: (uri) => ({ uri, dispose: () => undefined }),
    resolveCustomEditor: async (document, panel, token) =>
      (await pictures()).resolveCustomEditor(document, panel, token),
  });
}
