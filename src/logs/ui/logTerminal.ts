import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { terminalLine, terminalNote } from '../logText';
import type { Clock } from '../../platform/clock';
import type { Disposable } from '../../platform/emitter';
import type { HowEnded } from '../liveLog';
import type { FollowedLog } from '../logs';
import { terminal, terminalName } from '../../platform/ui/shown';

/** How often lines are written, ms, so that many lines do not become many messages to the window. */
const EVERY = 100;

export interface LogTerminalOptions {
  readonly name: string;
  /** Called when the terminal is shown. */
  readonly follow: (changed: () => void) => FollowedLog;
  /** The note below the last line. */
  readonly lastWords: (why: HowEnded) => string;
  readonly clock: Clock;
  /** The user has closed the terminal. */
  readonly closed: () => unknown;
}

/**
 * A log in its own terminal. A terminal rather than an output channel, since it draws the colours that ComfyUI and its
 * nodes print, drops old lines, works with screen readers, and is gone when the user closes it. It follows the log
 * while it is open, and stays for reading when the log is complete. Input is ignored.
 */
export class LogTerminal implements vscode.Pseudoterminal {
  readonly #written = new vscode.EventEmitter<string>();
  readonly #named = new vscode.EventEmitter<string>();
  readonly onDidWrite = this.#written.event;
  readonly onDidChangeName = this.#named.event;
  readonly #terminal: vscode.Terminal;
  #followed: FollowedLog | undefined;
  #pause: Disposable | undefined;
  /** The number of the next line, counted from the start of the log. */
  #next = 0;

  constructor(private readonly options: LogTerminalOptions) {
    this.#terminal = terminal({
      name: options.name,
      pty: this,
      iconPath: new vscode.ThemeIcon('output'),
      isTransient: true,
    });
  }

  show(): void {
    this.#terminal.show();
  }

  /** VS Code has opened the terminal. */
  open(): void {
    this.#followed = this.options.follow(() => this.#writeSoon());
    if (this.#followed.log.lines.length === 0) this.#written.fire(terminalNote(l10n.t('Nothing has been logged yet.')));
    this.#write();
  }

  /** Closed by the user or by `dispose`. */
  close(): void {
    this.#pause?.dispose();
    this.#followed?.dispose();
    this.#followed = undefined;
    this.options.closed();
  }

  dispose(): void {
    this.close();
    this.#terminal.dispose();
    this.#written.dispose();
    this.#named.dispose();
  }

  #writeSoon(): void {
    this.#pause ??= this.options.clock.after(EVERY, () => {
      this.#pause = undefined;
      this.#write();
    });
  }

  #write(): void {
    const log = this.#followed?.log;
    if (!log) return;
    const { name, lastWords } = this.options;
    const lost = log.dropped - this.#next;
    const lines = log.lines.slice(Math.max(0, -lost)).map(terminalLine);
    if (lost > 0)
      lines.unshift(
        terminalNote(lost === 1 ? l10n.t('1 older line is not kept.') : l10n.t('{0} older lines are not kept.', lost)),
      );
    this.#next = log.dropped + log.lines.length;
    if (log.problem !== undefined) lines.push(terminalNote(l10n.t('{0} Retrying.', log.problem)));
    if (log.closed !== undefined) {
      lines.push(terminalNote(lastWords(log.closed)));
      this.#named.fire(terminalName(l10n.t('{0} (ended)', name)));
    }
    if (lines.length > 0) this.#written.fire(lines.join(''));
  }
}
