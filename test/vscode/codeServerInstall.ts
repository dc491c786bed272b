import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { mustRun, npmCommand, run } from './processes';
import { saying } from './waiting';
import { ARGON2, SPDLOG, WATCHDOG } from './standIns';

/** The VS Code our `engines` field promises to support, and a current one. */
export const Preset = z.enum(['oldest', 'newest']);
export type Preset = z.output<typeof Preset>;

export interface CodeServerInstallation {
  readonly node: string;
  readonly entry: string;
  /** VS Code's own server inside code-server; installs extensions. */
  readonly server: string;
  readonly vscodeVersion: string;
  /** From 4.13x on, VS Code honours payloads in the address only with an option that announces a test driver. */
  readonly needsTestDriverOption: boolean;
}

interface Recipe {
  readonly codeServer: string;
  /** The Node this code-server runs on. */
  readonly node: string;
  readonly alsoInstall: Readonly<Record<string, string>>;
}

const RIPGREP = '@vscode/ripgrep-universal';
const RECIPES: Readonly<Record<Preset, Recipe>> = {
  oldest: { codeServer: '4.100.3', node: '20.20.2', alsoInstall: { [RIPGREP]: '1.18.0' } },
  newest: { codeServer: '4.139.1', node: '24.21.0', alsoInstall: {} },
};

/** Copilot and Windows parts: 200 MB that no test uses. */
const UNUSED = [
  'node_modules/@github',
  'node_modules/@microsoft/mxc-sdk',
  'node_modules/@vscode/windows-process-tree',
  'extensions/copilot',
];

const Manifest = z.looseObject({ version: z.string() });

/**
 * Puts code-server and its Node into the cache folder, from the npm registry alone: no package's install script runs
 * and nothing is compiled.
 */
export async function ensureCodeServer(
  preset: Preset,
  progress: (line: string) => void,
): Promise<CodeServerInstallation> {
  const recipe = RECIPES[preset];
  const nodePackage = nodePackageFor(recipe);
  const cache = process.env['VSCODE_HOST_CACHE'] ?? path.join(os.homedir(), '.cache', 'vscode-host');
  const id = `code-server-${recipe.codeServer}-node-${nodePackage ? recipe.node : 'stock'}`;
  const folder = path.join(cache, id);

  if (!fs.existsSync(path.join(folder, '.ready'))) {
    progress(`Installing code-server ${recipe.codeServer} (about half a minute, once)`);
    await saying(progress, install(recipe, nodePackage, folder));
  }
  return describe(folder, nodePackage);
}

/** The npm package that carries the right Node, or `undefined` where the Node running this is right already. */
function nodePackageFor({ node }: Recipe): string | undefined {
  const major = (version: string) => version.split('.')[0];
  if (major(node) === major(process.versions.node)) return undefined;
  if (process.platform === 'linux') return `node-linux-${process.arch}`;
  throw new Error(`The browser-hosted VS Code needs Linux, or Node ${major(node) ?? ''} to run on.`);
}

async function install(recipe: Recipe, nodePackage: string | undefined, folder: string): Promise<void> {
  const draft = `${folder}.${process.pid}.tmp`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(draft, { recursive: true });
  try {
    const dependencies = {
      'code-server': recipe.codeServer,
      ...recipe.alsoInstall,
      ...(nodePackage ? { [nodePackage]: recipe.node } : {}),
    };
    writeJson(path.join(draft, 'package.json'), { name: 'vscode-host', private: true, dependencies });
    await npm(draft, 'install', '--omit=dev');
    await installServerDependencies(vscodeFolder(draft));
    trim(draft, nodePackage);
    replaceNativeParts(draft);
    fs.writeFileSync(path.join(draft, '.ready'), '');
    publish(draft, folder);
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
  }
}

/** Some releases' shrinkwrap disagrees with their own manifest; `ci` refuses those, `install` does not. */
async function installServerDependencies(code: string): Promise<void> {
  const [program, ...first] = npmCommand();
  const exact = ['ci', '--omit=dev', '--legacy-peer-deps', ...QUIET];
  const { code: exit } = await run(program, [...first, ...exact], { cwd: code, env: npmEnvironment() });
  if (exit !== 0) await npm(code, 'install', '--omit=dev', '--legacy-peer-deps', '--no-save');
}

function trim(draft: string, nodePackage: string | undefined): void {
  const headers = nodePackage ? [path.join(draft, 'node_modules', nodePackage, 'include')] : [];
  for (const part of [...UNUSED.map((name) => path.join(vscodeFolder(draft), name)), ...headers]) {
    fs.rmSync(part, { recursive: true, force: true });
  }
}

function replaceNativeParts(draft: string): void {
  const modules = path.join(vscodeFolder(draft), 'node_modules');
  fs.writeFileSync(path.join(modules, '@vscode', 'spdlog', 'index.js'), SPDLOG);
  for (const name of ['@vscode/native-watchdog', 'native-watchdog']) {
    if (fs.existsSync(path.join(modules, name))) fs.writeFileSync(path.join(modules, name, 'index.js'), WATCHDOG);
  }
  replaceArgon2(draft);
  borrowRipgrep(draft, modules);
}

function replaceArgon2(draft: string): void {
  const manifestFile = createRequire(path.join(draft, 'package.json')).resolve('argon2/package.json');
  const folder = path.dirname(manifestFile);
  if (fs.existsSync(path.join(folder, 'prebuilds'))) return;
  fs.writeFileSync(path.join(folder, 'standIn.cjs'), ARGON2);
  writeJson(manifestFile, { name: 'argon2', version: '0.0.0', main: 'standIn.cjs' });
}

/** Older VS Code downloads `rg` in an install script; the universal package carries it. */
function borrowRipgrep(draft: string, modules: string): void {
  const source = path.join(draft, 'node_modules', RIPGREP, 'bin', `${process.platform}-${process.arch}`, 'rg');
  if (!fs.existsSync(source)) return;
  const target = path.join(modules, '@vscode', 'ripgrep', 'bin', 'rg');
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(source, target);
  fs.chmodSync(target, 0o755);
}

/** Another process may have finished the same installation meanwhile; either copy is good. */
function publish(draft: string, folder: string): void {
  if (fs.existsSync(path.join(folder, '.ready'))) return;
  fs.rmSync(folder, { recursive: true, force: true });
  fs.renameSync(draft, folder);
}

function describe(folder: string, nodePackage: string | undefined): CodeServerInstallation {
  const root = path.join(folder, 'node_modules', 'code-server');
  const manifest = fs.readFileSync(path.join(vscodeFolder(folder), 'package.json'), 'utf8');
  return {
    node: nodePackage ? path.join(folder, 'node_modules', nodePackage, 'bin', 'node') : process.execPath,
    entry: path.join(root, 'out', 'node', 'entry.js'),
    server: path.join(vscodeFolder(folder), 'out', 'server-main.js'),
    vscodeVersion: Manifest.parse(JSON.parse(manifest)).version,
    needsTestDriverOption: fs.readFileSync(path.join(root, 'out', 'node', 'cli.js'), 'utf8').includes('vscode-option'),
  };
}

const vscodeFolder = (folder: string): string => path.join(folder, 'node_modules', 'code-server', 'lib', 'vscode');

const QUIET = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];

async function npm(cwd: string, ...args: readonly string[]): Promise<void> {
  const [program, ...first] = npmCommand();
  await mustRun(program, [...first, ...args, ...QUIET], { cwd, env: npmEnvironment() });
}

const npmEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  npm_config_engine_strict: 'false',
  npm_config_update_notifier: 'false',
});

const writeJson = (file: string, value: unknown): void => fs.writeFileSync(file, JSON.stringify(value, null, 2));
