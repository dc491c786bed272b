import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { launchBrowser, type Browser } from '../vscode/browser';
import { CodeServer, type Settings } from '../vscode/codeServer';
import type { Preset } from '../vscode/codeServerInstall';
import { packageExtension } from '../vscode/vsix';
import { Workbench } from './workbench';

export type Theme = 'dark' | 'light' | 'hc' | 'hcLight';

const HIGH_CONTRAST = { hc: 'Default High Contrast', hcLight: 'Default High Contrast Light' };

/** Names by which VS Code knows them: it rewrites the settings file, over what a test writes, to replace an older name. */
const THEMES: Readonly<Record<Preset, Readonly<Record<Theme, string>>>> = {
  oldest: { dark: 'Default Dark Modern', light: 'Default Light Modern', ...HIGH_CONTRAST },
  newest: { dark: 'Dark Modern', light: 'Light Modern', ...HIGH_CONTRAST },
};

const HARNESS_SETTINGS: Settings = {
  'window.autoDetectColorScheme': false,
  'workbench.reduceMotion': 'on', // so that pictures show toasts at their final place
  'workbench.activityBar.iconClickBehavior': 'focus', // by default, a click on the visible view hides it
  'workbench.editor.useModal': 'off', // so that settings open like any other file
};

export interface WindowOptions {
  readonly preset?: Preset;
  readonly theme?: Theme;
  /** User settings, besides those that keep VS Code quiet. */
  readonly settings?: Settings;
  /** Environment of the extension host. */
  readonly env?: NodeJS.ProcessEnv;
  /** The folder the window opens; an empty window without one. */
  readonly folder?: string;
  /**
   * Keeps user data and what the browser stores; `close` leaves it in place. Secrets survive a restart only on the same
   * port, as the browser keeps them by origin.
   */
  readonly profileDir?: string;
  readonly port?: number;
}

/** A VS Code window with the packaged extension installed, as a user would have it. */
export async function startWindow(options: WindowOptions = {}): Promise<EditorWindow> {
  const { preset = 'newest', theme = 'dark', settings = {}, env = {}, folder, port } = options;
  const profile = options.profileDir ?? fs.mkdtempSync(path.join(os.tmpdir(), 'e2e-'));
  const cleanUp: (() => Promise<void>)[] = [];
  if (!options.profileDir) {
    cleanUp.push(async () => fs.promises.rm(profile, { recursive: true, force: true, maxRetries: 5 }));
  }
  try {
    const server = await CodeServer.start({
      preset,
      env,
      settings: { ...HARNESS_SETTINGS, 'workbench.colorTheme': THEMES[preset][theme], ...settings },
      dataDir: path.join(profile, 'data'),
      ...(port === undefined ? {} : { port }),
    });
    cleanUp.push(() => server.stop());
    await installExtension(server, profile);
    const browser = await launchBrowser({ profileDir: path.join(profile, 'browser') });
    cleanUp.push(() => browser.close());
    return await EditorWindow.open(server, browser, folder, preset, () => runBackwards(cleanUp));
  } catch (error) {
    await runBackwards(cleanUp);
    throw error;
  }
}

export class EditorWindow extends Workbench {
  static async open(
    server: CodeServer,
    { context }: Browser,
    folder: string | undefined,
    preset: Preset,
    close: () => Promise<void>,
  ): Promise<EditorWindow> {
    const page = context.pages()[0] ?? (await context.newPage());
    await page.goto(server.address({ folder }));
    const window = new EditorWindow(page, server, preset, close);
    await window.ready();
    return window;
  }

  private constructor(
    page: Workbench['page'],
    private readonly server: CodeServer,
    private readonly preset: Preset,
    /** Ends the browser and VS Code; removes what they wrote unless a profile folder was given. */
    readonly close: () => Promise<void>,
  ) {
    super(page);
  }

  get port(): number {
    return this.server.port;
  }

  get vscodeVersion(): string {
    return this.server.vscodeVersion;
  }

  /** Loads the window again, with these settings too. */
  async changeSettings(settings: Settings): Promise<void> {
    this.server.changeSettings(settings);
    await this.reload();
  }

  async changeTheme(theme: Theme): Promise<void> {
    await this.changeSettings({ 'workbench.colorTheme': THEMES[this.preset][theme] });
  }

  /** Reloads the window, extension host included. A browser's reload would lose tabs opened in the last seconds. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await this.runCommand('Developer: Reload Window');
    await loaded;
    await this.ready();
  }
}

/** The package that `npm test` made; a new one where a test file runs by itself. */
async function installExtension(server: CodeServer, folder: string): Promise<void> {
  const given = process.env['TEST_VSIX'];
  if (given) return server.install(given);
  const vsix = path.join(folder, 'extension.vsix');
  await packageExtension(vsix);
  await server.install(vsix);
}

async function runBackwards(steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of steps.toReversed()) await step();
}
