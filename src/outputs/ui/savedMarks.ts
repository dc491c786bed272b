import type { SessionId } from '../../comfydeploy/model';
import { keyOf } from '../../comfyui/outputs';
import type { Clock } from '../../platform/clock';
import { together, type Disposable } from '../../platform/emitter';
import { SECOND } from '../../platform/units';
import { ownSessions, type Snapshot } from '../../sessions/snapshot';
import type { RecentOutputs } from '../recentOutputs';
import type { Recent, RecentFile } from '../sessionOutputs';
import type { SessionSaver } from '../sessionSaver';
import type { OutputsFolder } from './outputsFolder';

export interface SavedMarksContext {
  readonly appState: () => { readonly snapshot: Snapshot };
  readonly outputs: Pick<RecentOutputs, 'of' | 'onDidRewrite'>;
  readonly saver: Pick<SessionSaver, 'savedIn' | 'onDidSave'>;
  readonly outputsFolder: Pick<OutputsFolder, 'known'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Called when more files are marked. */
  readonly changed: () => void;
}

/** How often each file was saved, by its key. */
type Counts = ReadonlyMap<string, number>;

interface Marks {
  readonly counts: Counts;
  /** Which files were visible when the folder was read, and when that was: steady clock, ms. */
  readonly shown: string;
  readonly readAt: number;
}

const NONE: Counts = new Map();
/** Maximum age, ms, since another window may save what is visible here. */
const OLD = 10 * SECOND;

/**
 * Which of the visible outputs are in the user's folder, according to its manifest, which any window may have written.
 */
export class SavedMarks implements Disposable {
  readonly #marks = new Map<SessionId, Marks>();
  /** Files that were written again after they had been saved so many times. */
  readonly #stale = new Map<SessionId, Map<string, number>>();
  readonly #reading = new Set<SessionId>();
  readonly #subscriptions: Disposable;

  constructor(private readonly context: SavedMarksContext) {
    const { outputs, saver } = context;
    this.#subscriptions = together([
      outputs.onDidRewrite(({ sessionId, file }) => this.#outdate(sessionId, keyOf(file))),
      saver.onDidSave((id) => {
        this.#marks.delete(id);
        this.redraw();
      }),
    ]);
  }

  /** The recent outputs of a session, with marks for saved ones. */
  readonly of = (id: SessionId): Recent => {
    const recent = this.context.outputs.of(id);
    if (recent.kind !== 'known') return recent;
    return { ...recent, files: recent.files.map((one) => (this.#isSaved(id, one) ? { ...one, isSaved: true } : one)) };
  };

  redraw(): void {
    const ids = new Set(ownSessions(this.context.appState().snapshot).map(({ id }) => id));
    for (const map of [this.#marks, this.#stale]) for (const id of map.keys()) if (!ids.has(id)) map.delete(id);
    for (const id of ids) if (this.#isDue(id)) void this.#read(id);
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  #isSaved(id: SessionId, { file }: RecentFile): boolean {
    const key = keyOf(file);
    return (this.#marks.get(id)?.counts.get(key) ?? 0) > (this.#stale.get(id)?.get(key) ?? 0);
  }

  #outdate(id: SessionId, key: string): void {
    const stale = this.#stale.get(id) ?? new Map<string, number>();
    stale.set(key, this.#marks.get(id)?.counts.get(key) ?? 0);
    this.#stale.set(id, stale);
  }

  #isDue(id: SessionId): boolean {
    const recent = this.context.outputs.of(id);
    if (recent.kind !== 'known' || recent.files.length === 0 || this.#reading.has(id)) return false;
    const marks = this.#marks.get(id);
    if (marks?.shown !== shownOf(recent.files)) return true;
    const isOld = this.context.clock.monotonic() - marks.readAt > OLD;
    return isOld && !recent.files.every((one) => this.#isSaved(id, one));
  }

  async #read(id: SessionId): Promise<void> {
    const { appState, saver, outputsFolder, outputs, clock, changed } = this.context;
    this.#reading.add(id);
    try {
      const { snapshot } = appState();
      const session = ownSessions(snapshot).find((one) => one.id === id);
      const recent = outputs.of(id);
      const into = outputsFolder.known();
      if (!session || recent.kind !== 'known' || into === undefined) return;
      const before = this.#marks.get(id)?.counts ?? NONE;
      const read = { shown: shownOf(recent.files), readAt: clock.monotonic() };
      // Not essential: an unreadable folder is reported when saving.
      const counts = await saver.savedIn(session, into).catch(() => before);
      this.#marks.set(id, { ...read, counts });
      if (counts.size > 0 || before.size > 0) changed();
    } catch {
      // the setting is not a folder, which is reported when saving
    } finally {
      this.#reading.delete(id);
    }
  }
}

function shownOf(files: readonly RecentFile[]): string {
  return files.map(({ file, finishedAt }) => `${keyOf(file)} ${finishedAt ?? ''}`).join('\n');
}
