import * as vscode from 'vscode';

export type GalleryView = Pick<vscode.WebviewViewProvider, 'resolveWebviewView'>;

/** The view of outputs, once it is opened. */
export function registerGallery(gallery: () => Promise<GalleryView>): vscode.Disposable {
  return vscode.window.registerWebviewViewProvider('comfydeploy.outputs', {
    resolveWebviewView: async (...view) => (await gallery()).resolveWebviewView(...view),
  });
}
