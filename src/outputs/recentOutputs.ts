import { pageOf, type Session, type SessionId } from '../comfydeploy/model';
import { Emitter, type Disposable } from '../platform/emitter';
import type { ServerTime } from '../platform/serverTime';
import { findSession, ownSessions, sessionsOf, type Snapshot } from '../sessions/snapshot';
import type { Store } from '../sessions/store';
import type { Watch } from '../activity/watch';
import type { ComfyUi, Web } from '../comfyui/client';
import { OutputBytes } from './outputBytes';
import type { OutputFile } from '../comfyui/outputs';
import { comfyUiOf } from '../comfyui/sessionPage';
import { Shelf, type Recent } from './shelf';

export interface RecentOutputsOptions extends Web {
  readonly store: Pick<Store, 'snapshot' | 'onDidChange'>;
  readonly watch: Pick<Watch, 'current' | 'onDidChange'>;
  readonly serverTime: Pick<ServerTime, 'now'>;
}

/** A file of a session that reads otherwise by now. */
export interface Rewritten {
  readonly sessionId: SessionId;
  readonly file: OutputFile;
}

/** Sessions of which something is remembered while nobody looks at it. */
const MOST_UNSEEN = 8;
const UNKNOWN: Recent = { kind: 'unknown' };

/**
 * What the user's own sessions have brought forth lately. Asks only about those that are on show, once they are and
 * whenever the watch has seen that another run finished, or about one that somebody names.
 */
export class RecentOutputs implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #rewritten = new Emitter<Rewritten>();
  readonly onDidRewrite = this.#rewritten.event;
  /** The contents of files. */
  readonly bytes: OutputBytes;
  readonly #shelves = new Map<SessionId, Shelf>();
  #shown: ReadonlySet<SessionId> = new Set();
  readonly #subscriptions: readonly Disposable[];

  constructor(private readonly options: RecentOutputsOptions) {
    this.bytes = new OutputBytes({ ...options, comfyUi: (id) => this.#comfyUi(id) });
    this.#subscriptions = [
      options.store.onDidChange((snapshot) => this.#forgetOver(snapshot)),
      options.watch.onDidChange(() => this.#lookAtDue()),
    ];
  }

  readonly of = (id: SessionId): Recent => this.#shelves.get(id)?.recent ?? UNKNOWN;

  /** Bytes. @throws {ApiError} */
  readonly sizeOf = (id: SessionId, file: OutputFile): Promise<number> => this.bytes.sizeOf(id, file);

  /** Which sessions' outputs somebody can see now. */
  show(ids: ReadonlySet<SessionId>): void {
    this.#shown = ids;
    for (const [id, shelf] of this.#shelves) shelf.isShown = ids.has(id);
    this.#lookAtDue();
    for (const id of ids) void this.#shelves.get(id)?.takePictures();
    const unseen = [...this.#shelves.keys()].filter((id) => !ids.has(id));
    for (const id of unseen.slice(0, Math.max(0, unseen.length - MOST_UNSEEN))) this.#forget(id);
  }

  /** Looks now. A failure is part of what is known. */
  async look(id: SessionId): Promise<void> {
    this.bytes.forget(id);
    await this.#shelfOf(id)?.lookAgain();
  }

  /** Another account or server. */
  reset(): void {
    for (const shelf of this.#shelves.values()) shelf.dispose();
    this.#shelves.clear();
    this.bytes.reset();
    this.#changed.fire();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.reset();
    this.#changed.dispose();
    this.#rewritten.dispose();
  }

  #lookAtDue(): void {
    for (const id of this.#shown) {
      const shelf = this.#shelfOf(id);
      if (shelf?.isDue) void shelf.look();
    }
  }

  #shelfOf(id: SessionId): Shelf | undefined {
    const known = this.#shelves.get(id);
    if (known || !outputSessions(this.options.store.snapshot).some((session) => session.id === id)) return known;
    const shelf = new Shelf({
      ...this.options,
      comfyUi: () => this.#comfyUi(id),
      work: () => this.options.watch.current.get(id),
      changed: () => this.#shelves.get(id) === shelf && this.#changed.fire(),
      rewritten: (file) => {
        this.bytes.forget(id, file);
        this.#rewritten.fire({ sessionId: id, file });
      },
    });
    shelf.isShown = this.#shown.has(id);
    this.#shelves.set(id, shelf);
    return shelf;
  }

  #forgetOver(snapshot: Snapshot): void {
    this.bytes.keepOnly(new Set(sessionsOf(snapshot).map(({ id }) => id)));
    if (this.#shelves.size === 0) return;
    const ids = new Set(outputSessions(snapshot).map(({ id }) => id));
    const over = [...this.#shelves.keys()].filter((id) => !ids.has(id));
    for (const id of over) this.#forget(id);
    if (over.length > 0) this.#changed.fire();
  }

  #forget(id: SessionId): void {
    this.#shelves.get(id)?.dispose();
    this.#shelves.delete(id);
  }

  #comfyUi(id: SessionId): ComfyUi {
    return comfyUiOf(findSession(this.options.store.snapshot, id), this.options);
  }
}

/** The user's own sessions that have a page. */
function outputSessions(snapshot: Snapshot): readonly Session[] {
  return ownSessions(snapshot).filter(hasOutputs);
}

/** Whether there is a ComfyUI to ask. */
export function hasOutputs(session: Session): boolean {
  return pageOf(session) !== undefined;
}
