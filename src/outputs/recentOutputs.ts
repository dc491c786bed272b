import * as l10n from '@vscode/l10n';
import { newsOf } from '../sessions/news';
import { pageOf, type Session, type SessionId } from '../comfydeploy/model';
import { Emitter, type Disposable } from '../platform/emitter';
import type { ServerTime } from '../platform/serverTime';
import { findSession, machineOf, ownSessions, sessionsOf, type Snapshot } from '../sessions/snapshot';
import type { Store } from '../sessions/store';
import type { ActivityMonitor } from '../activity/activityMonitor';
import type { ComfyUi, Web } from '../comfyui/client';
import { OutputBytes } from './outputBytes';
import type { OutputFile } from '../comfyui/outputs';
import { comfyUiOf } from '../comfyui/sessionPage';
import { SessionOutputs, type Recent } from './sessionOutputs';

export interface RecentOutputsOptions extends Web {
  readonly store: Pick<Store, 'snapshot' | 'onDidChange'>;
  readonly monitor: Pick<ActivityMonitor, 'current' | 'onDidChange'>;
  readonly serverTime: Pick<ServerTime, 'now'>;
}

/** A file of a session whose content has changed. */
export interface Rewritten {
  readonly sessionId: SessionId;
  readonly file: OutputFile;
}

/** The number of sessions that are remembered while they are not visible. */
const MOST_UNSEEN = 8;
const UNKNOWN: Recent = { kind: 'unknown' };

/**
 * The recent outputs of the user's own sessions. Reads only those that are visible, when they become visible and
 * whenever the activity monitor has seen another run finish, or one that a caller names.
 */
export class RecentOutputs implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  readonly #rewritten = new Emitter<Rewritten>();
  readonly onDidRewrite = this.#rewritten.event;
  /** The contents of files. */
  readonly bytes: OutputBytes;
  readonly #bySession = new Map<SessionId, SessionOutputs>();
  /** Where the outputs of which sessions are visible. */
  readonly #shown = new Map<object, ReadonlySet<SessionId>>();
  readonly #subscriptions: readonly Disposable[];

  constructor(private readonly options: RecentOutputsOptions) {
    this.bytes = new OutputBytes({ ...options, comfyUi: (id) => this.#comfyUi(id) });
    this.#subscriptions = [
      newsOf(options.store)((snapshot) => this.#forgetOver(snapshot)),
      options.monitor.onDidChange(() => this.#lookAtDue()),
    ];
  }

  readonly of = (id: SessionId): Recent => this.#bySession.get(id)?.recent ?? UNKNOWN;

  /** Bytes. @throws {ApiError} */
  readonly sizeOf = (id: SessionId, file: OutputFile): Promise<number> => this.bytes.sizeOf(id, file);

  /** The first part of its files' addresses, only shown: `sd-box L4`. */
  readonly placeOf = (id: SessionId): string => {
    const { snapshot } = this.options.store;
    const session = findSession(snapshot, id);
    if (!session) return l10n.t('Session');
    return `${machineOf(snapshot, session)?.name ?? ''} ${session.gpu}`.trim();
  };

  /** Sets which sessions' outputs are visible in one place. */
  show(idsThere: ReadonlySet<SessionId>, there: object): void {
    this.#shown.set(there, idsThere);
    const ids = this.#visible();
    for (const [id, outputs] of this.#bySession) outputs.isShown = ids.has(id);
    this.#lookAtDue();
    for (const id of ids) void this.#bySession.get(id)?.takePictures();
    const unseen = [...this.#bySession.keys()].filter((id) => !ids.has(id));
    for (const id of unseen.slice(0, Math.max(0, unseen.length - MOST_UNSEEN))) this.#forget(id);
  }

  /** Reads them now. A failure is part of the result. */
  async look(id: SessionId): Promise<void> {
    this.bytes.forget(id);
    await this.#outputsOf(id)?.lookAgain();
  }

  /** Another account or server is in use. */
  reset(): void {
    for (const outputs of this.#bySession.values()) outputs.dispose();
    this.#bySession.clear();
    this.bytes.reset();
    this.#changed.fire();
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
    this.reset();
    this.#changed.dispose();
    this.#rewritten.dispose();
  }

  #visible(): ReadonlySet<SessionId> {
    return new Set([...this.#shown.values()].flatMap((ids) => [...ids]));
  }

  #lookAtDue(): void {
    for (const id of this.#visible()) {
      const outputs = this.#outputsOf(id);
      if (outputs?.isDue) void outputs.look();
    }
  }

  #outputsOf(id: SessionId): SessionOutputs | undefined {
    const known = this.#bySession.get(id);
    if (known || !outputSessions(this.options.store.snapshot).some((session) => session.id === id)) return known;
    const outputs = new SessionOutputs({
      ...this.options,
      comfyUi: () => this.#comfyUi(id),
      work: () => this.options.monitor.current.get(id),
      changed: () => this.#bySession.get(id) === outputs && this.#changed.fire(),
      rewritten: (file) => {
        this.bytes.forget(id, file);
        this.#rewritten.fire({ sessionId: id, file });
      },
    });
    outputs.isShown = this.#visible().has(id);
    this.#bySession.set(id, outputs);
    return outputs;
  }

  #forgetOver(snapshot: Snapshot): void {
    this.bytes.keepOnly(new Set(sessionsOf(snapshot).map(({ id }) => id)));
    if (this.#bySession.size === 0) return;
    const ids = new Set(outputSessions(snapshot).map(({ id }) => id));
    const over = [...this.#bySession.keys()].filter((id) => !ids.has(id));
    for (const id of over) this.#forget(id);
    if (over.length > 0) this.#changed.fire();
  }

  #forget(id: SessionId): void {
    this.#bySession.get(id)?.dispose();
    this.#bySession.delete(id);
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
