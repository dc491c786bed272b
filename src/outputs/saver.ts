import { ApiError, isAbort, toApiError } from '../platform/errors';
import type { Clock } from '../platform/clock';
import type { ComfyUi, Known } from '../comfyui/client';
import { download, type Transfer } from './download';
import { Names, safeName, withoutExtension } from '../comfyui/fileNames';
import { DiskError, type Folder } from '../platform/folder';
import { cutRun, isAlive, isGoneForGood, mayConcernAll, restOfHistory, whyEndless, whyGone, whyNot } from './handedOut';
import { Manifest } from './manifest';
import { keyOf, type OutputFile, type Run } from '../comfyui/outputs';
import { Rounds, Since } from './rounds';
import { TransferProgress, type SaveProgress } from './transferProgress';
import { WorkflowFiles } from '../comfyui/workflowFiles';
import { MINUTE } from '../platform/units';

export interface SaverOptions {
  readonly comfyUi: Pick<ComfyUi, 'newest' | 'recent' | 'look' | 'open' | 'queue'>;
  /** What there is to save, oldest first. */
  readonly history: ComfyUi['history'];
  readonly folder: Folder;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly progress: (progress: SaveProgress) => void;
}

export interface Unsaved {
  readonly filename: string;
  /** A sentence for the user. */
  readonly why: string;
  /** Another try may bring it. */
  readonly canBeRetried?: true;
}

/** What came of it. `saved`, `workflows` and `bytes` count what was not there before. */
export interface Saved {
  /** The folder. */
  readonly place: string;
  readonly saved: number;
  readonly skipped: number;
  readonly failed: readonly Unsaved[];
  /** Not tried, since the user stopped it. */
  readonly left: number;
  readonly bytes: number;
  readonly workflows: number;
  /** So many runs at least have finished since the last look: it does not go on for ever. */
  readonly missed: number;
  /** The run that had finished last: all up to it was looked at. See `ComfyUi.newest`. */
  readonly upTo: string | undefined;
}

const AT_ONCE = 3;
const LOOKS_AT_ONCE = 6;
/** Those that may not be had at all come last. */
const UNKNOWN_SIZE = Number.MAX_VALUE;
/** ComfyUI itself keeps ten thousand. */
const MOST_RUNS = 20_000;
/** Reading the history must leave time for its files, ms. */
const LONGEST_READING = 15 * MINUTE;
/** Runs that are counted, though not saved: up to some 500 kB each. */
const COUNTED = 20;

/**
 * Saves what a session has brought forth, and what it brings forth meanwhile: the workflows first, which are small and
 * can make the rest again, then the files, smallest first, so that most of them are there if time runs out.
 * @throws {ApiError | DiskError} if nothing could be begun, or an `AbortError`. All else is told in the result.
 */
export async function saveOutputs(options: SaverOptions): Promise<Saved> {
  return new Saver(options).run();
}

class Saver {
  readonly #names = new Names();
  readonly #manifest: Manifest;
  readonly #workflows: WorkflowFiles;
  readonly #transfer: TransferProgress;
  readonly #failed: Unsaved[] = [];
  readonly #runs = new Set<string>();
  /** Where each file is to go. */
  readonly #paths = new Map<string, string>();
  #saved = 0;
  #skipped = 0;
  /** The history has no end: it was not read to it. */
  #isCut = false;
  /** Why no further file needs to be tried: the disk is full, or ComfyUI is gone. For the user. */
  #end: string | undefined;

  constructor(private readonly options: SaverOptions) {
    const { folder, clock, progress } = options;
    this.#manifest = new Manifest(folder);
    this.#workflows = new WorkflowFiles(folder, this.#names);
    this.#transfer = new TransferProgress(clock, progress);
  }

  async run(): Promise<Saved> {
    const { signal } = this.options;
    await this.#manifest.read(this.#names);
    const rounds = new Rounds(this.options.clock);
    let newest = await this.#newest();
    let upTo = newest;
    while (rounds.next()) {
      upTo = newest;
      await this.#fetchAll(await this.#learn());
      if (this.#end !== undefined || this.#isCut || signal.aborted) return this.#result(upTo, 0);
      newest = await this.#newest();
      if (newest === upTo) return this.#result(upTo, 0);
    }
    return this.#result(upTo, newest === undefined ? 0 : await this.#missed());
  }

  /** How many of the last runs were not looked at. */
  async #missed(): Promise<number> {
    try {
      const runs = await this.options.comfyUi.recent(COUNTED, this.options.signal);
      return runs.filter(({ promptId }) => !this.#runs.has(promptId)).length;
    } catch {
      return 1; // another run finished last than before
    }
  }

  #result(upTo: string | undefined, missed: number): Saved {
    const failed = this.#failed;
    return {
      place: this.options.folder.place,
      saved: this.#saved,
      skipped: this.#skipped,
      failed,
      left: this.options.signal.aborted ? this.#paths.size - this.#saved - this.#skipped - failed.length : 0,
      bytes: this.#transfer.received,
      workflows: this.#workflows.count,
      missed,
      upTo,
    };
  }

  async #newest(): Promise<string | undefined> {
    try {
      return (await this.options.comfyUi.newest(this.options.signal))?.key;
    } catch {
      return undefined; // the history itself says what is wrong, and one that ended says nothing new
    }
  }

  /** The files of all that has run since the last time. Its workflows are written on the way. */
  async #learn(): Promise<readonly OutputFile[]> {
    const files: OutputFile[] = [];
    const reading = new Since(this.options.clock);
    try {
      for await (const page of this.options.history(this.options.signal)) {
        for (const file of await this.#note(page)) files.push(file); // more than a call takes arguments
        if (this.#cutIfEndless(reading)) break;
      }
    } catch (error) {
      if (this.#runs.size === 0) throw error;
      await this.#fail(restOfHistory(), undefined, error);
    }
    return files;
  }

  /** Of a history without an end no more is read, now or in another round. What was read is saved. */
  #cutIfEndless(reading: Since): boolean {
    const isTooLong = this.#runs.size >= MOST_RUNS;
    if (!isTooLong && reading.elapsed() <= LONGEST_READING) return false;
    this.#failed.push({ filename: restOfHistory(), why: whyEndless(isTooLong) });
    return (this.#isCut = true);
  }

  async #note(page: readonly Run[]): Promise<readonly OutputFile[]> {
    const runs = page.filter(({ promptId }) => !this.#runs.has(promptId));
    const files = runs.flatMap((run) => run.files);
    for (const { subfolder } of files) this.#names.reserve(subfolder);
    const news = files.filter((file) => this.#isNew(file));
    for (const run of runs) {
      this.#runs.add(run.promptId);
      if (run.isCut) this.#failed.push(cutRun(run));
      await this.#writeWorkflow(run);
    }
    return news;
  }

  #isNew(file: OutputFile): boolean {
    const key = keyOf(file);
    if (this.#paths.has(key)) return false;
    const { subfolder, filename } = file;
    this.#paths.set(key, this.#manifest.of(file)?.path ?? this.#names.give(subfolder, filename));
    return true;
  }

  async #writeWorkflow(run: Run): Promise<void> {
    if (this.#end) return;
    const path = run.files[0] && this.#paths.get(keyOf(run.files[0]));
    const base = path === undefined ? safeName(run.promptId) : withoutExtension(path);
    await this.#workflows.write(run, base).catch((error: unknown) => this.#fail(`${base}.json`, undefined, error));
  }

  async #fetchAll(files: readonly OutputFile[]): Promise<void> {
    const transfers: Transfer[] = [];
    this.#transfer.learn(files.length);
    await this.#each(files, LOOKS_AT_ONCE, async (file) => {
      const transfer = await this.#plan(file);
      if (transfer) transfers.push(transfer);
    });
    transfers.sort((a, b) => (a.known.size ?? UNKNOWN_SIZE) - (b.known.size ?? UNKNOWN_SIZE));
    for (const { known } of transfers) this.#transfer.expect(known.size ?? 0);
    await this.#each(transfers, AT_ONCE, (transfer) => this.#fetch(transfer));
  }

  /** Some at a time. A failure is that of the one item, unless it means that the others would fail, too. */
  async #each<T extends OutputFile | Transfer>(
    items: readonly T[],
    atOnce: number,
    work: (item: T) => Promise<void>,
  ): Promise<void> {
    const { signal } = this.options;
    const rest = items.values();
    const worker = async (): Promise<void> => {
      for (const item of rest) {
        if (signal.aborted) return;
        const one: OutputFile | Transfer = item;
        const file = 'file' in one ? one.file : one;
        const { filename } = file;
        if (this.#end !== undefined) this.#giveUp({ filename, why: this.#end, canBeRetried: true });
        else await work(item).catch((error: unknown) => this.#fail(filename, file, error));
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }

  /** Looks at a file and at what is on the disk. Nothing to do for one that is there already. */
  async #plan(file: OutputFile): Promise<Transfer | undefined> {
    const earlier = this.#manifest.of(file);
    const told = await this.#look(file);
    // Where nothing is told of a file, it is taken to be as it was when it was saved.
    const known = told.size === undefined && told.tag === undefined && earlier?.isWhole ? earlier : told;
    const isSame = earlier !== undefined && earlier.size === known.size && earlier.tag === known.tag;
    const { folder } = this.options;
    for (let path = this.#paths.get(keyOf(file)) ?? ''; ; path = this.#names.claim(path)) {
      const there = await folder.look(path);
      const isOurs = isSame || !this.#manifest.holds(path);
      if (there !== undefined && there === known.size && isOurs) {
        this.#skipped++;
        this.#transfer.finished();
        if (!isSame || !earlier.isWhole) await this.#manifest.note(file, { ...known, path, isWhole: true });
        return undefined;
      }
      if (there !== undefined) continue;
      const isOurPart = earlier?.isWhole === false && earlier.path === path;
      if (!isOurPart && (await folder.isBegun(path))) continue; // somebody else's
      const canResume = isSame && known.tag !== undefined && earlier.path === path;
      return { file, known, path, canResume };
    }
  }

  async #look(file: OutputFile): Promise<Known> {
    const { comfyUi, signal } = this.options;
    try {
      return await comfyUi.look(file, signal);
    } catch (error) {
      const { kind } = toApiError(error);
      if (isAbort(error) || kind === 'missing') throw error;
      if (kind === 'offline' && !(await isAlive(comfyUi, this.options))) throw error;
      return { size: undefined, tag: undefined }; // fetching it will tell what is wrong
    }
  }

  async #fetch(transfer: Transfer): Promise<void> {
    const { file, path, known } = transfer;
    const { folder } = this.options;
    await folder.fits((known.size ?? 0) - (transfer.canResume ? await folder.arrived(path) : 0));
    await this.#manifest.note(file, { ...known, path, isWhole: false });
    const whole = await download(transfer, { ...this.options, came: this.#transfer.came });
    let name = path;
    while (!(await folder.finish(path, name))) name = this.#names.claim(name);
    await this.#manifest.note(file, { ...whole, path: name, isWhole: true });
    this.#saved++;
    this.#transfer.finished();
  }

  /** It is the failure of this one alone, unless ComfyUI answers nothing else, either, or the disk takes nothing. */
  async #fail(filename: string, file: OutputFile | undefined, error: unknown): Promise<void> {
    if (isAbort(error)) return;
    const failure = error instanceof DiskError ? error : toApiError(error);
    const isForAll = await this.#isForAll(failure);
    if (this.options.signal.aborted) return;
    const why = isForAll && failure instanceof ApiError ? whyGone(failure) : whyNot(file, failure);
    if (isForAll) this.#end ??= why;
    const isHopeless = !isForAll && file !== undefined && isGoneForGood(file, failure);
    this.#giveUp({ filename, why, ...(isHopeless ? {} : { canBeRetried: true }) }, file !== undefined);
  }

  /** @param isFile rather than a workflow or the history. */
  #giveUp(unsaved: Unsaved, isFile = true): void {
    this.#failed.push(unsaved);
    if (isFile) this.#transfer.failed();
  }

  async #isForAll(failure: ApiError | DiskError): Promise<boolean> {
    if (failure instanceof DiskError) return failure.isForAll;
    if (!mayConcernAll(failure)) return false;
    const { comfyUi, signal } = this.options;
    return this.#end !== undefined || !(await isAlive(comfyUi, this.options).catch(() => signal.aborted));
  }
}
