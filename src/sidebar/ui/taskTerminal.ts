import * as vscode from 'vscode';
import { sleep, type Clock } from '../../platform/clock';
import { isAbort, toApiError } from '../../platform/errors';
import { plainText } from '../../platform/plainText';

/** How a task ends: its exit code, as shells have them. */
export const [DONE, FAILED, CANCELLED] = [0, 1, 130];

const INTERRUPT = '\x03';
/** VS Code says that a terminal which closes sooner "failed to launch", ms. */
const SHORTEST = 1_000;
/** Characters of a line. */
const LONGEST = 2_000;

export type SayLine = (line: string) => void;

/** The terminal of a task. Ctrl+C and closing it cancel the task, which then ends in its own time. */
export class TaskTerminal implements vscode.Pseudoterminal {
  readonly #written = new vscode.EventEmitter<string>();
  readonly #ended = new vscode.EventEmitter<number>();
  readonly onDidWrite = this.#written.event;
  readonly onDidClose = this.#ended.event;
  readonly #cancelled = new AbortController();

  constructor(
    private readonly run: (say: SayLine, cancelled: AbortSignal) => Promise<number>,
    private readonly clock: Clock,
  ) {}

  open(): void {
    void Promise.all([this.#work(), sleep(this.clock, SHORTEST)]).then(([code]) => this.#ended.fire(code));
  }

  close(): void {
    this.#cancelled.abort();
  }

  handleInput(keys: string): void {
    if (keys.includes(INTERRUPT)) this.close();
  }

  async #work(): Promise<number> {
    const say = (line: string) => this.#written.fire(`${plainText(line, LONGEST)}\r\n`);
    try {
      return await this.run(say, this.#cancelled.signal);
    } catch (error) {
      if (!isAbort(error)) say(toApiError(error).message);
      return isAbort(error) ? CANCELLED : FAILED;
    }
  }
}
