// What a notice is made of that can be taken back.

import type * as vscode from 'vscode';

/** VS Code hands `cancellable` on to its own progress, whose button is called what it says, or Cancel where it is true. */
export interface NamedProgress {
  withProgress<R>(
    options: Omit<vscode.ProgressOptions, 'cancellable'> & { readonly cancellable?: boolean | string },
    work: (bar: vscode.Progress<{ readonly increment: number }>, token: vscode.CancellationToken) => Thenable<R>,
  ): Thenable<R>;
}

/** A notice that can be taken back, which VS Code does with those of long work alone. */
export interface Stood {
  /** By which of its words; undefined once it was taken back. */
  readonly answered: Promise<string | undefined>;
  /** Moves its bar on. @param share 0 to 1. */
  readonly moveTo: (share: number) => void;
  readonly takeBack: () => void;
}
