import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { isOfficial, parseBaseUrl } from '../baseUrl';
import { ApiError } from '../errors';
import type { Memory } from '../memory';
import { once } from '../once';
import type { SettingsReader } from '../settings';

const SECTION = 'comfydeploy';
const DASHBOARDS = 'dashboards';

/** The user's settings, read once after every change, since VS Code copies all of them for every read. */
export class Settings implements SettingsReader, vscode.Disposable {
  #config = once(configuration);
  readonly #changes = vscode.workspace.onDidChangeConfiguration(() => (this.#config = once(configuration)));

  readonly get = <T>(name: string, otherwise: T): T => this.#config().get<T>(name, otherwise);

  /** For all of the user's windows. */
  async set(name: string, value: unknown): Promise<void> {
    await configuration().update(name, value, vscode.ConfigurationTarget.Global);
  }

  /** A value computed from settings: when first needed, and again after a change. */
  reading<T>(read: (settings: SettingsReader) => T): () => T {
    let last: { readonly config: unknown; readonly value: T } | undefined;
    return () => {
      const config = this.#config;
      if (last?.config !== config) last = { config, value: read(this) };
      return last.value;
    };
  }

  /**
   * Moves a setting of an older version to its new name, unless that is already set, and removes the old one.
   * @param value converts the old value; undefined for the default.
   */
  async carryOver(old: string, name: string, value: (old: unknown) => unknown): Promise<void> {
    const before = configuration().inspect(old)?.globalValue;
    if (before === undefined) return;
    const now = value(before);
    if (now !== undefined && configuration().inspect(name)?.globalValue === undefined) await this.set(name, now);
    await this.set(old, undefined);
  }

  /** The API's address. @throws {ApiError} `misconfigured`. */
  readonly apiUrl = (): string => this.#address('apiUrl');

  /** The address of a server that was set earlier. @throws {ApiError} `misconfigured` if it may not be used now. */
  readonly allowed = (server: string): string => this.#checked(server, 'apiUrl');

  /** A page of the dashboard. @throws {ApiError} `misconfigured`. */
  dashboardPage(path: string): vscode.Uri {
    return vscode.Uri.parse(`${this.#address('dashboardUrl')}${path}`, true);
  }

  /**
   * Both addresses as they are now, for the whole sign-in: a later change of settings sends no key elsewhere.
   * @throws {ApiError} `misconfigured`
   */
  signInTo(): SignInAddresses {
    const [server, dashboard] = [this.apiUrl(), this.#address('dashboardUrl')];
    return { server, keyPage: (path) => keyPage(server, dashboard, path) };
  }

  /** Uses another server, with the dashboard that was set while it was in use last. */
  async useServer(server: string, memory: Memory): Promise<void> {
    const before = this.get('apiUrl', '');
    if (parseBaseUrl(before, 'apiUrl', true) === server) return;
    const known = memory.get(DASHBOARDS);
    const dashboards = { ...(typeof known === 'object' ? known : {}), [before]: this.get('dashboardUrl', '') };
    await memory.update(DASHBOARDS, dashboards);
    await this.set('dashboardUrl', Reflect.get(dashboards, server));
    await this.set('apiUrl', server);
  }

  onDidChange(listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(SECTION)) listener();
    });
  }

  /** The setting of the server may have changed. */
  onDidChangeServer(listener: () => void): vscode.Disposable {
    return vscode.workspace.onDidChangeConfiguration((event) => {
      const names = ['apiUrl', 'allowInsecureHttp'];
      if (names.some((name) => event.affectsConfiguration(`${SECTION}.${name}`))) listener();
    });
  }

  dispose(): void {
    this.#changes.dispose();
  }

  #address(name: 'apiUrl' | 'dashboardUrl'): string {
    return this.#checked(this.get(name, ''), name);
  }

  #checked(address: string, name: string): string {
    return parseBaseUrl(address, `${SECTION}.${name}`, this.get('allowInsecureHttp', false));
  }
}

function configuration(): vscode.WorkspaceConfiguration {
  return vscode.workspace.getConfiguration(SECTION);
}

/** Where a key comes from and where it is sent. */
export interface SignInAddresses {
  /** The API's address. */
  readonly server: string;
  /** @throws {ApiError} `misconfigured` if keys of one server would be sent to the other. */
  readonly keyPage: (path: string) => vscode.Uri;
}

/**
 * The page of the dashboard that creates a key for its own server. If only one of the two addresses is ComfyDeploy's
 * own, the key would be sent to another server, so that is refused.
 */
function keyPage(api: string, dashboard: string, path: string): vscode.Uri {
  const isOfficialApi = isOfficial(api);
  if (isOfficialApi === isOfficial(dashboard)) return vscode.Uri.parse(`${dashboard}${path}`, true);
  const other = isOfficialApi ? 'comfydeploy.apiUrl' : 'comfydeploy.dashboardUrl';
  const [from, to] = [new URL(dashboard).host, new URL(api).host];
  throw new ApiError(
    'misconfigured',
    l10n.t(
      'A key from {0} would be sent to {1}, which is another server. Set {2} to the same one, or paste a key for {1}.',
      from,
      to,
      other,
    ),
  );
}
