import * as l10n from '@vscode/l10n';
import { isAbort, toApiError } from '../../platform/errors';
import { canvasText, type Canvases } from '../canvasText';
import { Rounds } from '../rounds';
import type { Saved } from '../saver';
import type { SessionSaver } from '../sessionSaver';
import type { Acts, Yes } from '../../sessions/acts';
import { pageOf, type Session } from '../../comfydeploy/model';
import { beforeEndText, missedText, savedText, unsavedText, unsureText } from '../savedText';
import { sessionTitle } from '../../sessions/sessionText';
import { atMost, sleep, type Clock } from '../../platform/clock';
import { findSession } from '../../sessions/snapshot';
import type { OutputsFolder } from './outputsFolder';
import { confirm, withProgress } from '../../platform/ui/pick';
import { saveWithProgress, announceSaved, EndNow, together, type SavingProgressInput } from './savingProgress';
import { inform } from '../../platform/ui/shown';

export interface SavedFirstContext {
  readonly appState: () => SavingProgressInput;
  readonly acts: Pick<Acts, 'agreed'>;
  readonly saver: SessionSaver;
  readonly outputsFolder: OutputsFolder;
  readonly guardSettings: () => { readonly saveBeforeEnd: boolean };
  readonly tabs: Canvases;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** The longest that a question waits for a disk, ms. */
const LONGEST_LOOK = 1_000;
const LOSS = () => l10n.t('Unsaved outputs and changes in ComfyUI will be lost and running renders stopped.');
const STOPPED = () => l10n.t('Saving its outputs was stopped.');
const LOOK_EVERY = 1_000;

/** What happens to outputs and everything else when the user ends sessions. Does not promise a save that will fail. */
export async function lossText(context: SavedFirstContext, sessions: readonly Session[]): Promise<string> {
  if (!context.guardSettings().saveBeforeEnd) return LOSS();
  const into = folderOf(context);
  if (into === undefined) return `${l10n.t('No folder is set for saving outputs.')} ${LOSS()}`;
  const why = await whyNotInto(context, into);
  return why === undefined
    ? `${l10n.t('Outputs are saved to {0} first.', into)} ${canvasText(context.tabs, sessions)}`
    : `${l10n.t("The outputs can't be saved first.")} ${why} ${LOSS()}`;
}

async function whyNotInto({ outputsFolder, clock }: SavedFirstContext, into: string): Promise<string | undefined> {
  let why: string | undefined = l10n.t('{0} is not responding.', into);
  const look = outputsFolder.whyNotWritable(into).then((answer) => (why = answer));
  await atMost(clock, LONGEST_LOOK, look);
  return why;
}

/** The result of saving before an end. */
export interface SavedFirst {
  /** The sessions to end: without those whose outputs could not be saved, unless the user agreed. */
  readonly sessions: readonly Session[];
  /** Consent to that; undefined if the user was not asked. */
  readonly yes: Yes | undefined;
}

/** Saves before an end that the user requests, if the settings say to save before every end. */
export async function savedFirst(context: SavedFirstContext, sessions: readonly Session[]): Promise<SavedFirst> {
  const into = context.guardSettings().saveBeforeEnd ? folderOf(context) : undefined;
  if (into === undefined) return { sessions, yes: undefined };
  const outcomes = await Promise.all(
    sessions.map(async (session) => {
      const endNow = new EndNow(context, session);
      const why = pageOf(session) ? await save(context, session, into, endNow) : undefined;
      endNow.dispose();
      return { session, why: endNow.signal.aborted ? undefined : why, isHurried: endNow.signal.aborted };
    }),
  );
  const failed = outcomes.filter(({ why }) => why !== undefined);
  const [first] = failed;
  if (!first)
    return { sessions, yes: outcomes.every(({ isHurried }) => isHurried) ? context.acts.agreed() : undefined };
  const title = (session: Session) => sessionTitle(session, context.appState().snapshot);
  const question =
    failed.length === 1
      ? l10n.t('End {0} anyway?', title(first.session))
      : l10n.t('End these {0} sessions anyway?', failed.length);
  const lines = failed.map(({ session, why = '' }) =>
    failed.length === 1 ? why : l10n.t('{0}: {1}', title(session), why),
  );
  const isGivenUp = await confirm(question, lines.join('\n'), l10n.t('End Anyway'));
  const given = outcomes.filter(({ why }) => isGivenUp || why === undefined).map(({ session }) => session);
  return { sessions: given, yes: isGivenUp ? context.acts.agreed() : undefined };
}

/** Why not everything is saved; undefined if it is. */
async function save(
  context: SavedFirstContext,
  session: Session,
  into: string,
  endNow: EndNow,
): Promise<string | undefined> {
  const { saver, appState, clock, report } = context;
  const rounds = new Rounds(clock);
  let all: Saved | undefined;
  try {
    await untilFree(context, session, endNow);
    let hasNews = true;
    while (hasNews && rounds.next()) {
      const saved = await saveWithProgress(context, session, into, endNow);
      if (!saved || saved.left > 0 || endNow.signal.aborted) return STOPPED();
      all = all ? together(all, saved) : saved;
      const unsaved = unsavedText(all);
      if (unsaved !== undefined) return `${savedText(all)} ${unsaved}`;
      hasNews = await saver.hasNews(session);
    }
    if (hasNews) return missedText(1);
  } catch (error) {
    if (isAbort(error)) return STOPPED();
    const { message } = toApiError(error);
    if (!all) return l10n.t('Its outputs could not be saved. {0}', message);
    if (findSession(appState().snapshot, session.id)) return unsureText(message);
  }
  if (!all || all.saved + all.workflows === 0) return undefined;
  const text = beforeEndText(sessionTitle(session, appState().snapshot), all);
  announceSaved(inform, text, all.place).catch(report);
  return undefined;
}

/** Waits for another save of it, here or in another window. */
export async function untilFree(
  { saver, appState, clock }: Pick<SavedFirstContext, 'saver' | 'appState' | 'clock'>,
  session: Session,
  endNow?: EndNow,
): Promise<void> {
  const isBusy = () => saver.isSaving(session.id);
  if (!isBusy()) return;
  await withProgress(
    l10n.t('Saving the outputs of {0}', sessionTitle(session, appState().snapshot)),
    async (signal) => {
      const given = endNow ? AbortSignal.any([signal, endNow.signal]) : signal;
      while (isBusy()) await sleep(clock, LOOK_EVERY, given);
    },
  );
}

function folderOf({ outputsFolder }: SavedFirstContext): string | undefined {
  try {
    return outputsFolder.known();
  } catch {
    return undefined; // the text then says that there is none
  }
}
