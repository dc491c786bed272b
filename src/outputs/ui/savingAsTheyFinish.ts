import * as l10n from '@vscode/l10n';
import type { SessionId, Work } from '../../comfydeploy/model';
import { backoff } from '../../platform/backoff';
import type { Clock } from '../../platform/clock';
import type { Disposable } from '../../platform/emitter';
import { toApiError } from '../../platform/errors';
import { DiskError } from '../../platform/folder';
import { warn } from '../../platform/ui/shown';
import { MINUTE, SECOND } from '../../platform/units';
import { sessionTitle } from '../../sessions/sessionText';
import { ownReady, type ReadySession, type Snapshot } from '../../sessions/snapshot';
import { runOnSession } from '../../sessions/ui/runOnSession';
import type { Leadership } from '../../windows/leaderLease';
import { Finishes } from '../finishes';
import { retriedText, unsavedText } from '../savedText';
import { isDueToSave } from '../savingTime';
import type { SessionSaver } from '../sessionSaver';
import type { OutputsFolder } from './outputsFolder';

export interface SavingAsTheyFinishInput {
  readonly snapshot: Snapshot;
  readonly work: ReadonlyMap<SessionId, Work>;
  /** Server time, ms. */
  readonly now: number;
  /** When sessions are ended automatically unless the user keeps them, server time, ms. */
  readonly countdowns: ReadonlyMap<SessionId, number>;
  /** Whether any editor saves outputs. */
  readonly limits: { readonly savesOutputs: boolean };
}

export interface SavingAsTheyFinishContext {
  readonly appState: () => SavingAsTheyFinishInput;
  readonly leadership: Pick<Leadership, 'isLeader' | 'confirm'>;
  readonly saver: Pick<SessionSaver, 'save' | 'isSaving'>;
  readonly outputsFolder: Pick<OutputsFolder, 'known'>;
  readonly guardSettings: () => { readonly saveAsTheyFinish: boolean };
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** A session whose last save failed. */
interface Trouble extends Disposable {
  readonly failures: number;
  readonly why: string;
}

const RETRY = { first: 20 * SECOND, longest: 5 * MINUTE };

/**
 * Saves the outputs of the user's own sessions after every run, in one window. Failures are retried, and reported once;
 * sessions that are about to end are left to `SavingBeforeEnd`.
 */
export class SavingAsTheyFinish implements Disposable {
  readonly #closing = new AbortController();
  readonly #finishes = new Finishes();
  readonly #saving = new Set<SessionId>();
  readonly #troubles = new Map<SessionId, Trouble>();
  #isFolderAsked = false;

  constructor(private readonly context: SavingAsTheyFinishContext) {}

  redraw(): void {
    const { appState, leadership, guardSettings, saver, report } = this.context;
    const { snapshot, work } = appState();
    if (!leadership.isLeader || !guardSettings().saveAsTheyFinish || snapshot.kind !== 'ready') return;
    const sessions = ownReady(snapshot);
    const ids = sessions.map(({ id }) => id);
    this.#finishes.see(ids, work);
    for (const id of this.#troubles.keys()) if (!ids.includes(id)) this.#calm(id);
    for (const session of sessions) {
      const { id } = session;
      const isFree = !this.#saving.has(id) && !saver.isSaving(id) && !this.#isEnding(session);
      if (isFree && this.#finishes.isDue(id)) this.#attend(session).catch(report);
    }
  }

  dispose(): void {
    this.#closing.abort();
    for (const id of this.#troubles.keys()) this.#calm(id);
  }

  #isEnding(session: ReadySession): boolean {
    const { now, countdowns } = this.context.appState();
    return countdowns.has(session.id) || isDueToSave(session, now);
  }

  async #attend(session: ReadySession): Promise<void> {
    const { leadership, outputsFolder } = this.context;
    const { id } = session;
    this.#saving.add(id);
    try {
      if (!(await leadership.confirm())) return;
      this.#finishes.take(id);
      const into = outputsFolder.known();
      if (into === undefined) return await this.#askForFolder(session);
      const why = await this.#save(session, into);
      if (why === undefined) this.#calm(id);
      else this.#retry(session, why);
    } finally {
      this.#saving.delete(id);
    }
  }

  /** Why not everything was saved, if another try may help; undefined otherwise. */
  async #save(session: ReadySession, into: string): Promise<string | undefined> {
    const { saver } = this.context;
    const { signal } = this.#closing;
    try {
      const saved = await saver.save(session, { into, signal, progress: () => undefined, isForNews: true });
      return saved.failed.some(({ canBeRetried }) => canBeRetried) ? unsavedText(saved) : undefined;
    } catch (error) {
      if (signal.aborted) return undefined;
      return (error instanceof DiskError ? error : toApiError(error)).message;
    }
  }

  #retry(session: ReadySession, why: string): void {
    const { clock, appState } = this.context;
    const { id } = session;
    const before = this.#troubles.get(id);
    before?.dispose();
    const failures = (before?.failures ?? 0) + 1;
    const again = clock.after(backoff(failures, 1, RETRY.first, RETRY.longest), () => {
      this.#finishes.giveBack(id);
      this.redraw();
    });
    this.#troubles.set(id, { failures, why, dispose: () => again.dispose() });
    if (before?.why === why) return;
    const name = sessionTitle(session, appState().snapshot);
    void warn(retriedText(name, why));
  }

  #calm(id: SessionId): void {
    this.#troubles.get(id)?.dispose();
    this.#troubles.delete(id);
  }

  /** Asks once: what has run meanwhile is saved with the next run. */
  async #askForFolder({ id }: ReadySession): Promise<void> {
    this.#finishes.giveBack(id);
    if (this.#isFolderAsked || this.context.appState().limits.savesOutputs) return;
    this.#isFolderAsked = true;
    const choose = l10n.t('Choose Folder…');
    const text = l10n.t('The outputs of your sessions are not saved: no folder is set for them.');
    if ((await warn(text, choose)) === choose) await runOnSession('saveOutputs', id);
  }
}
