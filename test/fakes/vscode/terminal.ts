import type * as vscode from 'vscode';

/** A terminal whose other end is the extension. Text written before it opens is lost, as in the real one. */
export class FakeTerminal {
  readonly name: string;
  text = '';
  newName: string | undefined;
  shown = 0;
  isClosed = false;
  /** Of a task that has ended. */
  exitCode: number | undefined;
  #isOpen = false;

  constructor(readonly options: vscode.ExtensionTerminalOptions) {
    this.name = options.name;
    const { pty } = options;
    pty.onDidWrite((text) => {
      if (this.#isOpen) this.text += text;
    });
    pty.onDidClose?.((code) => void (this.exitCode = code ?? 0));
    pty.onDidChangeName?.((name) => void (this.newName = name));
  }

  /** Without colours. */
  get lines(): readonly string[] {
    return this.text
      .replace(/\x1b\[[\d;]*m/g, '')
      .split('\r\n')
      .slice(0, -1);
  }

  /** VS Code opens it when it is first shown. */
  show(): void {
    this.shown++;
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.options.pty.open({ columns: 80, rows: 24 });
  }

  /** As the user types. */
  type(keys: string): void {
    this.options.pty.handleInput?.(keys);
  }

  /** As the user closes it. */
  dispose(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.options.pty.close();
  }
}
