import { spawn } from 'node:child_process';
import path from 'node:path';
import { CodeServer } from '../vscode/codeServer';
import type { Preset } from '../vscode/codeServerInstall';
import { hasDisplay } from '../vscode/desktop';
import { packageExtension } from '../vscode/vsix';
import type { Editor, EditorOptions, Progress } from './editor';
import { packagedFrontView } from './frontView';

export interface BrowserEditorOptions extends EditorOptions {
  readonly preset: Preset;
  readonly port: number | undefined;
  readonly open: boolean;
  readonly progress: Progress;
}

/** Serves VS Code to a browser, with the extension installed from its package as a user would have it. */
export async function startBrowserEditor(options: BrowserEditorOptions): Promise<Editor> {
  const { folder, workspace, preset, port, settings, env, progress } = options;
  const server = await CodeServer.start({
    preset,
    env,
    settings,
    progress,
    dataDir: path.join(folder, 'data'),
    ...(port === undefined ? {} : { port }),
  });
  try {
    progress('Packaging and installing the extension');
    const vsix = path.join(folder, 'extension.vsix');
    await packageExtension(vsix);
    await server.install(vsix);
    await server.install(await packagedFrontView(folder));
  } catch (error) {
    await server.stop();
    throw error;
  }
  const address = server.address({ folder: workspace });
  progress(`\nVS Code ${server.vscodeVersion}, to be opened in a browser: ${address}`);
  if (options.open) openInBrowser(address);
  return { closed: server.closed, close: () => server.stop() };
}

/** Opens the address for the person; where there is no screen, the address is in the terminal. */
function openInBrowser(address: string): void {
  const [program, ...args] = openerOf(address);
  if (!program) return;
  const child = spawn(program, args, { stdio: 'ignore', detached: true });
  child.once('error', () => undefined); // no such program: the address is in the terminal
  child.unref();
}

function openerOf(address: string): readonly string[] {
  const named = process.env['BROWSER']; // remote terminals name here a helper that opens it on the person's computer
  if (named) return [named, address];
  if (!hasDisplay()) return [];
  if (process.platform === 'darwin') return ['open', address];
  return process.platform === 'win32' ? ['explorer', address] : ['xdg-open', address];
}
