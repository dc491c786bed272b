import { ApiError, isAbort, toApiError } from '../platform/errors';
import type { Clock } from '../platform/clock';
import type { ComfyUi, Known } from '../comfyui/client';
import { download, type Transfer } from './download';
import { Names, safeName, withoutExtension } from '../comfyui/fileNames';
import { DiskError, type Folder } from '../platform/folder';
import { cutRun, isAlive, isGoneForGood, mayConcernAll, restOfHistory, whyEndless, whyGone, whyNot } from './handedOut';
import { Manifest } from './manifest';
import { keyOf, type OutputFile, type Run } from '../comfyui/outputs';
import { elapsed, momentOf, type Moment } from '../sessions/acts';
import { Rounds } from './rounds';
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
  /** Another try may succeed. */
  readonly canBeRetried?: true;
}

/** The result of saving. `saved`, `workflows` and `bytes` count what is new. */
export interface Saved {
  /** The folder. */
  readonly place: string;
  readonly saved: number;
  readonly skipped: number;
  readonly failed: readonly Unsaved[];
  /** Not tried, since the user stopped saving. */
  readonly left: number;
  readonly bytes: number;
  readonly workflows: number;
  /** At least so many runs have finished since the last reading; saving does not repeat forever. */
  readonly missed: number;
  /** The run that had finished last: all runs up to it were handled. See `ComfyUi.newest`. */
  readonly upTo: string | undefined;
}

const AT_ONCE = 3;
const LOOKS_AT_ONCE = 6;
/** Files of unknown size come last, since they may not exist. */
const UNKNOWN_SIZE = Number.MAX_VALUE;
/** ComfyUI itself keeps ten thousand. */
const MOST_RUNS = 20_000;
/** Limit for reading the history, ms, which must leave time for its files. */
const LONGEST_READING = 15 * MINUTE;
/** How many unsaved runs are counted at most: up to about 500 kB each. */
const COUNTED = 20;

/**
 * Saves the outputs of a session, including those that finish meanwhile: workflows first, which are small and can
 * recreate the rest, then files, the smallest first, so that most are saved if time runs out.
 * @throws {ApiError | DiskError} if nothing could be begun, or an `AbortError`. Everything else is part of the result.
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
  /** Where to save each file. */
  readonly #paths = new Map<string, string>();
  #saved = 0;
  #skipped = 0;
  /** The history is endless, and was not read to its end. */
  #isCut = false;
  /** Why no more files are tried: the disk is full, or ComfyUI is gone. For the user. */
  #end: string | undefined;
  #isGone = false;

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

  /** How many of the last runs were not handled. */
  async #missed(): Promise<number> {
    try {
      const runs = await this.options.comfyUi.recent(COUNTED, this.options.signal);
      return runs.filter(({ promptId }) => !this.#runs.has(promptId)).length;
    } catch {
      return 1; // the last run is a new one
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
      return undefined; // reading the history will report it; a session that ended has no new runs
    }
  }

  /** The files of all runs since the last time. Their workflows are saved here. */
  async #learn(): Promise<readonly OutputFile[]> {
    const files: OutputFile[] = [];
    const began = momentOf(this.options.clock);
    try {
      for await (const page of this.options.history(this.options.signal)) {
        for (const file of await this.#note(page)) files.push(file); // `push(...)` would exceed the number of arguments
        if (this.#cutIfEndless(began)) break;
      }
    } catch (error) {
      if (this.#runs.size === 0) throw error;
      await this.#fail(restOfHistory(), undefined, error);
    }
    return files;
  }

  /** Stops reading an endless history, in later rounds too. What was read is saved. */
  #cutIfEndless(began: Moment): boolean {
    if (this.#runs.size < MOST_RUNS && elapsed(this.options.clock, began) <= LONGEST_READING) return false;
    this.#failed.push({ filename: restOfHistory(), why: whyEndless() });
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

  /** Some in parallel. A failure concerns one item only, unless it means that the others would fail too. */
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

  /** Compares a file with what is on the disk. Undefined if it is saved already. */
  async #plan(file: OutputFile): Promise<Transfer | undefined> {
    const earlier = this.#manifest.of(file);
    const reported = await this.#look(file);
    // Without information from the server, a file counts as unchanged since it was saved.
    const known = reported.size === undefined && reported.tag === undefined && earlier?.isWhole ? earlier : reported;
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
      if (!isOurPart && (await folder.isBegun(path))) continue; // belongs to somebody else
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
      return { size: undefined, tag: undefined }; // fetching it will show the failure
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

  /** Records the failure of one file, unless ComfyUI answers nothing else either, or the disk accepts nothing. */
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
    return (this.#isGone ||= !(await isAlive(this.options.comfyUi, this.options).catch(() => true)));
  }
}
