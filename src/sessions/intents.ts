import * as l10n from '@vscode/l10n';
import { ApiError, isAbort } from '../platform/errors';
import type { Logger } from '../platform/logger';
import type { Clock } from '../platform/clock';
import { readings, type RequestRounds } from '../platform/requestRounds';
import { Complaints } from '../platform/complaints';
import { NotKnown, type Journal } from '../platform/journal';
import { compact, fold, lineOf, NOTHING, parseLedger, withdrawal, type LedgerEvent, type LedgerState } from './ledger';

export interface IntentsOptions {
  readonly journal: Journal;
  /** Of the account in use. */
  readonly scope: () => Promise<string>;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly log: Logger;
}

/* eslint-disable texts/marked -- for the log */
const UNREAD = 'The ledger could not be read';
const UNWRITTEN = 'The ledger could not be written';
/* eslint-enable texts/marked */
/** A ledger longer than this, in characters, is compacted. */
const COMPACT_FROM = 64 * 1024;

/** @param place the folder. */
export function unwritten(place: string, cause: unknown): ApiError {
  const message = l10n.t(
    'Nothing was sent, because the request could not be written to {0}. Check that its disk is not full or read-only.',
    place,
  );
  return new ApiError('refused', message, { cause });
}

/** The ledger of the account in use, as all windows wrote it. */
export class Intents {
  /** The ledger as last read, plus what this window has written since. */
  #written: LedgerState = NOTHING;
  /** Events on their way to the journal, or that the disk refused: they count in this window anyway. */
  #unwritten: readonly LedgerEvent[] = [];
  #read: { readonly text: string; readonly scope: string } | undefined;
  /** Raised by everything that outdates a reading. */
  #epoch = 0;
  #unreadable = 0;
  #compactFrom = COMPACT_FROM;
  /** The disk refused the last write. */
  #isRefused = false;
  readonly #complaints: Complaints;
  readonly #readings: RequestRounds;

  constructor(private readonly options: IntentsOptions) {
    this.#readings = readings(options.clock, (signal) => this.#readNow(signal));
    this.#complaints = new Complaints(options.log);
  }

  get state(): LedgerState {
    return fold(this.#unwritten, this.#written);
  }

  /** The folder. */
  get place(): string {
    return this.options.journal.place ?? '…';
  }

  /** Reads what other windows wrote. If the disk fails, the last known state is returned. */
  async read(): Promise<LedgerState> {
    try {
      await this.#readings.request();
      await this.#compactIfLarge();
      this.#complaints.withdraw(UNREAD);
    } catch (error) {
      if (!isAbort(error)) this.#complaints.say(UNREAD, error);
    }
    if (this.#isRefused) void this.#write();
    return this.state;
  }

  /**
   * Records a request before it is sent, unless `isFree` rejects the state of the ledger.
   * @throws {ApiError} if it cannot be recorded: then nothing must be sent.
   */
  async claim(event: LedgerEvent, isFree: (state: LedgerState) => boolean): Promise<boolean> {
    try {
      return await this.options.journal.exclusively(async () => {
        this.#readings.renew(); // a reading that hangs must not keep the lock
        await this.#readings.request();
        if (!isFree(this.state)) return false;
        await this.#append(event);
        return true;
      });
    } catch (error) {
      if (error instanceof ApiError) throw error;
      this.#complaints.say(UNWRITTEN, error);
      const undone = error instanceof NotKnown && withdrawal(event);
      // the line may be written, now or later: others should not look for what was never sent
      if (undone) void this.note(undone);
      throw unwritten(this.place, error);
    }
  }

  /**
   * Records what has happened. It counts at once in this window, even if the disk refuses it. Never rejects.
   * @returns whether other windows can read it; if not, it is written later.
   */
  async note(event: LedgerEvent): Promise<boolean> {
    this.#unwritten = [...this.#unwritten, event];
    await this.#write();
    return !this.#unwritten.includes(event);
  }

  /** Another account or server is in use. */
  forget(): void {
    this.#written = NOTHING;
    this.#unwritten = [];
    this.#isRefused = false;
    this.#read = undefined;
    this.#epoch++;
    this.#readings.renew();
  }

  /** Writes pending events in order. Never rejects. */
  async #write(): Promise<void> {
    this.#isRefused = false;
    try {
      await this.options.journal.exclusively(async () => {
        for (const event of this.#unwritten) {
          await this.#append(event);
          this.#unwritten = this.#unwritten.filter((other) => other !== event);
        }
      });
    } catch (error) {
      this.#isRefused = true;
      this.#complaints.say(UNWRITTEN, error);
    }
  }

  async #append(event: LedgerEvent): Promise<void> {
    const { journal, scope, clock } = this.options;
    const line = lineOf(await scope(), clock.now(), event);
    const read = this.#read;
    await journal.append(line);
    this.#complaints.withdraw(UNWRITTEN);
    if (read?.scope === this.#read?.scope) this.#written = fold([event], this.#written);
    this.#epoch++;
  }

  async #readNow(signal: AbortSignal): Promise<void> {
    const { journal, scope } = this.options;
    const epoch = this.#epoch;
    const [whose, text] = [await scope(), await journal.read()];
    if (signal.aborted) return;
    // The text may or may not contain what was written during the read.
    if (epoch !== this.#epoch) return this.#readNow(signal);
    if (this.#read?.text === text && this.#read.scope === whose) return;
    const { events, unreadable } = parseLedger(text, whose);
    if (unreadable > this.#unreadable) this.options.log.warn(`Ledger: ${unreadable} lines cannot be read.`);
    this.#unreadable = unreadable;
    this.#read = { text, scope: whose };
    this.#written = fold(events);
  }

  async #compactIfLarge(): Promise<void> {
    const { journal, clock } = this.options;
    if ((this.#read?.text.length ?? 0) < this.#compactFrom) return;
    await journal.exclusively(async () => {
      const text = compact(await journal.read(), clock.now());
      await journal.replace(text);
      this.#compactFrom = Math.max(COMPACT_FROM, 2 * text.length);
    });
  }
}
