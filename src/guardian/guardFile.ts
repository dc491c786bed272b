import { isAbort } from '../platform/errors';
import type { Logger } from '../platform/logger';
import { Complaints } from '../platform/complaints';
import { NOTHING_SAID, readState, textOf, type GuardState } from './guardState';
import type { Clock } from '../platform/clock';
import { readings, type RequestRounds } from '../platform/requestRounds';
import type { Journal } from '../platform/journal';

export interface GuardFileOptions {
  /** Of the account in use. */
  readonly journal: () => Promise<Journal>;
  /** Whether this window may still announce and act. */
  readonly isLeader: () => Promise<boolean>;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Logger;
}

// eslint-disable-next-line texts/marked -- for the log
const UNWRITTEN = 'What was said could not be written down';
// eslint-disable-next-line texts/marked -- for the log
const UNREAD = 'What was said could not be read';

/** What was announced and scheduled, in a file that all windows share. */
export class GuardFile {
  #state: GuardState = NOTHING_SAID;
  /** The disk refused the last state. It is written later, unless another window has led and written meanwhile. */
  #isUnwritten = false;
  /** The text that the state is based on; undefined before the first reading. */
  #basis: string | undefined;
  #epoch = 0;
  readonly #complaints: Complaints;
  /** Raised by everything that outdates a reading. */
  #version = 0;
  readonly #readings: RequestRounds;

  constructor(private readonly options: GuardFileOptions) {
    this.#readings = readings(options.clock, (signal) => this.#readNow(signal));
    this.#complaints = new Complaints(options.log);
  }

  /** As last read. */
  get state(): GuardState {
    return this.#state;
  }

  /** Reads what other windows wrote. If the disk fails, the last known state stays. */
  async read(): Promise<void> {
    try {
      await this.#readings.request();
      this.#complaints.withdraw(UNREAD);
    } catch (error) {
      if (!isAbort(error)) this.#complaints.say(UNREAD, error);
    }
  }

  /**
   * Changes the shared state and returns the result. If the disk fails, this window continues on its own. Undefined if
   * this window no longer leads or the account changed: then nothing may be announced or done.
   */
  async alter<T extends { readonly state: GuardState }>(change: (state: GuardState) => T): Promise<T | undefined> {
    const epoch = this.#epoch;
    const after = await this.#write(change).catch((error: unknown) => this.#without(error, change));
    if (!after || epoch !== this.#epoch) return undefined;
    this.#state = after.state;
    this.#version++;
    return after;
  }

  /** Another account or server is in use. */
  forget(): void {
    this.#state = NOTHING_SAID;
    this.#isUnwritten = false;
    this.#basis = undefined;
    this.#epoch++;
    this.#readings.clear();
  }

  async #readNow(signal: AbortSignal): Promise<void> {
    const version = this.#version;
    const text = await (await this.options.journal()).read();
    if (signal.aborted || this.#isNewer(text)) return;
    // The text may or may not contain what was written during the read.
    if (version !== this.#version) return this.#readNow(signal);
    this.#learn(this.#epoch, readState(text), text);
  }

  async #write<T extends { readonly state: GuardState }>(change: (state: GuardState) => T): Promise<T> {
    const epoch = this.#epoch;
    const journal = await this.options.journal();
    return journal.exclusively(async () => {
      const written = await journal.read();
      const before = this.#isNewer(written) ? this.#state : readState(written);
      if (before !== this.#state) this.#learn(epoch, before, written);
      const after = change(before);
      const text = textOf(after.state);
      if (text !== written) await journal.replace(text);
      this.#learn(epoch, after.state, text);
      this.#complaints.withdraw(UNWRITTEN);
      return after;
    });
  }

  /** @param basis the text that has this state. */
  #learn(epoch: number, state: GuardState, basis: string): void {
    if (epoch !== this.#epoch) return;
    this.#state = state;
    this.#basis = basis;
    this.#isUnwritten = false;
  }

  /** Whether our state follows that text, and is not written yet. */
  #isNewer(text: string): boolean {
    return this.#isUnwritten && text === this.#basis;
  }

  async #without<T>(error: unknown, change: (state: GuardState) => T): Promise<T | undefined> {
    this.#complaints.say(UNWRITTEN, error);
    if (!(await this.options.isLeader())) return undefined;
    this.#isUnwritten = true;
    return change(this.#state);
  }
}
