import type * as vscode from 'vscode';
import { toApiError } from '../core/api/errors';
import { DiskError } from '../core/comfyui/folder';
import type { Disk, SessionSaver } from '../core/comfyui/sessionSaver';
import { isTrustworthy } from '../core/guard/ladder';
import { announcedToEnd, dueToSave, type SavedEnds } from '../core/guard/saving';
import type { Seat } from '../core/guard/seat';
import type { Session, SessionId } from '../core/model';
import type { Facts } from '../core/present/facts';
import { sessionTitle } from '../core/present/sessionText';
import { savedText, unsavedText } from '../core/present/savedText';
import { runOnSession } from './commands';
import { knownFolder } from './outputsFolder';
import { tellSaved, watchTime } from './savingProgress';
import type { Settings } from './settings';
import { inform, warn } from './shown';

export interface SavingContext {
  readonly facts: () => Facts;
  readonly seat: Pick<Seat, 'isMine' | 'confirm'>;
  readonly saver: SessionSaver;
  readonly disk: Disk;
  readonly settings: Settings;
  readonly report: (error: unknown) => void;
}

const CHOOSE = 'Choose Folder…';

/**
 * Saves the outputs of sessions that are about to end, where the user wants that: once for every end, and once for every
 * announcement that one will be ended by itself, in one window.
 */
export class SavingBeforeEnd implements vscode.Disposable {
  readonly #closing = new AbortController();
  #saved: SavedEnds = new Map();
  /** Will be ended by themselves, and were seen to. */
  #announced: ReadonlySet<SessionId> = new Set();

  constructor(private readonly context: SavingContext) {}

  redraw(): void {
    const { facts, seat, settings, report } = this.context;
    const { snapshot, now, localNow, countdowns } = facts();
    if (!seat.isMine || !settings.rules().saveBeforeEnd || snapshot.kind !== 'ready') return;
    if (!isTrustworthy(snapshot, localNow)) return;
    const due = dueToSave(snapshot, now, this.#saved);
    const announced = announcedToEnd(snapshot, countdowns);
    const news = announced.filter(({ id }) => !this.#announced.has(id));
    for (const { id, endsAt } of due) this.#saved = new Map(this.#saved).set(id, endsAt);
    this.#announced = new Set(announced.map(({ id }) => id));
    for (const session of new Set([...due, ...news])) this.#save(session).catch(report);
  }

  dispose(): void {
    this.#closing.abort();
  }

  async #save(session: Session): Promise<void> {
    const { facts, seat, saver, disk, settings } = this.context;
    if (facts().saving.has(session.id) || !(await seat.confirm())) return;
    const name = sessionTitle(session, facts().snapshot);
    const into = knownFolder(settings, disk);
    if (into === undefined) return this.#askForFolder(session, name);
    const { signal } = this.#closing;
    try {
      const saved = await saver.save(session, { into, signal, progress: watchTime(facts, session) });
      if (signal.aborted) return;
      const unsaved = unsavedText(saved);
      if (saved.saved + saved.workflows === 0 && unsaved === undefined) return;
      const show = unsaved === undefined ? inform : warn;
      const text = `Before the end of ${name}: ${savedText(saved)}${unsaved === undefined ? '' : ` ${unsaved}`}`;
      await tellSaved(show, text, saved.place);
    } catch (error) {
      if (signal.aborted) return;
      const { message } = error instanceof DiskError ? error : toApiError(error);
      await warn(`The outputs of ${name} could not be saved before its end. ${message}`);
    }
  }

  async #askForFolder(session: Session, name: string): Promise<void> {
    const text = `${name} is about to end, and its outputs are not saved: no folder is set for them.`;
    if ((await warn(text, CHOOSE)) !== CHOOSE) return;
    await runOnSession('saveOutputs', session.id);
  }
}
