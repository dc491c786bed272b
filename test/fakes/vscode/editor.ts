import type * as vscode from 'vscode';
import { Emitter } from '../../../src/platform/emitter';
import { until } from '../until';
import type { FakeFolderDialog, FakeMessage, FakeProgress, FakeSaveDialog } from './dialogs';
import type { FakeDocument } from './documents';
import { declaredSettings } from '../declaredSettings';
import { FakeFiles, FakeTexts } from './files';
import type { FakePanel } from './panel';
import { FakeInputBox, FakeQuickPick, type FakeQuickInput } from './quickInput';
import { FakeTerminal } from './terminal';
import { ColorThemeKind, CustomExecution, Task, UIKind, type Diagnostic } from './values';
import type { FakeChannel, FakeStatusBarItem, FakeTreeView } from './surfaces';

export const NEVER: vscode.CancellationToken = {
  isCancellationRequested: false,
  onCancellationRequested: new Emitter<unknown>().event,
};

type Command = (...args: readonly unknown[]) => unknown;

/** One window of an editor without a screen: what the extension shows in it, and what its user does. */
export class FakeEditor {
  readonly commands = new Map<string, Command>();
  /** Commands of other extensions that do something here. */
  readonly others = new Map<string, Command>();
  /** Commands of other extensions that our extension ran. */
  readonly ran: { readonly id: string; readonly args: readonly unknown[] }[] = [];
  readonly contexts = new Map<string, unknown>();
  readonly contextChanges: string[] = [];
  readonly messages: FakeMessage[] = [];
  readonly progresses: FakeProgress[] = [];
  readonly folderDialogs: FakeFolderDialog[] = [];
  readonly statusMessages: string[] = [];
  readonly panels: FakePanel[] = [];
  /** Tabs of an earlier window that have not been looked at since. */
  readonly keptTabs: { readonly viewType: string }[] = [];
  readonly treeViews: FakeTreeView<unknown>[] = [];
  themeKind = ColorThemeKind.Dark;
  readonly statusItems: FakeStatusBarItem[] = [];
  readonly terminals: FakeTerminal[] = [];
  readonly channels: FakeChannel[] = [];
  readonly decorations: vscode.FileDecorationProvider[] = [];
  readonly serializers = new Map<string, vscode.WebviewPanelSerializer>();
  readonly webviewViews = new Map<string, vscode.WebviewViewProvider>();
  readonly customEditors = new Map<string, vscode.CustomReadonlyEditorProvider>();
  readonly contentProviders = new Map<string, vscode.TextDocumentContentProvider>();
  readonly fileSystems = new Map<string, vscode.FileSystemProvider>();
  workspaceFolders: readonly vscode.WorkspaceFolder[] | undefined;
  isTrusted = true;
  /** Receives the system's links. */
  linked: vscode.UriHandler | undefined;
  readonly tools = new Map<string, vscode.LanguageModelTool<object>>();
  /** Lists the accounts in VS Code's menu. */
  accounts: vscode.AuthenticationProvider | undefined;
  /** How often that menu was asked to offer a sign-in. */
  readonly signInsOffered: (readonly string[])[] = [];
  readonly taskProviders = new Map<string, vscode.TaskProvider>();
  /** Open read-only texts, in the order they were opened. */
  readonly documents: FakeDocument[] = [];
  readonly saveDialogs: FakeSaveDialog[] = [];
  /** The input of the tab in front, if it is not a text. */
  frontTab: { readonly input: unknown; readonly label?: string } | undefined;
  readonly diagnosed = new Emitter<vscode.DiagnosticChangeEvent>();
  /** Diagnostics by file address. */
  readonly problems = new Map<string, readonly Diagnostic[]>();
  /** Providers of hovers, completions and lenses. */
  readonly hovers: vscode.HoverProvider[] = [];
  readonly completers: vscode.CompletionItemProvider[] = [];
  readonly lenses: vscode.CodeLensProvider[] = [];
  /** Providers of quick fixes. */
  readonly fixers: vscode.CodeActionProvider[] = [];
  /** Files that were brought to the front, with the selection in them. */
  readonly shownTexts: { readonly uri: vscode.Uri; readonly selection: vscode.Range | undefined }[] = [];
  readonly files = new FakeFiles();
  readonly texts = new FakeTexts();
  /** What was written to disk, by address. */
  readonly written = new Map<string, string>();
  isDiskFull = false;
  /** A server has none. */
  hasTrash = true;
  readonly opened: string[] = [];
  readonly settingsRead = new Set<string>();
  readonly configured = new Emitter<vscode.ConfigurationChangeEvent>();
  readonly windowChanged = new Emitter<vscode.WindowState>();
  clipboard = '';
  state: vscode.WindowState = { focused: true, active: true };
  remoteName: string | undefined;
  language = 'en';
  /** Texts in the language of VS Code; undefined for English. */
  translations: Readonly<Record<string, string>> | undefined;
  uiKind: vscode.UIKind = UIKind.Desktop;
  /** How the window reaches an address that the extension host reaches. */
  externalUri: (uri: vscode.Uri) => vscode.Uri = (uri) => uri;
  /** Whether the system opens addresses when asked. */
  opensExternals = true;
  /** Every prompt that was ever shown. */
  readonly inputs: FakeQuickInput[] = [];
  #input: FakeQuickInput | undefined;

  /** @param settings changed ones. */
  constructor(readonly settings = new Map<string, unknown>()) {}

  run(command: string, ...args: readonly unknown[]): Promise<unknown> {
    const handler = this.commands.get(command);
    if (!handler) throw new Error(`There is no command ${command}.`);
    return Promise.resolve(handler(...args));
  }

  /** Runs a task of `tasks.json` in a terminal, which is shown. */
  async runTask(definition: vscode.TaskDefinition): Promise<FakeTerminal> {
    const asked = new Task(definition, undefined, 'a task');
    const task = await this.taskProviders.get(definition.type)?.resolveTask(asked as unknown as vscode.Task, NEVER);
    if (!(task?.execution instanceof CustomExecution)) throw new Error(`Nobody runs tasks of type ${definition.type}.`);
    const terminal = new FakeTerminal({ name: task.name, pty: await task.execution.callback(task.definition) });
    this.terminals.push(terminal);
    terminal.show();
    return terminal;
  }

  /** VS Code shows one prompt at a time: a new one replaces the old. */
  show(input: FakeQuickInput): void {
    if (this.#input !== input) this.#input?.hide();
    this.#input = input;
    this.inputs.push(input);
  }

  /** Waits for a list to choose from. */
  pick(title: RegExp): Promise<FakeQuickPick<vscode.QuickPickItem>> {
    return until(`a list called ${title.source}`, () => {
      const input = this.openInput;
      return isPick(input) && title.test(`${input.title}: ${input.placeholder}`) ? input : undefined;
    });
  }

  inputBox(): Promise<FakeInputBox> {
    return until('an input box', () => (this.openInput instanceof FakeInputBox ? this.openInput : undefined));
  }

  get openInput(): FakeQuickInput | undefined {
    return this.#input?.isVisible ? this.#input : undefined;
  }

  message(text: RegExp): Promise<FakeMessage> {
    return until(`a message ${text.source}`, () => this.messages.find((message) => text.test(message.text)));
  }

  progress(title: RegExp): Promise<FakeProgress> {
    return until(`progress ${title.source}`, () => this.progresses.find((one) => !one.isOver && title.test(one.title)));
  }

  saveDialog(): Promise<FakeSaveDialog> {
    return until('a dialog for saving', () => this.saveDialogs.find(({ isOpen }) => isOpen));
  }

  folderDialog(): Promise<FakeFolderDialog> {
    return until('a dialog for a folder', () => this.folderDialogs.at(-1));
  }

  setFocused(focused: boolean): void {
    this.state = { focused, active: focused };
    this.windowChanged.fire(this.state);
  }

  setting(key: string, settings: ReadonlyMap<string, unknown> = this.settings): unknown {
    this.settingsRead.add(key);
    return settings.get(key) ?? declaredSettings[key]?.default;
  }

  configure(key: string, value: unknown): void {
    this.settings.set(key, value);
    this.configured.fire({ affectsConfiguration: (section) => `${key}.`.startsWith(`${section}.`) });
  }

  /** Everything said to the user or written to the log so far. */
  get words(): string {
    const messages = this.messages.flatMap(({ text, options }) => [text, options.detail ?? '']);
    const progress = this.progresses.flatMap(({ title, steps }) => [title, ...steps]);
    const lines = [...this.channels, ...this.terminals].flatMap((surface) => surface.lines);
    const problems = [...this.problems.values()].flat().map(({ message }) => message);
    const texts = [...this.documents.map((document) => document.getText()), ...this.written.values()];
    return [...messages, ...progress, ...this.statusMessages, ...lines, ...texts, ...problems].join('\n');
  }
}

const isPick = (input: FakeQuickInput | undefined): input is FakeQuickPick<vscode.QuickPickItem> =>
  input instanceof FakeQuickPick;

/** VS Code exists once per process; every test opens a window of its own. */
let current = new FakeEditor();

export const editor = (): FakeEditor => current;

export function openEditor(settings?: Map<string, unknown>): FakeEditor {
  current = new FakeEditor(settings);
  return current;
}
