import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { ensureCodeServer, type CodeServerInstallation, type Preset } from './codeServerInstall';
import { mustRun } from './processes';
import { eventually, freePort, reachable } from './waiting';

export type Settings = Readonly<Record<string, unknown>>;

export interface CodeServerOptions {
  readonly preset: Preset;
  /** User data, extensions and logs; a fresh temporary folder when left out, removed by `stop`. */
  readonly dataDir?: string;
  readonly port?: number;
  /** Environment of the extension host. */
  readonly env?: NodeJS.ProcessEnv;
  readonly settings?: Settings;
  /**
   * Lets an address name the extension and the tests to load. Hides notification toasts and refuses dialogs too, so it
   * is for suites inside the extension host, never for tests through the user interface.
   */
  readonly testDriver?: boolean;
  readonly progress?: (line: string) => void;
}

/** No request leaves the machine and no welcome covers the screen. */
export const QUIET_SETTINGS: Settings = {
  'chat.disableAIFeatures': true,
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.enabled': false,
  'security.workspace.trust.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'window.commandCenter': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
};

const START_TIMEOUT_MS = 30_000;
const STOP_TIMEOUT_MS = 2_000;

/** A real VS Code, served to browsers on this machine. */
export class CodeServer {
  readonly url: string;
  readonly #endWithUs = () => {
    this.#signalGroup('SIGKILL');
    this.#removeData();
  };

  private constructor(
    private readonly installation: CodeServerInstallation,
    private readonly child: ChildProcess,
    private readonly env: NodeJS.ProcessEnv,
    readonly port: number,
    readonly dataDir: string,
    private readonly ownsData: boolean,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    process.prependOnceListener('exit', this.#endWithUs);
  }

  static async start(options: CodeServerOptions): Promise<CodeServer> {
    const installation = await ensureCodeServer(options.preset, options.progress ?? (() => undefined));
    // Unix sockets live below this folder, and their paths must stay under 104 characters.
    const dataDir = options.dataDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'vsc-'));
    const port = options.port ?? (await freePort());
    prepareData(dataDir, options.settings ?? {});
    const env = environment(dataDir, options.env ?? {});
    const args = serverArguments(installation, dataDir, port, options.testDriver ?? false);
    const log = fs.openSync(path.join(dataDir, 'server.log'), 'a');
    const child = spawn(installation.node, args, { env, stdio: ['ignore', log, log], detached: true });
    fs.closeSync(log);
    child.once('error', () => undefined); // `exited` below reports it

    const server = new CodeServer(installation, child, env, port, dataDir, options.dataDir === undefined);
    const healthy = () => server.exited || reachable(`${server.url}/healthz`, 1_000);
    if ((await eventually(healthy, START_TIMEOUT_MS)) && !server.exited) return server;
    const said = server.log().trim();
    await server.stop();
    throw new Error(`VS Code did not start.\n${said}`);
  }

  get vscodeVersion(): string {
    return this.installation.vscodeVersion;
  }

  log(): string {
    return fs.readFileSync(path.join(this.dataDir, 'server.log'), 'utf8');
  }

  async install(vsix: string): Promise<void> {
    const args = ['--install-extension', vsix, '--force', '--accept-server-license-terms'];
    const folders = ['--user-data-dir', this.dataDir, '--server-data-dir', this.dataDir];
    const extensions = ['--extensions-dir', extensionsFolder(this.dataDir)];
    await mustRun(this.installation.node, [this.installation.server, ...args, ...folders, ...extensions], {
      env: this.env,
    });
  }

  /** Windows read them when they are reloaded; the file is not watched. */
  changeSettings(settings: Settings): void {
    prepareData(this.dataDir, settings);
  }

  /** The address of a window on a folder; development and test paths need `testDriver`. */
  address({ folder, developmentPath, testsPath }: WindowAddress = {}): string {
    const remote = (file: string) => `vscode-remote://127.0.0.1:${this.port}${encodeURI(path.resolve(file))}`;
    const payload = [
      ...(developmentPath ? [['extensionDevelopmentPath', remote(developmentPath)]] : []),
      ...(testsPath ? [['extensionTestsPath', remote(testsPath)]] : []),
    ];
    const query = new URLSearchParams(folder ? { folder: path.resolve(folder) } : { ew: 'true' });
    if (payload.length > 0) query.set('payload', JSON.stringify(payload));
    return `${this.url}/?${query.toString()}`;
  }

  /** Settles when the server has ended, for whatever reason. */
  get closed(): Promise<void> {
    return this.exited ? Promise.resolve() : once(this.child, 'exit').then(() => undefined);
  }

  /** Ends the server with everything it started. */
  async stop(): Promise<void> {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      this.#signalGroup(signal);
      if (await eventually(() => this.exited, STOP_TIMEOUT_MS)) break;
    }
    this.#signalGroup('SIGKILL');
    process.off('exit', this.#endWithUs);
    this.#removeData();
  }

  get exited(): boolean {
    return this.child.pid === undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  #removeData(): void {
    if (this.ownsData) fs.rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
  }

  #signalGroup(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch {
      // The group has no process left.
    }
  }
}

export interface WindowAddress {
  readonly folder?: string | undefined;
  readonly developmentPath?: string | undefined;
  readonly testsPath?: string | undefined;
}

const extensionsFolder = (dataDir: string): string => path.join(dataDir, 'extensions');
const homeFolder = (dataDir: string): string => path.join(dataDir, 'home');

/** Settings the user changed in an earlier run of the same folder are kept. */
function prepareData(dataDir: string, settings: Settings): void {
  const user = path.join(dataDir, 'User');
  for (const folder of [user, extensionsFolder(dataDir), homeFolder(dataDir)])
    fs.mkdirSync(folder, { recursive: true });
  const file = path.join(user, 'settings.json');
  const kept = fs.existsSync(file)
    ? z.record(z.string(), z.unknown()).parse(JSON.parse(fs.readFileSync(file, 'utf8')))
    : {};
  fs.writeFileSync(file, JSON.stringify({ ...QUIET_SETTINGS, ...kept, ...settings }, null, 2));
  fs.writeFileSync(path.join(dataDir, 'config.yaml'), 'auth: none\ncert: false\n');
}

function serverArguments(
  { entry, needsTestDriverOption }: CodeServerInstallation,
  dataDir: string,
  port: number,
  testDriver: boolean,
): readonly string[] {
  return [
    entry,
    ...['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--config', path.join(dataDir, 'config.yaml')],
    ...['--user-data-dir', dataDir, '--extensions-dir', extensionsFolder(dataDir), '--log', 'info'],
    ...['--disable-telemetry', '--disable-update-check', '--disable-workspace-trust'],
    '--disable-getting-started-override',
    ...(testDriver && needsTestDriverOption ? ['--vscode-option', 'enable-smoke-test-driver'] : []),
  ];
}

/** Ours, without what a surrounding VS Code or npm added and without the developer's own ComfyDeploy key and folders. */
function environment(dataDir: string, added: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const foreign = /^(VSCODE_|ELECTRON_|npm_|XDG_STATE_|COMFYDEPLOY_|PASSWORD$|PORT$)/;
  const inherited = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  return { ...Object.fromEntries(inherited), HOME: homeFolder(dataDir), EXTENSIONS_GALLERY: '{}', ...added };
}
