import fs from 'node:fs';
import path from 'node:path';
import { vsce } from '../vscode/vsix';

const MANIFEST = {
  name: 'front-view',
  publisher: 'comfydeploy-sessions',
  version: '0.0.0',
  license: 'MIT',
  description: 'Brings the view of ComfyDeploy Sessions to the front.',
  engines: { vscode: '^1.100.0' },
  main: './front.js',
  activationEvents: ['onStartupFinished'],
};
const FRONT = `exports.activate = () => require('vscode').commands.executeCommand('comfydeploy.sessions.focus');\n`;

/** Another extension beside ours: no setting of VS Code says which view is in front at first. */
export function frontView(folder: string): string {
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(MANIFEST, undefined, 2));
  fs.writeFileSync(path.join(folder, 'front.js'), FRONT);
  fs.writeFileSync(path.join(folder, 'README.md'), MANIFEST.description);
  return folder;
}

/** The same as a package to install. */
export async function packagedFrontView(folder: string): Promise<string> {
  const file = path.join(folder, 'front-view.vsix');
  await vsce(frontView(path.join(folder, 'front-view')), file, '--skip-license', '--allow-missing-repository');
  return file;
}
