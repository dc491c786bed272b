import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import manifest from '../../package.json';
import { isPreRelease } from '../run/releaseRules';
import { shippedManifest } from '../run/shippedManifest';
import { mustRun } from './processes';
import { inProject } from './project';
import { smallerZip } from './smallerZip';

/** Packages the extension as the gallery would get it, production build included. */
export async function packageExtension(file: string): Promise<void> {
  await mustRun(process.execPath, [inProject('esbuild.js'), '--production'], { cwd: inProject() });
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'shipped-'));
  try {
    for (const name of ['.vscodeignore', 'README.md', 'CHANGELOG.md', 'LICENSE', 'dist', 'media', 'skills'])
      fs.cpSync(inProject(name), path.join(folder, name), { recursive: true, filter: (each) => !isHeavy(each) });
    const texts = fs.readdirSync(inProject()).filter((name) => /^package\.nls.*\.json$/.test(name));
    const read = (name: string) => fs.readFileSync(inProject(name), 'utf8');
    for (const [name, content] of shippedManifest(
      new Map(['package.json', ...texts].map((name) => [name, read(name)])),
    ))
      fs.writeFileSync(path.join(folder, name), content);
    await vsce(folder, file, ...(isPreRelease(manifest.version) ? ['--pre-release'] : []));
    await fs.promises.writeFile(file, await smallerZip(await fs.promises.readFile(file)));
  } finally {
    await fs.promises.rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What is built for tests. */
const isHeavy = (file: string): boolean => ['test', 'run', 'release'].some((name) => file === inProject('dist', name));

/** Packages what is in a folder. */
export async function vsce(folder: string, file: string, ...options: readonly string[]): Promise<void> {
  const program = inProject('node_modules', '@vscode', 'vsce', 'vsce');
  await mustRun(process.execPath, [program, 'package', '--no-dependencies', ...options, '--out', file], {
    cwd: folder,
  });
}
