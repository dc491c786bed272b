import * as l10n from '@vscode/l10n';
import type * as vscode from 'vscode';
import { toApiError } from '../../platform/errors';
import { DiskError } from '../../platform/folder';
import type { SessionSaver } from '../../outputs/sessionSaver';
import { isTrustworthy } from '../ladder';
import { moneyLimit, type MoneyLimitInput } from '../spendingLimits';
import { LONGEST_SAVING } from '../countdown';
import { announcedToEnd, dueToSave, isDueToSave, type SavedEnds } from '../../outputs/savingTime';
import type { GuardSettings } from '../guardSettings';
import type { Leadership } from '../../windows/leaderLease';
import type { Session, SessionId } from '../../comfydeploy/model';
import { sessionTitle } from '../../sessions/sessionText';
import { beforeEndText, heldText, notHeldText, retriedText, unsavedText } from '../../outputs/savedText';
import { sleep, type Clock } from '../../platform/clock';
import type { Disposable } from '../../platform/emitter';
import { findSession, type Snapshot, type ReadySession } from '../../sessions/snapshot';
import { runOnSession } from '../../sessions/ui/runOnSession';
import type { OutputsFolder } from '../../outputs/ui/outputsFolder';
import { announceSaved, extendingWhileSaving } from '../../outputs/ui/savingProgress';
import { inform, warn } from '../../platform/ui/shown';
import { MINUTE, SECOND } from '../../platform/units';

export interface SavingBeforeEndInput extends MoneyLimitInput {
  readonly snapshot: Snapshot;
  /** Server time, ms. */
  readonly now: number;
  /** Local clock, ms. */
  readonly localNow: number;
  /** When sessions are ended automatically unless the user keeps them, server time, ms. */
  readonly countdowns: ReadonlyMap<SessionId, number>;
  readonly limits: MoneyLimitInput['limits'] & Pick<GuardSettings, 'savesOutputs'>;
}

export interface SavingContext {
  readonly appState: () => SavingBeforeEndInput;
  readonly leadership: Pick<Leadership, 'isLeader' | 'confirm'>;
  readonly saver: SessionSaver;
  readonly outputsFolder: Pick<OutputsFolder, 'known'>;
  readonly guardSettings: () => Pick<GuardSettings, 'saveBeforeEnd'>;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** The result of a save. */
interface Outcome {
  readonly isWorthRetry: boolean;
  /** Why not everything was saved. */
  readonly why: string | undefined;
}

/** Infrequent, since the newest entry of the history may be half a megabyte. */
const LOOK_EVERY = 10 * SECOND;
const LOOK_OFTEN = 4 * SECOND;
const CLOSE = 30 * SECOND;
const RETRY_EVERY = 20 * SECOND;

/**
 * Saves the outputs of sessions that are about to end, if the user wants that, in one window: before every end, and
 * when an automatic end is announced; after that whenever a run has finished, until the end.
 */
export class SavingBeforeEnd implements vscode.Disposable {
  readonly #closing = new AbortController();
  #saved: SavedEnds = new Map();
  /** Sessions with an announced automatic end whose saving has begun. */
  #announced: ReadonlySet<SessionId> = new Set();
  /** Sessions being handled now. */
  readonly #attended = new Set<SessionId>();

  constructor(private readonly context: SavingContext) {}

  redraw(): void {
    const { appState, leadership, guardSettings, report, saver } = this.context;
    const { snapshot, now, localNow, countdowns } = appState();
    if (!leadership.isLeader || !guardSettings().saveBeforeEnd || snapshot.kind !== 'ready') return;
    if (!isTrustworthy(snapshot, localNow)) return;
    // What is already being saved after a run is handled once that is done.
    const isFree = ({ id }: Session) => !saver.isSaving(id);
    const due = dueToSave(snapshot, now, this.#saved).filter(isFree);
    const announced = announcedToEnd(snapshot, countdowns).filter(isFree);
    const news = announced.filter(({ id }) => !this.#announced.has(id));
    for (const { id, endsAt } of due) this.#saved = new Map(this.#saved).set(id, endsAt);
    this.#announced = new Set(announced.map(({ id }) => id));
    for (const session of new Set([...due, ...news])) this.#attend(session).catch(report);
  }

  dispose(): void {
    this.#closing.abort();
  }

  /** Saves, and saves again whenever a run has finished, until the session ends or its end is postponed. */
  async #attend(session: Session): Promise<void> {
    const { appState, leadership, saver, outputsFolder } = this.context;
    const { id } = session;
    if (this.#attended.has(id) || saver.isSaving(id) || !(await leadership.confirm())) return;
    const into = outputsFolder.known();
    if (into === undefined) return this.#askForFolder(session, sessionTitle(session, appState().snapshot));
    this.#attended.add(id);
    let hold: Disposable | undefined;
    try {
      for (let before: Outcome | undefined, due: ReadySession | undefined; ;) {
        const outcome = await this.#save(due ?? session, into, before);
        if (outcome.isWorthRetry) hold ??= this.#hold(session);
        else hold?.dispose();
        before = outcome;
        due = await this.#untilDueAgain(session, outcome);
        if (!due) return;
      }
    } catch (error) {
      if (!this.#closing.signal.aborted) throw error;
    } finally {
      hold?.dispose();
      this.#attended.delete(id);
    }
  }

  /** Announces each result once. @throws once the window closes. */
  async #save(session: Session, into: string, before: Outcome | undefined): Promise<Outcome> {
    const { appState, saver, report } = this.context;
    const { signal } = this.#closing;
    const name = sessionTitle(session, appState().snapshot);
    try {
      const saved = await saver.save(session, { into, signal, progress: extendingWhileSaving(appState, session) });
      signal.throwIfAborted();
      const why = unsavedText(saved);
      const outcome = { isWorthRetry: saved.failed.some(({ canBeRetried }) => canBeRetried), why };
      if (saved.saved + saved.workflows === 0 && why === before?.why) return outcome;
      const done = beforeEndText(name, saved);
      const text = why === undefined ? done : `${done} ${why}`;
      announceSaved(why === undefined ? inform : warn, text, saved.place).catch(report);
      return outcome;
    } catch (error) {
      signal.throwIfAborted();
      const { message: why } = error instanceof DiskError ? error : toApiError(error);
      if (why !== before?.why) void warn(retriedText(name, why));
      return { isWorthRetry: true, why };
    }
  }

  /**
   * An automatic end waits for outputs that could not be saved, as long as it would for a save, if the spending limits
   * allow that. The user is informed which of both applies.
   */
  #hold(session: Session): Disposable | undefined {
    const { appState, saver } = this.context;
    const endsAt = appState().countdowns.get(session.id);
    const due = this.#dueOf(session);
    if (endsAt === undefined || !due) return undefined;
    const name = sessionTitle(session, appState().snapshot);
    const isAllowed = moneyLimit(appState(), due, Math.ceil(LONGEST_SAVING / MINUTE)) === undefined;
    void warn(isAllowed ? heldText(name, endsAt + LONGEST_SAVING) : notHeldText(name));
    return isAllowed ? saver.hold(session.id) : { dispose: () => undefined };
  }

  /** Waits until outputs have to be saved again. Undefined if the session has ended or its end is no longer near. */
  async #untilDueAgain(session: Session, { isWorthRetry }: Outcome): Promise<ReadySession | undefined> {
    const { appState, clock, saver } = this.context;
    const { signal } = this.#closing;
    for (;;) {
      const left = (this.#dueOf(session)?.endsAt ?? 0) - appState().now;
      await sleep(clock, isWorthRetry ? RETRY_EVERY : left < CLOSE ? LOOK_OFTEN : LOOK_EVERY, signal);
      const due = this.#dueOf(session);
      if (!due) return undefined;
      if (saver.isSaving(due.id)) continue;
      if (isWorthRetry || (await saver.hasNews(due, signal).catch(() => false))) return due;
    }
  }

  #dueOf({ id }: Session): ReadySession | undefined {
    const { appState, leadership, guardSettings } = this.context;
    const { snapshot, now, countdowns } = appState();
    const known = findSession(snapshot, id);
    if (known?.phase !== 'ready' || !leadership.isLeader || !guardSettings().saveBeforeEnd) return undefined;
    return countdowns.has(id) || isDueToSave(known, now) ? known : undefined;
  }

  async #askForFolder(session: Session, name: string): Promise<void> {
    const { appState, clock } = this.context;
    const { signal } = this.#closing;
    await sleep(clock, CLOSE, signal).catch(() => undefined); // another editor may not have heard of the session yet
    if (signal.aborted || appState().limits.savesOutputs || !this.#dueOf(session)) return;
    const text = l10n.t('{0} is about to end, and its outputs are not saved: no folder is set for them.', name);
    const choose = l10n.t('Choose Folder…');
    if ((await warn(text, choose)) !== choose) return;
    await runOnSession('saveOutputs', session.id);
  }
}
