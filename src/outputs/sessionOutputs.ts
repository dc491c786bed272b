import { isAbort, toApiError, type ApiError } from '../platform/errors';
import type { Work } from '../comfydeploy/model';
import type { Clock } from '../platform/clock';
import type { ServerTime } from '../platform/serverTime';
import type { ComfyUi } from '../comfyui/client';
import { kindOf } from '../comfyui/fileKinds';
import { keyOf, type OutputFile } from '../comfyui/outputs';
import { hasFinished, newestFiles, NO_RUNS, reachesFar, withPage, type RecentRun, type RecentRuns } from './recentRuns';
import { thumbnailOf } from './thumbnail';
import { MINUTE } from '../platform/units';

/** The recent outputs of a session, as far as they were read. */
export type Recent =
  | { readonly kind: 'unknown' }
  /** The first reading is under way. */
  | { readonly kind: 'looking' }
  | { readonly kind: 'failed'; readonly error: ApiError }
  | {
      readonly kind: 'known';
      /** Newest first. */
      readonly files: readonly RecentFile[];
      /** Whether there are older ones. */
      readonly hasMore: boolean;
      /** Why the list may be out of date. */
      readonly problem: ApiError | undefined;
    };

export interface RecentFile {
  readonly file: OutputFile;
  /** Server time, ms; undefined if ComfyUI keeps no times. */
  readonly finishedAt: number | undefined;
  /** A thumbnail as a `data:` address; undefined if there is none, or not yet. */
  readonly picture: string | undefined;
  /** It is in the user's folder. */
  readonly isSaved?: true;
}

export interface SessionOutputsOptions {
  /** @throws {ApiError} if it cannot be asked. */
  readonly comfyUi: () => Pick<ComfyUi, 'recent' | 'begin' | 'preview'>;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly clock: Clock;
  readonly work: () => Work | undefined;
  readonly changed: () => void;
  /** A known file was written again, or at least named by another run. */
  readonly rewritten: (file: OutputFile) => void;
}

/** How many runs are read, in turn, until that is enough: their graphs come along. */
const FIRST_LOOKS = [8, 32];
const LATER_LOOKS = [2, ...FIRST_LOOKS];
const RETRY_AFTER = MINUTE;

interface Picture {
  readonly promptId: string;
  /** Undefined if no small one can be made, or it could not be read. */
  readonly data: string | undefined;
  readonly hasFailed: boolean;
}

/** The recent outputs of one session. Reads only when called, and once at a time. */
export class SessionOutputs {
  readonly #controller = new AbortController();
  #recent: Recent = { kind: 'unknown' };
  #runs: RecentRuns = NO_RUNS;
  #pictures = new Map<string, Picture>();
  #seen: Work | undefined;
  /** Steady clock, ms. */
  #failedAt: number | undefined;
  #look: Promise<void> | undefined;
  #taking: Promise<void> | undefined;
  isShown = false;

  constructor(private readonly options: SessionOutputsOptions) {}

  get recent(): Recent {
    return this.#recent;
  }

  /** Whether there may be new ones. */
  get isDue(): boolean {
    if (this.#recent.kind === 'unknown') return true;
    const { work, clock } = this.options;
    if (this.#failedAt !== undefined) return clock.monotonic() - this.#failedAt >= RETRY_AFTER;
    return hasFinished(this.#seen, work());
  }

  /** A failure is part of the result. */
  look(): Promise<void> {
    this.#look ??= this.#lookOnce().finally(() => (this.#look = undefined));
    return this.#look;
  }

  /** Reads again for the user, including thumbnails that failed. */
  async lookAgain(): Promise<void> {
    await this.#look;
    this.#pictures = new Map([...this.#pictures].filter(([, { hasFailed }]) => !hasFailed));
    await this.look();
  }

  /** Fetches thumbnails while the outputs are visible. */
  takePictures(): Promise<void> {
    this.#taking ??= this.#takeAll().finally(() => (this.#taking = undefined));
    return this.#taking;
  }

  dispose(): void {
    this.#controller.abort();
  }

  async #lookOnce(): Promise<void> {
    if (this.#recent.kind !== 'known') this.#notify({ kind: 'looking' });
    const { signal } = this.#controller;
    const { work, clock } = this.options;
    this.#seen = work();
    try {
      await this.#learn(signal);
      this.#failedAt = undefined;
      this.#show();
    } catch (error) {
      if (isAbort(error) || signal.aborted) return;
      this.#failedAt = clock.monotonic();
      const failure = toApiError(error);
      const recent = this.#recent;
      this.#notify(recent.kind === 'known' ? { ...recent, problem: failure } : { kind: 'failed', error: failure });
    }
    void this.takePictures();
  }

  async #learn(signal: AbortSignal): Promise<void> {
    const before = this.#runs;
    const filesBefore = new Map(newestFiles(before.runs).map((one) => [keyOf(one.file), one.promptId]));
    for (const count of before.runs.length === 0 ? FIRST_LOOKS : LATER_LOOKS) {
      const page = await this.#page(count, signal);
      this.#runs = withPage(before, page, page.length !== count);
      if (page.length !== count || reachesFar(before, page)) break;
    }
    const files = newestFiles(this.#runs.runs);
    const keys = new Set(files.map(({ file }) => keyOf(file)));
    this.#pictures = new Map([...this.#pictures].filter(([key]) => keys.has(key)));
    for (const { file, promptId } of files)
      if ((filesBefore.get(keyOf(file)) ?? promptId) !== promptId) this.options.rewritten(file);
  }

  async #page(count: number, signal: AbortSignal): Promise<readonly RecentRun[]> {
    const { comfyUi, serverTime } = this.options;
    const page = await comfyUi().recent(count, signal);
    const now = serverTime.now();
    return page.map(({ age, ...run }) => ({ ...run, finishedAt: age === undefined ? undefined : now - age }));
  }

  /** One at a time: each keeps ComfyUI from answering anything else. */
  async #takeAll(): Promise<void> {
    for (let next = this.#nextPicture(); next; next = this.#nextPicture()) {
      const { file, promptId } = next;
      const picture = await this.#pictureOf(file);
      if (this.#controller.signal.aborted) return;
      this.#pictures.set(keyOf(file), { promptId, ...picture });
      if (picture.data !== undefined) this.#show();
    }
  }

  #nextPicture(): { readonly file: OutputFile; readonly promptId: string } | undefined {
    if (!this.isShown || this.#controller.signal.aborted) return undefined;
    return newestFiles(this.#runs.runs).find(
      ({ file, promptId }) => kindOf(file) === 'image' && this.#pictures.get(keyOf(file))?.promptId !== promptId,
    );
  }

  /** Not essential: without a thumbnail there is an icon. */
  async #pictureOf(file: OutputFile): Promise<Omit<Picture, 'promptId'>> {
    const { clock } = this.options;
    const { signal } = this.#controller;
    try {
      const data = await thumbnailOf(file, { comfyUi: this.options.comfyUi(), clock, signal });
      return { data, hasFailed: false };
    } catch {
      return { data: undefined, hasFailed: true };
    }
  }

  #show(): void {
    const files = newestFiles(this.#runs.runs).map(({ file, finishedAt }) => ({
      file,
      finishedAt,
      picture: this.#pictures.get(keyOf(file))?.data,
    }));
    const problem = this.#recent.kind === 'known' && this.#failedAt !== undefined ? this.#recent.problem : undefined;
    this.#notify({ kind: 'known', files, hasMore: this.#runs.hasMore, problem });
  }

  #notify(recent: Recent): void {
    this.#recent = recent;
    this.options.changed();
  }
}
