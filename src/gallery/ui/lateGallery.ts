import * as vscode from 'vscode';
import { together, type Disposable } from '../../platform/emitter';

export const GALLERY_TAB = 'comfydeploy.gallery';

export type GalleryView = Pick<vscode.WebviewViewProvider, 'resolveWebviewView'> &
  Pick<vscode.WebviewPanelSerializer, 'deserializeWebviewPanel'>;

/** The view of outputs, and the tab of an earlier window, once they are opened. */
export function registerGallery(gallery: () => Promise<GalleryView>): Disposable {
  return together([
    vscode.window.registerWebviewViewProvider('comfydeploy.outputs', {
      resolveWebviewView: async (...view) => (await gallery()).resolveWebviewView(...view),
    }),
    vscode.window.registerWebviewPanelSerializer(GALLERY_TAB, {
      deserializeWebviewPanel: async (...panel) => (await gallery()).deserializeWebviewPanel(...panel),
    }),
  ]);
}
