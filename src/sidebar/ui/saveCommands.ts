import * as l10n from '@vscode/l10n';
import { ApiError, isAbort, toApiError } from '../../platform/errors';
import { canvasText, unseenText } from '../../outputs/canvasText';
import { Rounds } from '../../outputs/rounds';
import type { Saved } from '../../outputs/saver';
import type { Yes } from '../../sessions/acts';
import { isDueToSave } from '../../outputs/savingTime';
import type { Session, SessionId } from '../../comfydeploy/model';
import { missedText, savedText, unsavedText, unsureText } from '../../outputs/savedText';
import { sessionTitle, stateText, whoseTitle } from '../../sessions/sessionText';
import { renderingText } from '../../activity/workText';
import { sleep } from '../../platform/clock';
import { findSession } from '../../sessions/snapshot';
import type { CommandHandlers } from '../../platform/ui/commands';
import { endSessions, type Consent, type EndContext } from './endSessions';
import { yesOf } from '../../sessions/ui/yes';
import { untilFree } from '../../outputs/ui/savedFirst';
import { choose, confirm, withProgress } from '../../platform/ui/pick';
import { saveWithProgress, announceSaved, EndNow, together } from '../../outputs/ui/savingProgress';
import { inform, note, warn } from '../../platform/ui/shown';

interface SessionTargets {
  /** The session that the command is about, or one that the user picks among those that can do this. */
  session(target: unknown, capability: string, ask: string): Promise<Session | undefined>;
  /** The same for several selected rows. */
  sessions(target: unknown, capability: string, ask: string): Promise<readonly Session[]>;
}

const NOTE_FOR = 5_000;
const LOOK_EVERY = 5_000;

interface Verdict {
  /** Undefined if the session must not end. */
  readonly consent: Consent | undefined;
}

/** What to do about a running render; `idle` if there was none. */
interface Answer {
  readonly how: 'wait' | 'now' | 'idle';
  readonly yes: Yes;
}

/** Commands that save outputs and workflows to this computer, and then end the session if asked to. */
export function saveCommands(
  context: EndContext,
  targets: SessionTargets,
): Pick<CommandHandlers, 'saveOutputs' | 'saveAndEndSession'> {
  const flow = new SaveFlow(context);
  return {
    async saveOutputs(target) {
      const sessions = await targets.sessions(target, '+url', l10n.t('Save the outputs of which session?'));
      for (const session of sessions) await flow.save(session);
    },
    async saveAndEndSession(target) {
      const session = await targets.session(target, '+url', l10n.t('Save the outputs of which session, and end it?'));
      if (session) await flow.saveAndEnd(session, yesOf(target));
    },
  };
}

class SaveFlow {
  constructor(private readonly context: EndContext) {}

  async save(session: Session): Promise<void> {
    const into = await this.context.outputsFolder.ask();
    const saved = into === undefined ? undefined : await this.#save(session, into);
    if (saved) return this.#announce(saved, `${savedText(saved)}${this.#unseenText(session)}`);
    if (into !== undefined) note(l10n.t('Saving was canceled. Nothing was saved.'), NOTE_FOR);
  }

  /** A tab that VS Code has restored cannot be asked for its canvas before it was shown. */
  #unseenText({ id }: Session): string {
    if (this.context.tabs.canvasOf(id) !== 'unseen') return '';
    return ` ${unseenText()} ${l10n.t('Look at it, then save again.')}`;
  }

  /** Ends the session only when everything is saved, or the user agrees to end it without the rest. */
  async saveAndEnd(session: Session, agreed: Yes | undefined): Promise<void> {
    const { outputsFolder, appState } = this.context;
    const into = await outputsFolder.ask();
    if (into === undefined) return;
    const answer = await this.#ask(session, into, agreed);
    if (!answer || !(await this.#isFree(session, answer))) return;

    const endNow = new EndNow(this.context, session);
    const saved = await this.#saveAll(session, into, answer, endNow).finally(() => endNow.dispose());
    const isHurried = endNow.signal.aborted;
    if (isHurried) answer.yes.repeat();
    const consent = isHurried ? { yes: answer.yes, knownToRender: new Set<SessionId>() } : saved?.consent;
    if (!consent) return saved && this.#announce(saved, savedText(saved));
    if (findSession(appState().snapshot, session.id)) await endSessions(this.context, [session], consent);
    if (!saved) return;
    if (findSession(appState().snapshot, session.id)) return this.#announce(saved, savedText(saved));
    this.#announce(
      { ...saved, failed: [], missed: 0, left: 0 },
      `${savedText(saved)} ${l10n.t('The session has ended.')}`,
    );
  }

  /**
   * Saves again as long as runs finish meanwhile, up to a limit. Undefined if the user cancelled before anything was
   * saved.
   */
  async #saveAll(
    session: Session,
    into: string,
    answer: Answer,
    endNow: EndNow,
  ): Promise<(Saved & Verdict) | undefined> {
    let all: Saved | undefined;
    let { how, yes } = answer;
    const consent = (isKnown = how === 'now'): Consent => ({
      yes,
      knownToRender: new Set(isKnown ? [session.id] : []),
    });
    const given = async (unsaved: string, isKnown?: boolean) =>
      (await this.#isWorthless(session, unsaved, yes)) ? consent(isKnown) : undefined;
    const rounds = new Rounds(this.context.clock);
    while (rounds.next()) {
      let saved: Saved | undefined;
      try {
        saved = await this.#save(session, into, endNow);
      } catch (error) {
        if (!all) throw error;
        return { ...all, consent: await given(unsureText(toApiError(error).message)) };
      }
      if (!saved) return all && { ...all, consent: undefined };
      const before = all?.failed.length ?? 0;
      all = all ? together(all, saved) : saved;
      if (all.left > 0 || endNow.signal.aborted) return { ...all, consent: undefined };
      const unsaved = unsavedText(all) && `${savedText(all)} ${unsavedText(all)}`;
      const isNews = all.failed.length > before || all.missed > 0;
      if (unsaved !== undefined && isNews && !(await given(unsaved))) return { ...all, consent: undefined };
      if (all.missed > 0) return { ...all, consent: consent(true) };
      // Runs that began during the save are not in the folder.
      if (how !== 'now' && (await this.#rendering(session)) !== undefined) {
        const next = await this.#ask(session, into, yes);
        if (!next || !(await this.#isFree(session, next))) return { ...all, consent: undefined };
        ({ how, yes } = next);
      }
      if (!(await this.#hasNews(session))) return { ...all, consent: consent() };
    }
    return all && { ...all, consent: await given(missedText(1) ?? '', true) };
  }

  /** If that cannot be read, save again, unless the session is over. */
  #hasNews(session: Session): Promise<boolean> {
    const { saver, appState } = this.context;
    return saver.hasNews(session).catch(() => findSession(appState().snapshot, session.id) !== undefined);
  }

  /** Waits for automatic saves first. Undefined if the user cancelled before anything was saved. */
  async #save(session: Session, into: string, endNow?: EndNow): Promise<Saved | undefined> {
    if (this.context.guardSettings().saveAsTheyFinish) await untilFree(this.context, session, endNow);
    return saveWithProgress(this.context, session, into, endNow);
  }

  /** Asks what to do about a running render, or whether to continue at all. Undefined if the user cancels. */
  async #ask(session: Session, into: string, agreed: Yes | undefined): Promise<Answer | undefined> {
    const { acts, appState } = this.context;
    const rendering = await this.#rendering(session);
    const name = whoseTitle(session, appState());
    if (rendering === undefined) {
      if (agreed && !agreed.isOld) return { how: 'idle', yes: agreed };
      const question = l10n.t({
        message: 'Save the outputs of {0}, {1}, and end it?',
        args: [name, stateText(session, appState().now)],
        comment: ['{0} is a session, {1} its state, such as “12 min left”.'],
      });
      const detail = `${l10n.t('They are saved to {0}.', into)} ${canvasText(this.context.tabs, [session])}`;
      return (await confirm(question, detail, l10n.t('Save and End')))
        ? { how: 'idle', yes: acts.agreed() }
        : undefined;
    }
    const detail = l10n.t('What has been rendered is saved. What runs or waits when the session ends is lost.');
    const question = l10n.t({
      message: '{0} is {1}.',
      args: [name, rendering],
      comment: ['{0} is a session, {1} what it does, such as “rendering, 2 queued”.'],
    });
    const [wait, now] = [l10n.t('Wait, Then Save and End'), l10n.t('Save and End Now')];
    const answer = await choose(question, detail, wait, now);
    return answer === undefined ? undefined : { how: answer === wait ? 'wait' : 'now', yes: acts.agreed() };
  }

  /** `rendering, 2 queued`; undefined if nothing renders or that cannot be read. */
  async #rendering(session: Session): Promise<string | undefined> {
    const count = await this.context.saver.queue(session).catch(() => 0);
    return count === 0 ? undefined : renderingText(count - 1);
  }

  /** Waits if the user wants that; false if the user cancels the wait. */
  async #isFree(session: Session, { how, yes }: Answer): Promise<boolean> {
    return how !== 'wait' || this.#untilRendered(session, yes);
  }

  /** False if the user cancels. Stops waiting early if the session is about to end. */
  async #untilRendered(session: Session, yes: Yes): Promise<boolean> {
    const { saver, clock, appState } = this.context;
    const work = async (signal: AbortSignal, say: (message: string) => void): Promise<boolean> => {
      for (;;) {
        yes.keepFresh();
        const { snapshot, now } = appState();
        const known = findSession(snapshot, session.id);
        if (!known) throw new ApiError('missing', l10n.t('The session ended before its outputs were saved.'));
        const count = await saver.queue(session, signal).catch(() => undefined);
        if (count === 0 || (known.phase === 'ready' && isDueToSave(known, now))) return true;
        if (count !== undefined) say(renderingText(count - 1));
        await sleep(clock, LOOK_EVERY, signal);
      }
    };
    try {
      return await withProgress(
        l10n.t('Waiting for the renders of {0}', sessionTitle(session, appState().snapshot)),
        work,
      );
    } catch (error) {
      if (isAbort(error)) return false;
      throw error;
    }
  }

  /** Asks whether the session may end although something is not saved. */
  async #isWorthless(session: Session, unsaved: string, yes: Yes): Promise<boolean> {
    const question = l10n.t('End {0} anyway?', whoseTitle(session, this.context.appState()));
    if (!(await confirm(question, unsaved, l10n.t('End Anyway')))) return false;
    yes.repeat();
    return true;
  }

  #announce(saved: Saved, text: string): void {
    const unsaved = unsavedText(saved);
    const isComplete = unsaved === undefined && saved.left === 0;
    const place = saved.saved + saved.skipped + saved.workflows > 0 ? saved.place : undefined;
    const words = [text, unsaved, saved.left > 0 ? leftText(saved.left) : undefined];
    announceSaved(isComplete ? inform : warn, words.filter((part) => part !== undefined).join(' '), place).catch(
      this.context.report,
    );
  }
}

function leftText(files: number): string {
  return files === 1
    ? l10n.t('1 more file was not downloaded. Save again to continue.')
    : l10n.t('{0} more files were not downloaded. Save again to continue.', files);
}
