import { isAbort, toApiError } from '../core/api/errors';
import type { Saved } from '../core/comfyui/saver';
import type { Disk, SessionSaver } from '../core/comfyui/sessionSaver';
import { pageOf, type Session } from '../core/model';
import { savedText, unsavedText } from '../core/present/savedText';
import { sessionTitle } from '../core/present/sessionText';
import { sleep, type Clock } from '../core/state/clock';
import type { Facts } from '../core/present/facts';
import { knownFolder } from './outputsFolder';
import { confirm, withProgress } from './pick';
import { saveWithProgress, tellSaved, together } from './savingProgress';
import type { Settings } from './settings';
import { inform } from './shown';

export interface SavedFirstContext {
  readonly facts: () => Facts;
  readonly saver: SessionSaver;
  readonly disk: Disk;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

const LOSS = 'Outputs and changes in ComfyUI that are not saved are lost, and a running render stops.';
const LOOK_EVERY = 1_000;
/** Where something finishes all the time, an end must come all the same. */
const MOST_ROUNDS = 5;

/** What becomes of the outputs, and of all else, when the user ends sessions by hand. */
export function lossText(context: SavedFirstContext, sessions: readonly Session[]): string {
  if (!context.settings.rules().saveBeforeEnd) return LOSS;
  const into = folderOf(context);
  if (into === undefined) return `No folder is set to save outputs to. ${LOSS}`;
  const whose = sessions.length === 1 ? 'Its' : 'Their';
  return `${whose} outputs are saved to ${into} first. Changes in ComfyUI that are not saved are lost, and a running render stops.`;
}

/**
 * Where outputs are to be saved before every end, they are before one that the user asks for, too.
 * @returns the sessions that may end: without those whose outputs could not be saved, unless the user gives them up.
 */
export async function savedFirst(
  context: SavedFirstContext,
  sessions: readonly Session[],
): Promise<readonly Session[]> {
  const into = context.settings.rules().saveBeforeEnd ? folderOf(context) : undefined;
  if (into === undefined) return sessions;
  const outcomes = await Promise.all(
    sessions.map(async (session) => ({
      session,
      why: pageOf(session) ? await save(context, session, into) : undefined,
    })),
  );
  const failed = outcomes.filter(({ why }) => why !== undefined);
  const [first] = failed;
  if (!first) return sessions;
  const title = (session: Session) => sessionTitle(session, context.facts().snapshot);
  const question = `End ${failed.length === 1 ? title(first.session) : `these ${failed.length} sessions`} anyway?`;
  const lines = failed.map(({ session, why = '' }) => (failed.length === 1 ? why : `${title(session)}: ${why}`));
  const isGivenUp = await confirm(question, lines.join('\n'), failed.length === 1 ? 'End Anyway' : 'End Them Anyway');
  return outcomes.filter(({ why }) => isGivenUp || why === undefined).map(({ session }) => session);
}

/** Why not all is saved; undefined if it is. */
async function save(context: SavedFirstContext, session: Session, into: string): Promise<string | undefined> {
  const { saver, facts, report } = context;
  let all: Saved | undefined;
  try {
    await untilFree(context, session);
    for (let round = 1; round <= MOST_ROUNDS; round++) {
      const saved = await saveWithProgress(context, session, { into, isLast: true });
      if (!saved || saved.left > 0) return 'The saving of its outputs was stopped.';
      all = all ? together(all, saved) : saved;
      const unsaved = unsavedText(all);
      if (unsaved !== undefined) return unsaved;
      if (!(await saver.hasNews(session))) break;
    }
  } catch (error) {
    if (isAbort(error)) return 'The saving of its outputs was stopped.';
    return `Its outputs could not be saved. ${toApiError(error).message}`;
  }
  if (!all || all.saved + all.workflows === 0) return undefined;
  const text = `Before the end of ${sessionTitle(session, facts().snapshot)}: ${savedText(all)}`;
  tellSaved(inform, text, all.place).catch(report);
  return undefined;
}

/** Another saving of it may be under way, here or in another window. */
async function untilFree({ saver, facts, clock }: SavedFirstContext, session: Session): Promise<void> {
  const isBusy = () => saver.isSaving(session.id);
  if (!isBusy()) return;
  await withProgress(`Saving the outputs of ${sessionTitle(session, facts().snapshot)}`, async (signal) => {
    while (isBusy()) await sleep(clock, LOOK_EVERY, signal);
  });
}

function folderOf({ settings, disk }: SavedFirstContext): string | undefined {
  try {
    return knownFolder(settings, disk);
  } catch {
    return undefined; // it is told that there is none
  }
}
