import type * as vscode from 'vscode';
import { Emitter } from '../../../src/platform/emitter';

/** A message box or a notification, open until it is answered. */
export class FakeMessage {
  readonly answered: Promise<string | undefined>;
  #answer: (button: string | undefined) => void = () => undefined;
  #isAnswered = false;

  constructor(
    readonly kind: 'error' | 'warning' | 'information',
    readonly text: string,
    readonly options: vscode.MessageOptions,
    readonly buttons: readonly string[],
    /** The progress that removes it. */
    readonly progress?: FakeProgress,
  ) {
    this.answered = new Promise((resolve) => (this.#answer = resolve));
    void this.answered.then(() => (this.#isAnswered = true));
  }

  press(button: string): void {
    if (!this.buttons.includes(button)) throw new Error(`There is no "${button}", only ${this.buttons.join(', ')}.`);
    this.#answer(button);
  }

  dismiss(): void {
    this.#answer(undefined);
  }

  /** Whether VS Code still has it, on screen or behind the bell. */
  get isStanding(): boolean {
    return !this.#isAnswered && !this.progress?.isOver;
  }

  isLike({ kind, text, options, buttons }: FakeMessage): boolean {
    const isNotice = !options.modal && !this.options.modal;
    return isNotice && kind === this.kind && text === this.text && buttons.join() === this.buttons.join();
  }
}

/** A notification of long work, with its cancel button. */
export class FakeProgress {
  readonly #cancelled = new Emitter<void>();
  readonly token: vscode.CancellationToken = {
    isCancellationRequested: false,
    onCancellationRequested: this.#cancelled.event,
  };
  readonly steps: string[] = [];
  /** How much of 100 is done; undefined while no end is known. */
  done: number | undefined;
  isOver = false;

  constructor(
    readonly title: string,
    readonly isCancellable: boolean,
  ) {}

  cancel(): void {
    this.#cancelled.fire();
  }
}

/** The system's dialog for saving a file. */
export class FakeSaveDialog {
  readonly chosen: Promise<vscode.Uri | undefined>;
  isOpen = true;
  #choose: (uri: vscode.Uri | undefined) => void = () => undefined;

  constructor(readonly options: vscode.SaveDialogOptions) {
    this.chosen = new Promise((resolve) => (this.#choose = resolve));
  }

  choose(uri: vscode.Uri | undefined): void {
    this.isOpen = false;
    this.#choose(uri);
  }
}

/** The system's own dialog for a folder, open until it is answered. */
export class FakeFolderDialog {
  readonly answered: Promise<vscode.Uri[] | undefined>;
  #answer: (chosen: vscode.Uri[] | undefined) => void = () => undefined;

  constructor(readonly options: vscode.OpenDialogOptions) {
    this.answered = new Promise((resolve) => (this.#answer = resolve));
  }

  choose(folder: vscode.Uri): void {
    this.#answer([folder]);
  }

  dismiss(): void {
    this.#answer(undefined);
  }
}
