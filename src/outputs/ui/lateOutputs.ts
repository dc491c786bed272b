import * as vscode from 'vscode';

export const OUTPUT_SCHEME = 'comfydeploy-output';

/** Files of sessions for VS Code; the implementation is loaded when the first is requested. */
export class LateOutputs implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #registration = vscode.workspace.registerFileSystemProvider(OUTPUT_SCHEME, this, {
    isReadonly: true,
    isCaseSensitive: true,
  });

  constructor(private readonly files: () => Promise<vscode.FileSystemProvider>) {}

  readonly notify = (changes: vscode.FileChangeEvent[]): void => this.#changed.fire(changes);

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return (await this.files()).stat(uri);
  }

  async readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return (await this.files()).readFile(uri);
  }

  /** Changes are always reported. */
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  async readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return (await this.files()).readDirectory(uri);
  }

  async createDirectory(uri: vscode.Uri): Promise<void> {
    return (await this.files()).createDirectory(uri);
  }

  async writeFile(uri: vscode.Uri, content: Uint8Array): Promise<void> {
    return (await this.files()).writeFile(uri, content, { create: true, overwrite: true });
  }

  async delete(uri: vscode.Uri): Promise<void> {
    return (await this.files()).delete(uri, { recursive: false });
  }

  async rename(from: vscode.Uri, to: vscode.Uri): Promise<void> {
    return (await this.files()).rename(from, to, { overwrite: false });
  }

  dispose(): void {
    this.#registration.dispose();
    this.#changed.dispose();
  }
}
