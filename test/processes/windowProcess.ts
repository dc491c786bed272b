import { fork, type ChildProcess } from 'node:child_process';
import { inProject } from '../vscode/project';
import { State } from './messages';

/** A window in a process of its own, which the system can kill and freeze. */
export class WindowProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (state: State) => void>();
  #questions = 0;
  isFrozen = false;
  isDead = false;

  constructor(folder: string, apiUrl: string, token: string) {
    this.#child = fork(inProject('dist', 'test', 'window.js'), [folder, apiUrl, token], {
      execArgv: ['--enable-source-maps'],
    });
    this.#child.on('message', (message) => {
      const state = State.parse(message);
      this.#waiting.get(state.question)?.(state);
      this.#waiting.delete(state.question);
    });
  }

  get canAnswer(): boolean {
    return !this.isFrozen && !this.isDead;
  }

  ask(confirms = false): Promise<State> {
    const number = ++this.#questions;
    return new Promise((resolve) => {
      this.#waiting.set(number, resolve);
      this.#child.send({ number, confirms });
    });
  }

  freeze(): void {
    this.isFrozen = true;
    this.#child.kill('SIGSTOP');
  }

  thaw(): void {
    this.isFrozen = false;
    this.#child.kill('SIGCONT');
  }

  /** Kills it without a chance to clean up. */
  kill(): void {
    this.isDead = true;
    this.#child.kill('SIGKILL');
  }
}
