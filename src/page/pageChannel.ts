import { abortReason, type Clock } from '../platform/clock';
import { Emitter, type Disposable } from '../platform/emitter';
import { readPluginMessage, type PluginMessage } from './plugin';
import type { PageQuestion } from './pluginLimits';
import { Slices } from '../platform/slices';
import { MINUTE } from '../platform/units';

/** A page that has just started answers after about five seconds. */
const SETUP_TIMEOUT = MINUTE;
/** The page needs a second or two to turn a large graph into a prompt. */
const ANSWER_TIMEOUT = 15_000;

/** Why no answer came: the page does not answer, or was replaced. */
export type NoAnswer = 'silent' | 'gone';

/**
 * Questions to ComfyDeploy's plugin in one framed page. Its protocol has no ids, so there is one question at a time,
 * and the first message of the right type is its answer.
 */
export class PageChannel implements Disposable {
  readonly #changed = new Emitter<void>();
  #isReady = false;
  #staysSilent = false;
  /** Raised when the page is replaced or gone: earlier questions are lost. */
  #age = 0;
  /** The awaited answer; a new object for each question. */
  #awaited: Pick<PageQuestion, 'answer'> | undefined;
  #answer: PluginMessage | undefined;
  #asking: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly post: (question: PageQuestion) => void,
    private readonly clock: Clock,
  ) {}

  /** Whether it can be asked now. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** A message that the tab's script passes on, one for each question. Long messages are read in slices. */
  async hear(text: unknown): Promise<void> {
    const awaited = this.#awaited;
    if (awaited === undefined) return;
    const message = await readPluginMessage(text, new Slices(this.clock));
    if (message?.type !== awaited.answer || this.#awaited !== awaited) return;
    this.#answer = message;
    this.#changed.fire();
  }

  /** The page listens from now on; if it did before, it was reloaded. */
  setUp(): void {
    this.#isReady = true;
    this.interrupt();
  }

  /** The document around the page is reloaded, and the page with it. */
  reload(): void {
    if (!this.#isReady) return;
    this.#isReady = false;
    this.interrupt();
  }

  /** Stops waiting for a page that was refused or has been silent for too long. It may still answer. */
  giveUp(): void {
    this.#staysSilent = true;
    this.#changed.fire();
  }

  /** Ends all waiting with `gone`. */
  interrupt(): void {
    this.#age++;
    this.#changed.fire();
  }

  dispose(): void {
    this.#isReady = false;
    this.interrupt();
  }

  /** Undefined once it can be asked. */
  ready(signal: AbortSignal): Promise<NoAnswer | undefined> {
    const age = this.#age;
    return this.#until<NoAnswer | undefined>(SETUP_TIMEOUT, signal, () => {
      if (this.#isReady) return { found: undefined };
      if (this.#age !== age) return { found: 'gone' };
      return this.#staysSilent ? { found: 'silent' } : undefined;
    });
  }

  /** Waits for earlier questions first. @throws the signal's reason when it fires first. */
  ask(question: PageQuestion, signal: AbortSignal): Promise<PluginMessage | NoAnswer> {
    const asking = this.#asking.then(() => this.#ask(question, signal));
    this.#asking = asking.catch(() => undefined);
    return asking;
  }

  async #ask(question: PageQuestion, signal: AbortSignal): Promise<PluginMessage | NoAnswer> {
    const age = this.#age;
    this.#answer = undefined;
    this.#awaited = { ...question };
    if (this.#isReady && !signal.aborted) this.post(question);
    try {
      return await this.#until<PluginMessage | 'gone'>(ANSWER_TIMEOUT, signal, () => {
        if (!this.#isReady || this.#age !== age) return { found: 'gone' };
        return this.#answer && { found: this.#answer };
      });
    } finally {
      this.#awaited = undefined;
      this.#answer = undefined; // it may be large
    }
  }

  /** Checks now and after every change. */
  #until<T>(
    timeout: number,
    signal: AbortSignal,
    look: () => { readonly found: T } | undefined,
  ): Promise<T | 'silent'> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(abortReason(signal));
      const found = look();
      if (found) return resolve(found.found);
      const end = (settle: () => void) => {
        for (const one of [alarm, change]) one.dispose();
        signal.removeEventListener('abort', abort);
        settle();
      };
      const abort = () => end(() => reject(abortReason(signal)));
      const alarm = this.clock.after(timeout, () => end(() => resolve('silent')));
      const change = this.#changed.event(() => {
        const seen = look();
        if (seen) end(() => resolve(seen.found));
      });
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
