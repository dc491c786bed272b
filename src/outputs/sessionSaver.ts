import * as l10n from '@vscode/l10n';
import { ApiError } from '../platform/errors';
import type { Session, SessionId } from '../comfydeploy/model';
import { Emitter, type Disposable } from '../platform/emitter';
import { unsavedLines } from './savedText';
import { machineOf, type Snapshot } from '../sessions/snapshot';
import { saveCanvas } from './canvasFile';
import type { ComfyUi, Web } from '../comfyui/client';
import { Names, safeName } from '../comfyui/fileNames';
import type { Disk } from '../platform/folder';
import type { SaveProgress } from './transferProgress';
import { Manifest } from './manifest';
import { runsSince } from './runsSince';
import { saveOutputs, type Saved } from './saver';
import { comfyUiOf } from '../comfyui/sessionPage';
import type { Graph } from '../comfyui/workflow';

export interface SaveOrder {
  /** An absolute path. */
  readonly into: string;
  readonly signal: AbortSignal;
  readonly progress: (progress: SaveProgress) => void;
  /** Skip runs that were saved here, and the canvas. */
  readonly isForNews?: boolean;
}

/** What was saved of a session here, for the summary after its end. */
export interface SavedSoFar {
  readonly files: number;
  /** Files that could not be saved in the last try, or were not tried. */
  readonly unsaved: number;
  readonly place: string;
  /** When the last save had everything that had finished, server time, ms. */
  readonly at: number;
}

export interface SessionSaverInput {
  readonly snapshot: Snapshot;
  /** Server time, ms. */
  readonly now: number;
  /** Sessions whose outputs are being saved, in any window. */
  readonly saving: ReadonlySet<SessionId>;
}

export interface SessionSaverOptions extends Web {
  readonly disk: Disk;
  readonly appState: () => SessionSaverInput;
  /** What the visible page draws; undefined if there is none that answers. */
  readonly canvasOf: (id: SessionId, signal: AbortSignal) => Promise<Graph | undefined>;
}

/** Saves the outputs of sessions, each into its own folder. */
export class SessionSaver {
  readonly #busy = new Set<SessionId>();
  /** Will be saved again: their ends wait. */
  readonly #held = new Set<SessionId>();
  /** The last run of each session that was saved here. */
  readonly #savedUpTo = new Map<SessionId, string | undefined>();
  /** The last runs of each session that were saved here completely. */
  readonly #savedRuns = new Map<SessionId, ReadonlySet<string>>();
  readonly #soFar = new Map<SessionId, SavedSoFar>();
  readonly #saved = new Emitter<SessionId>();
  /** Something may have been saved here. */
  readonly onDidSave = this.#saved.event;

  constructor(private readonly options: SessionSaverOptions) {}

  get busy(): readonly SessionId[] {
    return [...new Set([...this.#busy, ...this.#held])];
  }

  readonly savedOf = (id: SessionId): SavedSoFar | undefined => this.#soFar.get(id);

  /**
   * Saves a session's outputs. Two saves at once, in any windows, would write to the same files, so the second is
   * refused. Failures of single files are part of the result.
   * @throws {ApiError | DiskError} if nothing could be begun, or an `AbortError`.
   */
  async save(session: Session, { into, signal, progress, isForNews = false }: SaveOrder): Promise<Saved> {
    const { id } = session;
    const { snapshot, now } = this.options.appState();
    if (this.isSaving(id))
      throw new ApiError(
        'refused',
        l10n.t('The outputs of this session are already being saved. Wait for that to finish.'),
      );
    const comfyUi = comfyUiOf(session, this.options);
    const folder = this.options.disk.folder(into, folderNameOf(session, snapshot));
    this.#busy.add(id);
    try {
      const drawn = isForNews ? NO_CANVAS : saveCanvas(folder, () => this.options.canvasOf(id, signal));
      const before = (isForNews && this.#savedRuns.get(id)) || NO_RUNS;
      const { history, runs } = notingRuns((reading) => runsSince(comfyUi, before, reading));
      const [files, readAt] = await saveOutputs({ ...this.options, comfyUi, history, folder, signal, progress })
        .then((all) => [all, this.options.appState().now] as const)
        .finally(() => drawn);
      const canvas = await drawn;
      const failed = [...files.failed, ...canvas.failed];
      const isWhole = failed.length + files.left + files.missed === 0;
      const saved = { ...files, failed, workflows: files.workflows + canvas.count };
      for (const line of unsavedLines(saved)) this.options.log.warn(line);
      this.#savedUpTo.set(id, saved.upTo);
      this.#soFar.set(id, withSaved(isForNews ? this.#soFar.get(id) : undefined, saved, isWhole ? readAt : now));
      if (saved.failed.length + saved.left === 0)
        this.#savedRuns.set(id, new Set([...before, ...runs].slice(-MOST_RUNS)));
      return saved;
    } finally {
      this.#busy.delete(id);
      this.#saved.fire(id);
    }
  }

  /** How often each file of a session was saved there, by its key, by any window. @throws {DiskError} */
  async savedIn(session: Session, into: string): Promise<ReadonlyMap<string, number>> {
    const manifest = new Manifest(
      this.options.disk.folder(into, folderNameOf(session, this.options.appState().snapshot)),
    );
    await manifest.read(new Names());
    return manifest.counts;
  }

  /** Here or in another window. */
  isSaving(id: SessionId): boolean {
    return this.#busy.has(id) || (this.options.appState().saving.has(id) && !this.#held.has(id));
  }

  /** Whether a run may have finished since its outputs were saved here. */
  async hasNews(session: Session, signal?: AbortSignal): Promise<boolean> {
    if (!this.#savedUpTo.has(session.id)) return true;
    const newest = await comfyUiOf(session, this.options).newest(signal);
    return newest?.key !== this.#savedUpTo.get(session.id);
  }

  /** Makes an automatic end wait until disposed, as it does during a save. */
  hold(id: SessionId): Disposable {
    this.#held.add(id);
    return { dispose: () => void this.#held.delete(id) };
  }

  /** How many prompts run or wait in it. @throws {ApiError}, or an `AbortError`. */
  async queue(session: Session, signal?: AbortSignal): Promise<number> {
    return comfyUiOf(session, this.options).queue(signal);
  }
}

function withSaved(
  before: SavedSoFar | undefined,
  { saved, skipped, failed, left, place }: Saved,
  at: number,
): SavedSoFar {
  return { files: (before?.files ?? 0) + saved + skipped, unsaved: failed.length + left, place, at };
}

const SHORT_ID = 8;
/** How many of the last runs are remembered, to find where new ones begin. */
const MOST_RUNS = 200;
const NO_RUNS: ReadonlySet<string> = new Set();
const NO_CANVAS = Promise.resolve({ count: 0, failed: [] });

/** Remembers the runs that were read. */
function notingRuns(history: ComfyUi['history']): { readonly history: ComfyUi['history']; readonly runs: Set<string> } {
  const runs = new Set<string>();
  return {
    runs,
    async *history(signal) {
      for await (const page of history(signal)) {
        for (const { promptId } of page) runs.add(promptId);
        yield page;
      }
    },
  };
}

/** `2026-11-22 15.40 studio-machine A10G 1a2b3c4d`: sorted by time, and the same for every save. */
export function folderNameOf(session: Session, snapshot: Snapshot): string {
  // eslint-disable-next-line texts/marked -- a folder's name, the same in every language
  const began = session.createdAt === undefined ? 'unknown start' : dayAndTime(new Date(session.createdAt));
  const machine = safeName(machineOf(snapshot, session)?.name ?? 'machine', 60);
  return safeName([began, machine, session.gpu, session.id.slice(0, SHORT_ID)].join(' '));
}

function dayAndTime(began: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  const day = [began.getFullYear(), two(began.getMonth() + 1), two(began.getDate())].join('-');
  return `${day} ${two(began.getHours())}.${two(began.getMinutes())}`;
}
