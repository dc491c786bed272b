import assert from 'node:assert/strict';
import os from 'node:os';
import type { TestContext } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type * as vscode from 'vscode';
import manifest from '../../package.json';
import { memoryFiles } from '../fakes/memoryFiles';
import { activate } from '../../src/extension';
import type { Files } from '../../src/platform/journal';
import type { CommandName } from '../../src/platform/ui/commands';
import type { TreeNode } from '../../src/sidebar/ui/sessionTree';
import { TokenVault } from '../../src/accounts/ui/tokenVault';
import type { Freezer } from '../fakes/freezer';
import { isCryptoPending } from '../fakes/pendingCrypto';
import { isDiskPending } from '../fakes/pendingDisk';
import { soon, turn, until } from '../fakes/until';
import { ExtensionKind, extensionUri, Uri, type TreeItem } from '../fakes/vscode';
import { openEditor, type FakeEditor } from '../fakes/vscode/editor';
import type { FakeStatusBarItem, FakeTreeView } from '../fakes/vscode/surfaces';
import { FakeMemento, FakeSecrets } from '../fakes/vscode/storage';
import { SimulatorClock } from '../simulator/clock';
import type { Control } from '../simulator/control';
import type { SessionSeed } from '../simulator/seeds';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { ServerClock } from './serverClock';
import { assertInert } from './everyText';

export const ME = { userId: 'user_demo', orgId: null } as const;
export const STUDIO = { userId: 'user_demo', orgId: 'org_demo' } as const;
export const MINUTE = 60_000;
const SECOND = 1_000;

export interface StartOptions {
  /** Whose key is stored; `null` stores none. */
  readonly scope?: typeof ME | typeof STUDIO | null;
  readonly environmentKey?: string;
  /** Another address than this server's, or none. */
  readonly environmentUrl?: string | undefined;
  /** Whether a ComfyUI runs behind each session; without one its address leads nowhere. */
  readonly comfyUi?: boolean;
  /** Their runs take time only while `advance` or `finish` lets it go on. */
  readonly runsByClock?: boolean;
  /** Prepares the server before the extension starts. */
  readonly furnish?: (control: Control) => void | Promise<void>;
  /** Prepares the window before the extension starts. */
  readonly window?: (world: World) => void;
  /** Freezes this window. */
  readonly freezer?: Freezer;
}

/** Between an answer and the request that follows from it there may be a turn of the event loop. */
const QUIET_TURNS = 4;

/** The whole extension in an editor without a screen, with a ComfyDeploy, on one clock in the test's hands. */
export class World {
  readonly secrets = new FakeSecrets();
  readonly memory = new FakeMemento();
  /** The workspace's memory. */
  readonly workspaceMemory = new FakeMemento();
  readonly files = memoryFiles();
  /** Files that editors share, if these are not those that windows share. */
  common: Files | undefined;
  /** Where the extension runs: beside its window, or with the workspace. */
  extensionKind = ExtensionKind.UI;
  editor: FakeEditor;
  readonly control: Control;
  readonly apiUrl: string;
  readonly keys: { readonly mine: string; readonly studio: string };
  readonly #subscriptions: vscode.Disposable[] = [];
  readonly #clock: ServerClock;
  readonly #freezer: Freezer | undefined;
  #requests = 0;

  constructor(simulator: Simulator, clock: SimulatorClock, freezer?: Freezer) {
    this.#freezer = freezer;
    this.control = simulator.control;
    this.apiUrl = simulator.apiUrl;
    this.#clock = new ServerClock(clock);
    const [mine = '', studio = ''] = this.control.keys().map(({ token }) => token);
    this.keys = { mine, studio };
    this.editor = openEditor();
    this.editor.configure('comfydeploy.apiUrl', simulator.apiUrl);
    this.editor.configure('comfydeploy.dashboardUrl', simulator.url);
  }

  get view(): FakeTreeView<TreeNode> {
    return this.editor.treeViews[0] as FakeTreeView<TreeNode>;
  }

  get viewState(): string | undefined {
    return this.editor.contexts.get('comfydeploy.view') as string | undefined;
  }

  get status(): FakeStatusBarItem {
    return this.editor.statusItems[0]!;
  }

  async activate(): Promise<void> {
    const parts = {
      extension: {
        extensionKind: this.extensionKind,
        extensionUri,
        id: 'comfydeploy-sessions.comfydeploy-sessions',
        packageJSON: manifest,
      },
      extensionUri,
      globalStorageUri: Uri.file(os.tmpdir()),
      secrets: this.secrets,
      subscriptions: this.#subscriptions,
      globalState: this.memory,
      workspaceState: this.workspaceMemory,
    };
    const { files } = this;
    const clock = this.#freezer?.clockOf(this.#clock) ?? this.#clock;
    activate(parts as unknown as vscode.ExtensionContext, {
      clock,
      files: this.#freezer?.filesOf(files) ?? files,
      ...(this.common ? { common: Promise.resolve(this.common) } : {}),
      textsOf: () => this.editor.translations,
    });
    await until('the first answer', () => ![undefined, 'loading'].includes(this.viewState));
    await this.settled();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions.splice(0)) subscription.dispose();
  }

  /** Closes the window and opens another one with the same settings. */
  async reopen(): Promise<void> {
    this.dispose();
    const { settings, written } = this.editor;
    this.editor = openEditor(settings);
    for (const [address, text] of written) this.editor.written.set(address, text);
    await this.activate();
  }

  /** Stores a key as if it had been entered in an earlier window. */
  async keepKey(key: string, apiUrl = this.apiUrl): Promise<void> {
    await new TokenVault(this.secrets, () => apiUrl, undefined, this.#clock).keep(key, apiUrl);
  }

  run(name: CommandName, target?: unknown): Promise<unknown> {
    return this.runAsOther(name, this.#rowOf(target) ?? target);
  }

  /** As another extension or a link does: the arguments are copies. */
  runAsOther(name: CommandName, target?: unknown): Promise<unknown> {
    return soon(`the end of ${name}`, this.editor.run(`comfydeploy.${name}`, target));
  }

  /** VS Code passes the same row object that it got from the tree. */
  #rowOf(target: unknown): TreeNode | undefined {
    const known = typeof target === 'object' ? target : undefined;
    return this.nodes().find((node) => isDeepStrictEqual(node, { id: node.id, ...known }));
  }

  /** Presses the key of a command, with the focus on a row of the tree, or on none. */
  async press(name: CommandName, focused?: TreeNode): Promise<unknown> {
    const binding = manifest.contributes.keybindings.find(({ command }) => command === `comfydeploy.${name}`);
    // VS Code replaces this placeholder by the row.
    const args = binding?.args.map((arg) => ('$focusedTreeItem' in arg ? focused : arg));
    return this.run(name, args);
  }

  readonly until = until;

  /** The times at which timers of the extension went off. */
  get woken(): readonly number[] {
    return this.#clock.woken;
  }

  /** Whether nothing in the extension waits for the clock. */
  get isIdle(): boolean {
    return this.#clock.next === undefined;
  }

  /** Refreshes now and waits for the answer. */
  async refresh(): Promise<void> {
    await this.run('refresh');
    await this.settled();
  }

  /** The answer to a HEAD request for a session's page; there is no ComfyUI behind it here. */
  page: (init?: RequestInit) => Promise<Response> = () => Promise.resolve(new Response());

  /** Runs before a request leaves; the request waits for it. */
  before: (method: string, path: string) => Promise<void> | undefined = () => undefined;

  /** An answer of the network instead of the server's. */
  instead: () => Promise<Response> | undefined = () => undefined;

  /** Real requests over loopback, counted until they are answered. */
  readonly fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const { hostname, pathname } = new URL(input instanceof Request ? input.url : input);
    if (init?.method === 'HEAD' && pathname === '/') return this.page(init);
    if (hostname.endsWith('.invalid')) throw new TypeError('fetch failed'); // a session without a ComfyUI
    const other = this.instead();
    if (other) return other;
    await this.before(init?.method ?? 'GET', pathname);
    this.#requests++;
    try {
      const response = await this.#realFetch(input, init);
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) return response;
      return new Response(await response.arrayBuffer(), response);
    } finally {
      this.#requests--;
    }
  };
  readonly #realFetch = globalThis.fetch;

  /** Until nothing is left to do but to wait for the clock or the user. */
  async settled(): Promise<void> {
    let quiet = 0;
    await until('all answers', () => {
      quiet = this.#requests === 0 && !isCryptoPending() && !isDiskPending() ? quiet + 1 : 0;
      return quiet >= QUIET_TURNS;
    });
  }

  /** The computer sleeps; only one of the window's clocks shows it. */
  sleep(ms: number, shown: 'wall' | 'steady'): void {
    this.#clock.slept[shown] += ms;
  }

  /** Advances the time of everything, and lets everything run that falls due meanwhile. */
  async advance(ms: number): Promise<void> {
    const end = this.control.now() + ms;
    await this.settled();
    while (this.control.now() < end) {
      await this.control.advance(Math.min(end, this.#clock.next ?? end) - this.control.now());
      await turn();
      await this.settled();
    }
  }

  /** Advances for as long as the work needs, at most ten minutes: what comes through a socket may come late. */
  async finish<T>(work: Promise<T>): Promise<T> {
    const watch = { isDone: false };
    const done = () => void (watch.isDone = true);
    work.then(done, done);
    const until = this.control.now() + 10 * MINUTE;
    for (await this.settled(); !watch.isDone && this.control.now() < until; await this.settled())
      await this.advance(SECOND);
    return work;
  }

  /** Every row on show, parents before their children. */
  nodes(parent?: TreeNode): readonly TreeNode[] {
    const children = this.view.provider.getChildren(parent) as readonly TreeNode[];
    return children.flatMap((node) => (this.view.isOpen(node) ? [node, ...this.nodes(node)] : [node]));
  }

  item(node: TreeNode): TreeItem {
    return this.view.provider.getTreeItem(node) as TreeItem;
  }

  /** As VS Code does: selects the row, then runs its command, if it has one. */
  async click(node: TreeNode): Promise<void> {
    this.view.selection = [node];
    const { command } = this.item(node);
    if (command) await this.editor.run(command.command);
  }

  /** The row whose label is this. */
  node(label: string): TreeNode {
    return this.nodes().find((node) => this.item(node).label === label)!;
  }

  /** `label: description` of every row, parents before their children. */
  get rows(): readonly string[] {
    return this.nodes().map((node) => {
      const { label, description } = this.item(node);
      return `${label}: ${String(description)}`;
    });
  }
}

/** A machine called sd-box with a session that has 20 more minutes. */
export async function startWithSession(
  t: TestContext,
  seed: Omit<SessionSeed, 'machineId'> = {},
  options: Pick<StartOptions, 'comfyUi' | 'runsByClock' | 'freezer'> = {},
): Promise<{ readonly world: World; readonly id: string; readonly target: unknown }> {
  const known = { id: '' };
  const world = await start(t, {
    ...options,
    furnish: async (control) => {
      const { id: machineId } = control.addMachine({ ...ME, name: 'sd-box' });
      known.id = (await control.addSession({ machineId, minutesLeft: 20.5, ...seed })).id;
    },
  });
  return { world, ...known, target: targetOf(known.id) };
}

/** The argument that a session's row passes to commands. */
export const targetOf = (sessionId: string) => ({ kind: 'session', sessionId }) as const;

export async function start(t: TestContext, options: StartOptions = {}): Promise<World> {
  const { scope = ME, environmentKey, comfyUi = false, runsByClock = false, furnish, window, freezer } = options;
  const clock = new SimulatorClock({ frozenAt: Date.UTC(2030, 0, 1, 12) });
  const simulator = await startSimulator({ clock, comfyUi, runsByClock });
  const world = new World(simulator, clock, freezer);
  t.after(async () => {
    world.dispose();
    await simulator.close();
    assertDiscreet(world);
    assertInert(world);
  });
  t.mock.method(globalThis, 'fetch', freezer?.fetchFrom(world.fetch) ?? world.fetch);
  setEnvironment('COMFYDEPLOY_API_KEY', environmentKey);
  const environmentUrl = 'environmentUrl' in options ? options.environmentUrl : world.apiUrl;
  setEnvironment('COMFYDEPLOY_API_URL', environmentKey === undefined ? undefined : environmentUrl);
  t.after(() => ENVIRONMENT.forEach((name) => setEnvironment(name, undefined)));
  await furnish?.(simulator.control);
  window?.(world);
  if (scope) await world.keepKey(scope === ME ? world.keys.mine : world.keys.studio);
  await world.activate();
  return world;
}

/** After any test: neither a key nor a session's address was shown or logged. */
function assertDiscreet({ editor: { words }, control }: World): void {
  const secrets = [
    ...control.keys().map(({ token }) => ['a key', token] as const),
    ...control.sessions().map(({ url }) => ["a session's address", url] as const),
  ];
  const leaked = secrets.filter(([, secret]) => secret !== null && words.includes(secret)).map(([what]) => what);
  assert.deepEqual(leaked, []);
}

const ENVIRONMENT = ['COMFYDEPLOY_API_KEY', 'COMFYDEPLOY_API_URL'] as const;

function setEnvironment(name: (typeof ENVIRONMENT)[number], value: string | undefined): void {
  if (value === undefined) Reflect.deleteProperty(process.env, name);
  else process.env[name] = value;
}
