import { Complaints } from '../platform/complaints';
import { isAbort } from '../platform/errors';
import type { Journal } from '../platform/journal';
import type { Logger } from '../platform/logger';
import { Emitter, type Disposable } from '../platform/emitter';
import type { Clock } from '../platform/clock';
import type { ServerTime } from '../platform/serverTime';
import { readings, type RequestRounds } from '../platform/requestRounds';
import { compact, lineOf, parseReceipts } from './receiptLines';
import { fold, type ReceiptEvent, type Receipts } from './receipts';

export interface HistoryOptions {
  readonly journal: Journal;
  /** Of the account in use. */
  readonly scope: () => Promise<string>;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Logger;
}

interface Read {
  readonly text: string;
  readonly scope: string;
}

const NONE: Receipts = new Map();
/** A history longer than this, in characters, is compacted. */
const COMPACT_FROM = 128 * 1024;

/** The receipts of the account in use, as all windows wrote them. */
export class History implements Disposable {
  readonly #changed = new Emitter<Receipts>();
  readonly onDidChange = this.#changed.event;
  #receipts = NONE;
  /** The events as last read, plus what this window has written since. */
  #events: readonly ReceiptEvent[] = [];
  /** Events that the disk refused: they count in this window anyway, and are written with the next ones. */
  #unwritten: readonly ReceiptEvent[] = [];
  #read: Read | undefined;
  #unreadable = 0;
  #compactFrom = COMPACT_FROM;
  /** Raised when the account changes: work begun before is not shown for the next account. */
  #epoch = 0;
  /** Raised by everything that outdates a reading. */
  #version = 0;

  readonly #complaints: Complaints;
  readonly #readings: RequestRounds<void, Read>;

  constructor(private readonly options: HistoryOptions) {
    this.#readings = readings(options.clock, (signal) => this.#readNow(signal));
    this.#complaints = new Complaints(options.log);
  }

  get receipts(): Receipts {
    return this.#receipts;
  }

  /** Reads what other windows wrote. If the disk fails, the last known receipts are returned. */
  async read(): Promise<Receipts> {
    // eslint-disable-next-line texts/marked -- for the log
    await this.#guarded('The history could not be read', () => this.#readings.request());
    return this.#receipts;
  }

  /**
   * Writes the events that are missing.
   * @param missing returns them for everything that any window wrote; called while no other window can write.
   */
  async write(missing: (receipts: Receipts) => readonly ReceiptEvent[]): Promise<void> {
    const epoch = this.#epoch;
    // eslint-disable-next-line texts/marked -- for the log
    const isWritten = await this.#guarded('The history could not be written', () =>
      this.options.journal.exclusively(async () => {
        this.#readings.renew(); // a reading that hangs must not keep the lock
        const read = await this.#readings.request();
        if (epoch !== this.#epoch) return;
        const events = [...this.#unwritten, ...missing(this.#receipts)];
        if (events.length > 0) await this.#append(read, events);
        if (read.text.length >= this.#compactFrom) await this.#compact();
      }),
    );
    if (isWritten || epoch !== this.#epoch) return;
    const lost = missing(this.#receipts);
    if (lost.length === 0) return;
    this.#unwritten = [...this.#unwritten, ...lost];
    this.#publish();
  }

  /** Another account or server is in use. */
  reset(): void {
    this.#epoch++;
    this.#readings.renew();
    this.#events = [];
    this.#unwritten = [];
    this.#read = undefined;
    this.#publish();
  }

  dispose(): void {
    this.#epoch++;
    this.#readings.dispose();
    this.#changed.dispose();
  }

  async #append({ text, scope }: Read, events: readonly ReceiptEvent[]): Promise<void> {
    const line = lineOf(scope, events);
    await this.options.journal.append(line);
    this.#version++;
    // After a torn line the journal writes more than this, so the text is not known.
    this.#read = text === '' || text.endsWith('\n') ? { text: `${text}${line}\n`, scope } : undefined;
    this.#unwritten = [];
    this.#events = [...this.#events, ...events];
    this.#publish();
  }

  async #readNow(signal: AbortSignal): Promise<Read> {
    const { journal, log } = this.options;
    const version = this.#version;
    const [scope, text] = [await this.options.scope(), await journal.read()];
    const read = { text, scope };
    if (signal.aborted) return read;
    if (version !== this.#version) return this.#readNow(signal);
    if (this.#read?.text === text && this.#read.scope === scope) return read;
    const { events, unreadable } = parseReceipts(text, scope);
    if (unreadable > this.#unreadable) log.warn(`History: ${unreadable} lines cannot be read.`);
    this.#unreadable = unreadable;
    this.#read = read;
    this.#events = events;
    this.#publish();
    return read;
  }

  async #compact(): Promise<void> {
    const { journal, serverTime } = this.options;
    const text = compact(await journal.read(), serverTime.now());
    await journal.replace(text);
    this.#version++;
    this.#read = undefined;
    this.#compactFrom = Math.max(COMPACT_FROM, 2 * text.length);
  }

  #publish(): void {
    this.#receipts = fold([...this.#events, ...this.#unwritten]);
    this.#changed.fire(this.#receipts);
  }

  async #guarded(what: string, work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      this.#complaints.withdraw(what);
      return true;
    } catch (error) {
      if (isAbort(error)) return true; // the account changed or the window closes
      this.#complaints.say(what, error);
      return false;
    }
  }
}
