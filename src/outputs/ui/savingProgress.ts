import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { isShortOfTime } from '../savingTime';
import { timeNeeded, type SaveProgress } from '../transferProgress';
import { ApiError, isAbort } from '../../platform/errors';
import { DiskError } from '../../platform/folder';
import type { Saved } from '../saver';
import type { SaveOrder, SessionSaver } from '../sessionSaver';
import type { Session } from '../../comfydeploy/model';
import type { Clock } from '../../platform/clock';
import { coarse, minutesText, timeOfDay } from '../../platform/durations';
import type { Disposable } from '../../platform/emitter';
import { progressText } from '../savedText';
import { sessionTitle } from '../../sessions/sessionText';
import { findSession, type Snapshot } from '../../sessions/snapshot';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { withProgress } from '../../platform/ui/pick';
import { warn, type Show } from '../../platform/ui/shown';
import { MINUTE } from '../../platform/units';

const EXTRA_MINUTES = 15;
/** If an end waits longer than this for a save, the user is asked whether to go on, since the session is billed. */
const LONG_MINUTES = 5;

export interface SavingProgressInput {
  readonly snapshot: Snapshot;
  /** Server time, ms. */
  readonly now: number;
}

/** Offers more time, once for every end, if a session will end before its outputs are saved. */
export function extendingWhileSaving(appState: () => SavingProgressInput, { id }: Session): SaveOrder['progress'] {
  let offeredFor: number | undefined;
  return (progress) => {
    const { snapshot, now } = appState();
    const session = findSession(snapshot, id);
    if (session?.phase !== 'ready' || session.endsAt === offeredFor) return;
    if (!isShortOfTime(progress, session.endsAt - now)) return;
    offeredFor = session.endsAt;
    void offerTime(session, appState(), progress);
  };
}

async function offerTime(
  session: Extract<Session, { phase: 'ready' }>,
  input: Pick<SavingProgressInput, 'snapshot'>,
  progress: SaveProgress,
): Promise<void> {
  const text = l10n.t(
    '{0} ends at {1}, before all of its outputs are saved. Saving takes about {2} more.',
    sessionTitle(session, input.snapshot),
    timeOfDay(session.endsAt),
    coarse(timeNeeded(progress) ?? 0),
  );
  const extend = l10n.t('Extend {0}', minutesText(EXTRA_MINUTES));
  if ((await warn(text, extend)) !== extend) return;
  await runOnSession('extendSession', session.id, { minutes: EXTRA_MINUTES });
}

export interface SavingContext {
  readonly appState: () => SavingProgressInput;
  readonly saver: Pick<SessionSaver, 'save'>;
}

/** Asks the user, if an end waits long for a save, whether to end now. */
export class EndNow implements Disposable {
  readonly #wanted = new AbortController();
  readonly #alarm: Disposable;

  constructor({ clock, appState }: Pick<SavingContext, 'appState'> & { readonly clock: Clock }, session: Session) {
    this.#alarm = clock.after(LONG_MINUTES * MINUTE, () => void this.#ask(sessionTitle(session, appState().snapshot)));
  }

  get signal(): AbortSignal {
    return this.#wanted.signal;
  }

  dispose(): void {
    this.#alarm.dispose();
  }

  async #ask(name: string): Promise<void> {
    const end = l10n.t('End Without Saving');
    const text = l10n.t(
      '{0} is billed until its outputs are saved. That has taken {1} so far.',
      name,
      minutesText(LONG_MINUTES),
    );
    if ((await warn(text, end)) === end) this.#wanted.abort();
  }
}

/** Undefined if the user stopped it before anything was saved. @throws {ApiError} if nothing could be begun. */
export async function saveWithProgress(
  { saver, appState }: SavingContext,
  session: Session,
  into: SaveOrder['into'],
  endNow?: EndNow,
): Promise<Saved | undefined> {
  const title = l10n.t('Saving the outputs of {0}', sessionTitle(session, appState().snapshot));
  const noteProgress = extendingWhileSaving(appState, session);
  try {
    return await withProgress(title, (signal, say) =>
      saver.save(session, {
        into,
        signal: endNow ? AbortSignal.any([signal, endNow.signal]) : signal,
        progress: (progress) => {
          say(progressText(progress));
          noteProgress(progress);
        },
      }),
    );
  } catch (error) {
    if (isAbort(error)) return undefined;
    throw error instanceof DiskError ? new ApiError('refused', error.message, { cause: error }) : error;
  }
}

/** The sum of two saves of one session, one after the other: the second has retried the failures of the first. */
export function together(first: Saved, second: Saved): Saved {
  const { saved, bytes, workflows, skipped } = first;
  return {
    ...second,
    saved: saved + second.saved,
    bytes: bytes + second.bytes,
    workflows: workflows + second.workflows,
    skipped,
  };
}

/** Shows the result of a save, and offers to open the folder. */
export async function announceSaved(show: Show, text: string, place: string | undefined): Promise<void> {
  const open = l10n.t('Open Folder');
  const chosen = await show(text, ...(place === undefined ? [] : [open]));
  if (chosen === open && place !== undefined)
    await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(place));
}
