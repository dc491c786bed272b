import type * as vscode from 'vscode';
import { FakeFolderDialog, FakeMessage, FakeProgress, FakeSaveDialog } from './vscode/dialogs';
import { FakeDocument } from './vscode/documents';
import { editor } from './vscode/editor';
import { FakePanel } from './vscode/panel';
import { FakeInputBox, FakeQuickPick } from './vscode/quickInput';
import { FakeTerminal } from './vscode/terminal';
import { FakeChannel, FakeStatusBarItem, FakeTreeView } from './vscode/surfaces';
import { disposable, FileType, TabInputWebview, Uri, type Diagnostic, type WorkspaceEdit } from './vscode/values';

// The tests' build uses this in place of `vscode`: only what `src/ui` uses, working on the open `editor()`.
export * from './vscode/values';

export const version = '1.139.1';
export const commands = {
  registerCommand(id: string, run: (...args: unknown[]) => unknown) {
    const registered = editor().commands;
    if (registered.has(id)) throw new Error(`command '${id}' already exists`);
    registered.set(id, run);
    return disposable(() => void registered.delete(id));
  },

  getCommands: () => Promise.resolve([...editor().commands.keys(), ...editor().others.keys()]),

  async executeCommand(id: string, ...args: unknown[]): Promise<never> {
    const { contexts, contextChanges, commands: known, others, ran } = editor();
    if (known.has(id)) return (await editor().run(id, ...args)) as never;
    const other = others.get(id);
    if (other) return (await other(...args)) as never;
    const [key, value] = args;
    if (id !== 'setContext' || typeof key !== 'string') return void ran.push({ id, args }) as never;
    contexts.set(key, value);
    return void contextChanges.push(key) as never;
  },
} satisfies Pick<typeof vscode.commands, 'registerCommand' | 'executeCommand' | 'getCommands'>;

export const env = {
  uriScheme: 'vscode',
  get language() {
    return editor().language;
  },
  get remoteName() {
    return editor().remoteName;
  },
  get uiKind() {
    return editor().uiKind;
  },
  asExternalUri: (uri: vscode.Uri) => Promise.resolve(editor().externalUri(uri)),
  openExternal(uri: vscode.Uri) {
    if (editor().opensExternals) editor().opened.push(uri.toString());
    return Promise.resolve(editor().opensExternals);
  },
  clipboard: {
    readText: () => Promise.resolve(editor().clipboard),
    writeText: (text: string) => Promise.resolve(void (editor().clipboard = text)),
  },
} satisfies Pick<
  typeof vscode.env,
  'uriScheme' | 'language' | 'openExternal' | 'clipboard' | 'remoteName' | 'uiKind' | 'asExternalUri'
>;

export const workspace = {
  getConfiguration: (section = '') => {
    const settings = new Map(editor().settings); // later changes do not affect this copy
    const read = (name: string) => editor().setting(`${section}.${name}`, settings);
    return {
      get: (name: string) => read(name) as never,
      has: (name: string) => read(name) !== undefined,
      inspect: (name: string) => ({ key: name, globalValue: settings.get(`${section}.${name}`) as never }),
      update: (name: string, value: unknown) => Promise.resolve(editor().configure(`${section}.${name}`, value)),
    };
  },
  onDidChangeConfiguration: (listener: (event: vscode.ConfigurationChangeEvent) => unknown) =>
    editor().configured.event(listener),
  get textDocuments() {
    return editor().texts.all as never;
  },
  onDidRenameFiles: (listener) => editor().files.renamed.event(listener),
  onDidDeleteFiles: (listener) => editor().files.removed.event(listener),
  onDidOpenTextDocument: (listener) => editor().texts.opened.event(listener),
  onDidChangeTextDocument: (listener) => editor().texts.changed.event(listener),
  onDidCloseTextDocument: (listener) => editor().texts.closed.event(listener),
  onDidChangeWorkspaceFolders: () => disposable(() => undefined),
  asRelativePath: (uri: vscode.Uri | string) => String(uri).replace(/^file:\/\/\/workspace\//, ''),
  findFiles: (glob: vscode.GlobPattern) => Promise.resolve(editor().files.like(glob)),
  createFileSystemWatcher: (glob: vscode.GlobPattern) => editor().files.watcher(glob),
  applyEdit(edit: unknown) {
    for (const { uri, range, text } of (edit as WorkspaceEdit).replaced)
      editor().texts.replace(uri as Uri, range as vscode.Range, text);
    return Promise.resolve(true);
  },
  getWorkspaceFolder: ({ path }: vscode.Uri) =>
    editor().workspaceFolders?.find(({ uri }) => path === uri.path || path.startsWith(`${uri.path}/`)),
  get workspaceFolders() {
    return editor().workspaceFolders;
  },
  get isTrusted() {
    return editor().isTrusted;
  },
  registerFileSystemProvider(scheme: string, provider: vscode.FileSystemProvider) {
    const { fileSystems } = editor();
    fileSystems.set(scheme, provider);
    return disposable(() => void fileSystems.delete(scheme));
  },
  registerTextDocumentContentProvider(scheme: string, provider: vscode.TextDocumentContentProvider) {
    const { contentProviders } = editor();
    contentProviders.set(scheme, provider);
    return disposable(() => void contentProviders.delete(scheme));
  },
  async openTextDocument(uri?: unknown): Promise<never> {
    if (!(uri instanceof Uri)) throw new Error('not needed so far');
    const { contentProviders, documents } = editor();
    const open = documents.find((document) => document.uri.toString() === uri.toString());
    const text = editor().texts.all.find((one) => one.uri.toString() === uri.toString());
    if (text) return text as never;
    if (editor().fileSystems.has(uri.scheme)) return { uri } as never;
    const provider = contentProviders.get(uri.scheme) ?? editor().files.providerOf(uri);
    if (!provider) throw new Error(`Nobody provides ${uri.scheme}.`);
    const document = open ?? added(documents, new FakeDocument(uri, provider));
    await document.read();
    return document as never;
  },
  fs: {
    async stat(uri: vscode.Uri) {
      const provided = await editor().fileSystems.get(uri.scheme)?.stat(uri);
      if (provided) return provided;
      const isFolder = [...editor().written.keys()].some((address) => address.startsWith(`${uri.toString()}/`));
      if (isFolder) return { ...STAT, type: FileType.Directory, size: 0 };
      const size = editor().written.get(uri.toString())?.length ?? (await editor().files.read(uri)).length;
      return { ...STAT, size };
    },
    async readFile(uri: vscode.Uri) {
      const provided = await editor().fileSystems.get(uri.scheme)?.readFile(uri);
      const written = editor().written.get(uri.toString());
      return provided ?? (written === undefined ? editor().files.read(uri) : new TextEncoder().encode(written));
    },
    createDirectory: () => Promise.resolve(),
    readDirectory: (uri: vscode.Uri) => Promise.resolve(editor().files.within(uri)),
    writeFile(uri: vscode.Uri, content: Uint8Array) {
      const text = new TextDecoder().decode(content);
      const { isDiskFull, written } = editor();
      written.set(uri.toString(), isDiskFull ? text.slice(0, text.length / 2) : text);
      return isDiskFull ? Promise.reject(new Error('ENOSPC: no space left on device')) : Promise.resolve();
    },
    rename(from: vscode.Uri, to: vscode.Uri, { overwrite = false } = {}) {
      const { written } = editor();
      const text = written.get(from.toString());
      if (text === undefined) return Promise.reject(new Error('FileNotFound'));
      if (written.has(to.toString()) && !overwrite) return Promise.reject(new Error('FileExists'));
      written.delete(from.toString());
      return Promise.resolve(void written.set(to.toString(), text));
    },
    delete(uri: vscode.Uri, { useTrash = false } = {}) {
      const { files, written, hasTrash } = editor();
      if (useTrash && !hasTrash) return Promise.reject(new Error('there is no trash'));
      const isKept = files.kept.has(uri.toString());
      if (isKept) files.delete(uri.path.replace(/^\/workspace\//, ''));
      const isGone = written.delete(uri.toString()) || isKept;
      return isGone ? Promise.resolve() : Promise.reject(new Error('FileNotFound'));
    },
  },
} satisfies Partial<Omit<typeof vscode.workspace, 'fs'>> & { fs: Partial<vscode.FileSystem> };

const STAT = { type: 1, ctime: 0, mtime: 0 };

type Kind = FakeMessage['kind'];

/** The result is one of the caller's buttons, so its type is the caller's. */
const showMessage =
  (kind: Kind) =>
  (text: string, ...rest: readonly unknown[]): Promise<never> => {
    const options = rest.find((part): part is vscode.MessageOptions => part instanceof Object) ?? {};
    const buttons = rest.filter((part) => typeof part === 'string');
    const message = new FakeMessage(kind, text, options, buttons);
    // A message with the same text replaces the earlier one.
    editor()
      .messages.filter((other) => message.isLike(other))
      .forEach((other) => other.dismiss());
    editor().messages.push(message);
    return message.answered as Promise<never>;
  };

const OUR_LINK = / \u00a0 \[([\p{L}\d .…]+)\]\(command:([\w.-]+)\?([%\w]+)\)/gu;

/** Progress with a button of its own is shown as a notice; each link in it can be pressed too. */
function standingMessage(title: string, button: string, shown: FakeProgress): FakeMessage {
  const links = new Map(
    [...title.matchAll(OUR_LINK)].map(([, text = '', command = '', args = '']) => [text, { command, args }]),
  );
  const text = title.replaceAll(OUR_LINK, '').trimEnd();
  const message = new FakeMessage('information', text, {}, [button, ...links.keys()], shown);
  void message.answered.then((pressed = '') => {
    const link = links.get(pressed);
    if (link) return editor().run(link.command, JSON.parse(decodeURIComponent(link.args)));
    return pressed === button && shown.cancel();
  });
  return message;
}

async function withProgress<R>(
  {
    title = '',
    cancellable = false,
  }: Omit<vscode.ProgressOptions, 'cancellable'> & { readonly cancellable?: boolean | string },
  task: (
    progress: vscode.Progress<{ message?: string; increment?: number }>,
    token: vscode.CancellationToken,
  ) => Thenable<R>,
): Promise<R> {
  const shown = new FakeProgress(title, cancellable !== false);
  if (typeof cancellable === 'string') editor().messages.push(standingMessage(title, cancellable, shown));
  else editor().progresses.push(shown);
  try {
    const report = ({ message, increment }: { message?: string; increment?: number }) => {
      shown.steps.push(message ?? '');
      if (increment !== undefined) shown.done = (shown.done ?? 0) + increment;
    };
    return await task({ report }, shown.token);
  } finally {
    shown.isOver = true;
  }
}

export const window = {
  get activeTextEditor() {
    const { active } = editor().texts;
    return active && ({ document: active } as unknown as vscode.TextEditor);
  },
  onDidChangeActiveTextEditor: (listener: (now: undefined) => unknown) =>
    editor().texts.fronted.event(() => listener(undefined)),
  get state() {
    return editor().state;
  },
  get activeColorTheme() {
    return { kind: editor().themeKind };
  },
  onDidChangeWindowState: (listener: (state: vscode.WindowState) => unknown) => editor().windowChanged.event(listener),
  showErrorMessage: showMessage('error'),
  showWarningMessage: showMessage('warning'),
  showInformationMessage: showMessage('information'),
  withProgress,
  tabGroups: {
    get all() {
      const kept = [...editor().keptTabs, ...editor().panels.filter(({ isDisposed }) => !isDisposed)];
      const tabs = kept.map(({ viewType }) => ({ input: new TabInputWebview(`mainThreadWebview-${viewType}`) }));
      return [{ tabs, isActive: true, activeTab: editor().frontTab }] as unknown as readonly vscode.TabGroup[];
    },
  } as Pick<vscode.TabGroups, 'all'> as vscode.TabGroups,
  showTextDocument(document: unknown, options?: unknown): Promise<never> {
    const { selection } = (options ?? {}) as vscode.TextDocumentShowOptions;
    const uri = document instanceof Uri ? document : (document as vscode.TextDocument | undefined)?.uri;
    if (uri && (document instanceof Uri || editor().fileSystems.has(uri.scheme)))
      editor().shownTexts.push({ uri, selection });
    return Promise.resolve(document as never);
  },
  showSaveDialog: (options: vscode.SaveDialogOptions = {}) =>
    added(editor().saveDialogs, new FakeSaveDialog(options)).chosen,
  showOpenDialog(options: vscode.OpenDialogOptions = {}) {
    return added(editor().folderDialogs, new FakeFolderDialog(options)).answered;
  },
  setStatusBarMessage(text: string) {
    editor().statusMessages.push(text);
    return disposable(() => undefined);
  },
  createQuickPick: <T extends vscode.QuickPickItem>() => new FakeQuickPick<T>((input) => editor().show(input)),
  showInputBox: ({ title = '', value = '' }: vscode.InputBoxOptions = {}) =>
    new Promise<string | undefined>((resolve) => {
      const box = new FakeInputBox((input) => editor().show(input));
      Object.assign(box, { title, value });
      box.onDidAccept(() => [resolve(box.value), box.hide()]);
      box.onDidHide(() => resolve(undefined));
      box.show();
    }),
  createInputBox: () => new FakeInputBox((input) => editor().show(input)),
  createOutputChannel: (name: string) => added(editor().channels, new FakeChannel(name)),
  createTerminal: (options: unknown) =>
    added(
      editor().terminals,
      new FakeTerminal(options as vscode.ExtensionTerminalOptions),
    ) as unknown as vscode.Terminal,
  createStatusBarItem: (id: unknown) => added(editor().statusItems, new FakeStatusBarItem(String(id))),
  createTreeView<T>(id: string, { treeDataProvider, dragAndDropController }: vscode.TreeViewOptions<T>) {
    const view = new FakeTreeView(treeDataProvider, dragAndDropController);
    view.visible = id === 'comfydeploy.sessions'; // the other one is collapsed
    editor().treeViews.push(view as unknown as FakeTreeView<unknown>);
    return view;
  },
  createWebviewPanel: (
    viewType: string,
    title: string,
    column: vscode.ViewColumn | { readonly viewColumn: vscode.ViewColumn },
    options?: vscode.WebviewPanelOptions,
  ) => added(editor().panels, new FakePanel(viewType, title, options, Number(column))),
  registerWebviewPanelSerializer(viewType: string, serializer: vscode.WebviewPanelSerializer) {
    const { serializers } = editor();
    serializers.set(viewType, serializer);
    return disposable(() => void serializers.delete(viewType));
  },
  registerCustomEditorProvider(viewType: string, provider: object) {
    const { customEditors } = editor();
    customEditors.set(viewType, provider as vscode.CustomReadonlyEditorProvider);
    return disposable(() => void customEditors.delete(viewType));
  },
  registerWebviewViewProvider(viewId: string, provider: vscode.WebviewViewProvider) {
    const { webviewViews } = editor();
    webviewViews.set(viewId, provider);
    return disposable(() => void webviewViews.delete(viewId));
  },
  get visibleTextEditors() {
    return [] as readonly vscode.TextEditor[];
  },
  registerUriHandler(handler: vscode.UriHandler) {
    editor().linked = handler;
    return disposable(() => void (editor().linked = undefined));
  },
  registerFileDecorationProvider(provider: vscode.FileDecorationProvider) {
    editor().decorations.push(provider);
    return disposable(() => undefined);
  },
} satisfies Partial<typeof vscode.window>;

export const authentication = {
  registerAuthenticationProvider(...[, , provider]: [string, string, vscode.AuthenticationProvider]) {
    editor().accounts = provider;
    return disposable(() => undefined);
  },
  getSession(_provider: string, scopes: readonly string[]) {
    editor().signInsOffered.push(scopes);
    return Promise.resolve(undefined);
  },
};

export const tasks = {
  registerTaskProvider: (type: string, provider: vscode.TaskProvider) => {
    const { taskProviders } = editor();
    taskProviders.set(type, provider);
    return disposable(() => void taskProviders.delete(type));
  },
} satisfies Partial<typeof vscode.tasks>;

export const lm = {
  registerTool: (name: string, tool: vscode.LanguageModelTool<never>) => {
    const { tools } = editor();
    tools.set(name, tool);
    return disposable(() => void tools.delete(name));
  },
};

export const languages = {
  onDidChangeDiagnostics: (listener: (event: vscode.DiagnosticChangeEvent) => unknown) =>
    editor().diagnosed.event(listener),
  registerCodeActionsProvider(_selector: unknown, provider: vscode.CodeActionProvider) {
    editor().fixers.push(provider);
    return disposable(() => undefined);
  },
  registerHoverProvider: (_selector: unknown, provider: vscode.HoverProvider) => provided(editor().hovers, provider),
  registerCompletionItemProvider: (_selector: unknown, provider: vscode.CompletionItemProvider) =>
    provided(editor().completers, provider),
  registerCodeLensProvider: (_selector: unknown, provider: vscode.CodeLensProvider) =>
    provided(editor().lenses, provider),
  createDiagnosticCollection: (name: string) => {
    const { problems } = editor();
    const keyOf = (uri: vscode.Uri) => `${uri.toString()} ${name}`;
    return {
      name,
      get: (uri: vscode.Uri) => problems.get(keyOf(uri)),
      set(uri: vscode.Uri, list: readonly Diagnostic[]) {
        problems.set(keyOf(uri), list);
        editor().diagnosed.fire({ uris: [uri] });
      },
      delete: (uri: vscode.Uri) => void problems.delete(keyOf(uri)),
      dispose: () => problems.clear(),
    };
  },
};

export const extensionUri = Uri.parse('file:///extension');

function provided<T>(list: T[], one: T) {
  list.push(one);
  return disposable(() => void list.splice(list.indexOf(one), 1));
}

function added<T>(list: T[], one: T): T {
  list.push(one);
  return one;
}

/** What the editor throws when the user cancels. */
export class CancellationError extends Error {}
