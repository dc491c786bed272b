// The parts of a notice that can be taken back.

import type * as vscode from 'vscode';

/** VS Code passes `cancellable` on to its own progress, whose button has it as its label, or Cancel if it is true. */
export interface NamedProgress {
  withProgress<R>(
    options: Omit<vscode.ProgressOptions, 'cancellable'> & { readonly cancellable?: boolean | string },
    work: (bar: vscode.Progress<{ readonly increment: number }>, token: vscode.CancellationToken) => Thenable<R>,
  ): Thenable<R>;
}

/** A notice that can be taken back, which VS Code supports for the progress of long work only. */
export interface Stood {
  /** The chosen answer; undefined once it was taken back. */
  readonly answered: Promise<string | undefined>;
  /** Moves its progress bar. @param share 0 to 1. */
  readonly moveTo: (share: number) => void;
  readonly takeBack: () => void;
}
