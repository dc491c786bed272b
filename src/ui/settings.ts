import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { DEFAULT_API_URL, DEFAULT_DASHBOARD_URL, parseBaseUrl } from '../core/api/baseUrl';
import { ApiError } from '../core/api/errors';
import type { GuardRules } from '../core/guard/guardian';
import { ceilingFrom, type Ceilings } from '../core/money/ceilings';
import { once } from '../core/once';
import { openInOf, type OpenIn } from '../core/present/openIn';

const SECTION = 'comfydeploy';
const Some = z.lazy(() => z.number().check(z.positive()));
const Minutes = z.lazy(() => z.array(Some));

interface Wishes {
  /** Machines that cannot host sessions are shown, too. */
  readonly showUnavailable: boolean;
  /** Minutes before the end at which the user wants to be warned. */
  readonly warnAt: readonly number[];
  readonly ceilings: Ceilings;
}

/** The user's settings, read anew after every change: asked for more often, VS Code would copy all of them each time. */
export class Settings implements vscode.Disposable {
  #config = once(configuration);
  #wishes = once(() => this.#readWishes());
  #rules = once(() => this.#readRules());
  readonly #changes = vscode.workspace.onDidChangeConfiguration(() => {
    this.#config = once(configuration);
    this.#wishes = once(() => this.#readWishes());
    this.#rules = once(() => this.#readRules());
  });

  /** The API's address. @throws {ApiError} `misconfigured`. */
  readonly apiUrl = (): string => this.#address('apiUrl');

  /** A page of the dashboard. @throws {ApiError} `misconfigured`. */
  dashboardPage(path: string): vscode.Uri {
    return vscode.Uri.parse(`${this.#address('dashboardUrl')}${path}`, true);
  }

  /**
   * A page of the dashboard where a key is made. Its keys are those of its own server: while one of the two addresses is
   * still ComfyDeploy's own, they would be handed to another server.
   * @throws {ApiError} `misconfigured`, also then.
   */
  keyPage(path: string): vscode.Uri {
    const [api, dashboard] = [this.apiUrl(), this.#address('dashboardUrl')];
    const isOfficialApi = api === DEFAULT_API_URL;
    if (isOfficialApi === (dashboard === DEFAULT_DASHBOARD_URL)) return this.dashboardPage(path);
    const other = isOfficialApi ? 'comfydeploy.apiUrl' : 'comfydeploy.dashboardUrl';
    const [from, to] = [new URL(dashboard).host, new URL(api).host];
    throw new ApiError(
      'misconfigured',
      `A key from ${from} would be sent to ${to}, which is another server. Set ${other} to the same one, or paste a key for ${to}.`,
    );
  }

  /** What the user wants to see and be told. */
  readonly wishes = (): Wishes => this.#wishes();

  /** What the guardian may do by itself. */
  readonly rules = (): GuardRules => this.#rules();

  /** Where a session's page is opened. */
  get openIn(): OpenIn {
    return openInOf(this.#get<unknown>('openIn', 'auto'));
  }

  /** As the user typed it; empty if they have not. */
  outputsFolder(): string {
    return this.#get('outputsFolder', '').trim();
  }

  async setApiUrl(value: string): Promise<void> {
    await configuration().update('apiUrl', value, vscode.ConfigurationTarget.Global);
  }

  async setOutputsFolder(value: string): Promise<void> {
    await configuration().update('outputsFolder', value, vscode.ConfigurationTarget.Global);
  }

  async setShowUnavailable(value: boolean): Promise<void> {
    await configuration().update('showUnavailableMachines', value, vscode.ConfigurationTarget.Global);
  }

  onDidChange(listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SECTION)) listener();
    });
  }

  /** Another server may be meant from now on. */
  onDidChangeServer(listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      const names = ['apiUrl', 'allowInsecureHttp'];
      if (names.some((name) => event.affectsConfiguration(`${SECTION}.${name}`))) listener();
    });
  }

  dispose(): void {
    this.#changes.dispose();
  }

  /** Settings are the user's typing: what is no list of minutes warns of nothing rather than breaking the rest. */
  #readWishes(): Wishes {
    return {
      showUnavailable: this.#get('showUnavailableMachines', true),
      warnAt: Minutes.safeParse(this.#get<unknown>('warnBeforeEnd', [])).data ?? [], // `z.catch` would add 10 kB
      ceilings: {
        session: ceilingFrom(this.#get<unknown>('maxCostPerSession', 0)),
        day: ceilingFrom(this.#get<unknown>('maxCostPerDay', 0)),
        month: ceilingFrom(this.#get<unknown>('maxCostPerMonth', 0)),
      },
    };
  }

  #readRules(): GuardRules {
    const idle = this.#minutes('endWhenIdleAfter');
    return {
      usual: {
        keepAlive: this.#get('keepAliveWhileRendering', false),
        endWhenIdle: idle === 0 ? undefined : idle,
        finishThenEnd: false,
      },
      keepAliveUpTo: this.#minutes('keepAliveUpTo'),
      watchOthers: this.#get('watchOthers', false),
      saveBeforeEnd: this.#get('saveBeforeEnd', false),
    };
  }

  /** What makes no sense counts as none: nothing is done then that costs money, or ends anything. */
  #minutes(name: string): number {
    return Some.safeParse(this.#get<unknown>(name, 0)).data ?? 0;
  }

  #address(name: 'apiUrl' | 'dashboardUrl'): string {
    return parseBaseUrl(this.#get(name, ''), `${SECTION}.${name}`, this.#get('allowInsecureHttp', false));
  }

  #get<T>(name: string, otherwise: T): T {
    return this.#config().get<T>(name, otherwise);
  }
}

function configuration(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration(SECTION);
}
