import * as l10n from '@vscode/l10n';
import type { Prices, SessionId, Work } from '../../comfydeploy/model';
import type { ComfyUi, Ended, Web } from '../../comfyui/client';
import { comfyUiOf } from '../../comfyui/sessionPage';
import { Finishes } from '../../outputs/finishes';
import type { OutputsFolder } from '../../outputs/ui/outputsFolder';
import type { OutputFiles } from '../../outputs/ui/outputFiles';
import type { Disposable } from '../../platform/emitter';
import { isAbort } from '../../platform/errors';
import type { Journal } from '../../platform/journal';
import type { Memory } from '../../platform/memory';
import type { Settings } from '../../platform/ui/settings';
import { fail, inform } from '../../platform/ui/shown';
import { MINUTE } from '../../platform/units';
import { sessionName } from '../../sessions/sessionText';
import { ownReady, type ReadySession, type Snapshot } from '../../sessions/snapshot';
import { runOnSession } from '../../sessions/ui/runOnSession';
import type { Leadership } from '../../windows/leaderLease';
import { LONGEST_ROW, notifyWhenDoneFrom, dueRuns, type FinishedRun, type DueRuns } from '../finishedRuns';
import { doneText, failedText } from '../finishedText';
import { AnnouncedRuns } from '../announcedRuns';

export interface RunNoticesInput {
  readonly snapshot: Snapshot;
  readonly work: ReadonlyMap<SessionId, Work>;
  readonly prices: Prices | undefined;
}

export interface RunNoticesContext {
  readonly appState: () => RunNoticesInput;
  readonly leadership: Pick<Leadership, 'isLeader' | 'confirm'>;
  /** Which runs were announced, for the account in use. */
  readonly journal: () => Promise<Journal>;
  /** The user looks at the session's page. */
  readonly isInView: (id: SessionId) => boolean;
  readonly outputFiles: Pick<OutputFiles, 'openOutput' | 'saveOutputFiles'>;
  readonly guardSettings: () => { readonly saveBeforeEnd: boolean; readonly saveAsTheyFinish: boolean };
  readonly settings: Settings;
  readonly outputsFolder: Pick<OutputsFolder, 'ask'>;
  /** Of all windows. */
  readonly memory: Memory;
  readonly web: Web;
  readonly report: (error: unknown) => void;
}

/** Runs of one session that have ended and were not announced yet. */
interface Row {
  readonly runs: readonly FinishedRun[];
  /** Steady clock, ms. */
  readonly since: number;
  readonly alarm: Disposable;
}

/** How many of the last runs are read, in turn, until that is enough: their graphs come along. */
const LOOKS = [2, 8, 32];
/** Older runs are not announced, ms: they ended while nobody looked. */
const OLD = 15 * MINUTE;
const OFFERED = 'offeredToSave';

/**
 * Announces the end of runs, wherever they were queued: in one window, except for runs that the window that queued them
 * announces.
 */
export class RunNotices implements Disposable {
  readonly #closing = new AbortController();
  readonly #finishes = new Finishes();
  readonly #rows = new Map<SessionId, Row>();
  readonly #busy = new Set<SessionId>();
  readonly #announced: AnnouncedRuns;
  readonly #when: () => ReturnType<typeof notifyWhenDoneFrom>;

  constructor(private readonly context: RunNoticesContext) {
    this.#announced = new AnnouncedRuns(context.journal);
    this.#when = context.settings.reading(notifyWhenDoneFrom);
  }

  redraw(): void {
    const { appState, leadership } = this.context;
    const { snapshot, work } = appState();
    const isOn = this.#when() !== 'never' && leadership.isLeader && snapshot.kind === 'ready';
    const sessions = isOn ? ownReady(snapshot) : [];
    this.#finishes.see(
      sessions.map(({ id }) => id),
      work,
    );
    for (const id of this.#rows.keys()) if (!sessions.some((session) => session.id === id)) this.#drop(id);
    for (const session of sessions) if (this.#finishes.isDue(session.id)) this.#attend(session);
  }

  dispose(): void {
    this.#closing.abort();
    for (const id of this.#rows.keys()) this.#drop(id);
  }

  #attend(session: ReadySession): void {
    const { id } = session;
    if (this.#busy.has(id)) return;
    this.#busy.add(id);
    this.#finishes.take(id);
    // A failed request is repeated at the next redraw.
    const unlessAsked = (error: unknown) => (isAbort(error) ? undefined : this.#finishes.giveBack(id));
    void this.#look(session)
      .then(() => this.#settle(session))
      .catch(unlessAsked)
      .finally(() => this.#busy.delete(id));
  }

  async #look(session: ReadySession): Promise<void> {
    const { id } = session;
    const announced = await this.#announced.of(id);
    const runs = await lastRuns(comfyUiOf(session, this.context.web), announced, this.#closing.signal);
    if (!announced) {
      await this.#announced.claim(id, idsOf(runs));
      return;
    }
    const row = this.#rows.get(id)?.runs ?? [];
    const known = new Set([...announced, ...idsOf(row)]);
    const ended = runs.filter(({ promptId }) => !known.has(promptId));
    const news = ended.flatMap(announceable);
    const rest = idsOf(ended).filter((run) => !idsOf(news).includes(run));
    if (rest.length > 0) await this.#announced.claim(id, rest);
    if (news.length > 0) this.#keep(id, [...row, ...news]);
  }

  /** Announces what is due; the rest waits for an alarm. */
  async #settle(session: ReadySession): Promise<void> {
    const { leadership, isInView, appState, web } = this.context;
    const { id } = session;
    const row = this.#rows.get(id);
    if (!row || !(await leadership.confirm())) return;
    const activity = appState().work.get(id)?.activity;
    const waited = web.clock.monotonic() - row.since;
    const moment = { when: this.#when(), isInView: isInView(id), isBusy: activity?.kind !== 'idle', waited };
    const { left } = dueRuns(row.runs, moment);
    const over = row.runs.filter((run) => !idsOf(left).includes(run.promptId));
    if (over.length === 0) return;
    const own = await this.#announced.claim(id, idsOf(over));
    const { done, failed } = dueRuns(
      row.runs.filter(({ promptId }) => own.has(promptId)),
      moment,
    );
    this.#drop(id);
    if (left.length > 0) this.#keep(id, left);
    if (failed.length > 0) this.#announceFailed(session, failed).catch(this.context.report);
    if (done.length > 0) this.#announceDone(session, done).catch(this.context.report);
  }

  #keep(id: SessionId, runs: readonly FinishedRun[]): void {
    const { clock } = this.context.web;
    const before = this.#rows.get(id);
    const alarm = before?.alarm ?? clock.after(LONGEST_ROW, () => [this.#finishes.giveBack(id), this.redraw()]);
    this.#rows.set(id, { runs, since: before?.since ?? clock.monotonic(), alarm });
  }

  #drop(id: SessionId): void {
    this.#rows.get(id)?.alarm.dispose();
    this.#rows.delete(id);
  }

  async #announceFailed({ id }: ReadySession, failed: DueRuns['failed']): Promise<void> {
    const open = l10n.t('Open Session');
    const text = failedText(failed, this.#nameOf(id));
    if ((await fail(text, open)) === open) await runOnSession('openSession', id);
  }

  async #announceDone({ id, gpu }: ReadySession, done: DueRuns['done']): Promise<void> {
    const { appState, outputFiles, guardSettings } = this.context;
    const files = done.flatMap(({ ending }) => ending.files);
    const last = files.at(-1);
    const { saveBeforeEnd, saveAsTheyFinish } = guardSettings();
    const isOffered = !saveBeforeEnd && last !== undefined && (await this.#isFirst());
    const [open, save, always] = [l10n.t('Open'), l10n.t('Save'), l10n.t('Always Save')];
    const ways = last ? [open, ...(saveAsTheyFinish ? [] : [save]), ...(isOffered ? [always] : [])] : [];
    const text = doneText(done, this.#nameOf(id), appState().prices?.get(gpu));
    const chosen = await inform(text, ...ways);
    if (chosen === open && last) await outputFiles.openOutput(id, last);
    if (chosen === save) await outputFiles.saveOutputFiles(id, files);
    if (chosen === always) await this.#saveFromNowOn();
  }

  #nameOf(id: SessionId): string {
    const { snapshot } = this.context.appState();
    const session = snapshot.kind === 'ready' ? snapshot.sessions.find((one) => one.id === id) : undefined;
    return session ? sessionName(session, snapshot) : id;
  }

  /** The offer is made once. */
  async #isFirst(): Promise<boolean> {
    const { memory } = this.context;
    if (memory.get(OFFERED) === true) return false;
    await memory.update(OFFERED, true);
    return true;
  }

  async #saveFromNowOn(): Promise<void> {
    const { settings, outputsFolder } = this.context;
    if ((await outputsFolder.ask()) !== undefined) await settings.set('saveOutputs', 'asTheyFinish');
  }
}

function idsOf(runs: readonly { readonly promptId: string }[]): readonly string[] {
  return runs.map(({ promptId }) => promptId);
}

/** Leaves out runs that the user stopped, old ones, and those that one of our windows follows. */
function announceable({ promptId, ending, age, isFollowed }: Ended): readonly FinishedRun[] {
  if (isFollowed || ending.kind === 'interrupted' || (age !== undefined && age > OLD)) return [];
  return [{ promptId, ending }];
}

/** The last runs, oldest first: back to an announced one, if that is not too far. */
async function lastRuns(
  comfyUi: Pick<ComfyUi, 'ended'>,
  announced: ReadonlySet<string> | undefined,
  signal: AbortSignal,
): Promise<readonly Ended[]> {
  for (const count of LOOKS) {
    const runs = await comfyUi.ended(count, signal);
    const isEnough = runs.length < count || !announced || runs.some(({ promptId }) => announced.has(promptId));
    if (isEnough || count === LOOKS.at(-1)) return runs;
  }
  return [];
}
