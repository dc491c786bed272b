import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Acts, Yes } from '../../sessions/acts';
import type { Announcement } from '../announcement';
import type { Guardian } from '../guardian';
import type { SessionId } from '../../comfydeploy/model';
import type { Clock } from '../../platform/clock';
import { minutesText } from '../../platform/durations';
import type { AtCeiling } from '../ceilings';
import { noticeText, type NoticeTextInput } from '../noticeText';
import { findSession } from '../../sessions/snapshot';
import { ceilingsText } from '../../spending/moneyText';
import { SECOND } from '../../platform/units';
import { run } from '../../platform/ui/commands';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { inform, note, standing, warn, type Show } from '../../platform/ui/shown';

export interface NoticeContext {
  readonly guardian: Pick<Guardian, 'keep' | 'mute' | 'countdowns' | 'onDidChange'>;
  readonly clock: Pick<Clock, 'after'>;
  readonly acts: Pick<Acts, 'agreed'>;
  /** `now`: server time, ms. */
  readonly appState: () => NoticeTextInput & { readonly now: number };
  readonly report: (error: unknown) => void;
}

/** A button, and what pressing it does. */
interface Way {
  readonly title: string;
  readonly go: (yes: Yes) => Thenable<unknown>;
  /** It is about what has been, and still makes sense after the end. */
  readonly isOfPast?: boolean;
}

type CountdownNews = Extract<Announcement, { kind: 'countdown' }>;

const NOTE_FOR = 10_000;
/** So often the bar of a countdown moves on. */
const STEP = 2 * SECOND;
/** Sessions whose ends are remembered, for notices that were left standing. */
const MOST_ENDS = 100;

/** Shows the user what the guardian announces, each thing once, and carries out the answer. */
export class Notices {
  constructor(private readonly context: NoticeContext) {}

  /** What was said of sessions that ended by themselves: what an older notice offers is over. */
  readonly #ends = new Map<SessionId, string>();
  #atCeilings: readonly AtCeiling[] = [];
  /** What can be taken back, by the session it is about. */
  readonly #standing = new Map<SessionId, AbortController>();

  readonly announce = (news: Announcement): void => {
    if (news.kind === 'ceiling') return this.#announceCeiling(news);
    const about = sessionOf(news);
    if (about !== undefined) this.#standing.get(about)?.abort();
    const text = noticeText(news, this.context.appState());
    if (news.kind === 'extended') return note(text, NOTE_FOR);
    if (news.kind === 'countdown') return void this.#countDown(news, text).catch(this.context.report);
    if (news.kind === 'ended') this.#noteEnd(news.session.id, text);
    const show = news.kind === 'remind' || news.kind === 'ended' ? inform : warn;
    this.#ask(show, text, this.#waysOf(news), about).catch(this.context.report);
  };

  /** Stands as long as it is counted down, so that nothing is offered that is over. */
  async #countDown({ session: { id }, since, endsAt }: CountdownNews, text: string): Promise<void> {
    const { guardian, clock, appState } = this.context;
    const over = new AbortController();
    this.#standing.set(id, over);
    const stopped = guardian.onDidChange(() => guardian.countdowns.has(id) || over.abort());
    let done = 0;
    const watch = (add: (increment: number) => void) => {
      const next = Math.min(100, Math.max(done, (100 * (appState().now - since)) / (endsAt - since)));
      add(next - done);
      done = next;
      if (done < 100 && !over.signal.aborted) clock.after(STEP, () => watch(add));
    };
    const link = { text: l10n.t('End Now'), command: 'cancelSession', target: { kind: 'session', sessionId: id } };
    const isKept = await standing(text, { button: l10n.t('Keep'), link, over: over.signal, watch });
    over.abort();
    stopped.dispose();
    if (isKept) await guardian.keep(id);
  }

  /** Limits that are passed together are one notice. */
  #announceCeiling(news: AtCeiling): void {
    this.#atCeilings = [...this.#atCeilings, news];
    if (this.#atCeilings.length > 1) return;
    queueMicrotask(() => {
      const warnings = this.#atCeilings.map(({ warning }) => warning);
      this.#atCeilings = [];
      const id = warnings.find(({ session }) => session !== undefined)?.session;
      const ways =
        id === undefined ? [show()] : [show(), { title: l10n.t('End…'), go: () => runOnSession('cancelSession', id) }];
      this.#ask(warn, ceilingsText(warnings, this.context.appState()), ways, id).catch(this.context.report);
    });
  }

  #noteEnd(id: SessionId, text: string): void {
    this.#ends.set(id, text);
    const [oldest] = this.#ends.keys();
    if (this.#ends.size > MOST_ENDS && oldest !== undefined) this.#ends.delete(oldest);
  }

  /** VS Code takes no notice back: one that was left standing answers with what has happened since. */
  async #ask(show: Show, text: string, ways: readonly Way[], about: SessionId | undefined): Promise<void> {
    const chosen = await show(text, ...ways.map(({ title }) => title));
    const yes = this.context.acts.agreed();
    const way = ways.find(({ title }) => title === chosen);
    const over = about === undefined ? undefined : this.#overText(about);
    if (way && over !== undefined && !way.isOfPast) void inform(over);
    else await way?.go(yes);
  }

  /** What became of a session that is over; undefined while it is not, or while nothing is known. */
  #overText(id: SessionId): string | undefined {
    const { snapshot } = this.context.appState();
    const session = findSession(snapshot, id);
    if (snapshot.kind !== 'ready' || (session && session.phase !== 'ending')) return undefined;
    return this.#ends.get(id) ?? l10n.t('This session has already ended.');
  }

  #waysOf(news: Exclude<Announcement, { kind: 'extended' | 'ceiling' | 'countdown' }>): readonly Way[] {
    const { guardian } = this.context;
    switch (news.kind) {
      case 'warn': {
        const { id } = news.session;
        if (news.isLeased) return [...keepOrSave(guardian, id), { title: l10n.t('Mute'), go: () => guardian.mute(id) }];
        const save = (yes: Yes) => runOnSession('saveAndEndSession', id, { yes });
        return [
          extend(id, 15),
          extend(id, 60),
          { title: l10n.t('Save and End'), go: save },
          { title: l10n.t('Mute'), go: () => guardian.mute(id) },
        ];
      }
      case 'remind':
        return [show(), { title: l10n.t('End All…'), go: () => run('cancelAllSessions') }];
      case 'ended':
        return [{ title: l10n.t('Show History'), go: () => run('showHistory'), isOfPast: true }];
      case 'renewedBlind':
        return keepOrSave(guardian, news.session.id);
      case 'uncovered':
      case 'leaseLimit':
      case 'limit':
        return [extend(news.session.id, 15), extend(news.session.id, 60)];
      case 'failed':
        return afterFailure(news.act);
    }
  }
}

/** Whom a notice is about; undefined for one about several, or none. */
function sessionOf(news: Announcement): SessionId | undefined {
  if ('session' in news) return news.session.id;
  return news.kind === 'failed' ? news.act.session.id : undefined;
}

function show(): Way {
  return {
    title: l10n.t('Show'),
    isOfPast: true,
    go: () => vscode.commands.executeCommand('comfydeploy.sessions.focus'),
  };
}

function afterFailure(act: Extract<Announcement, { kind: 'failed' }>['act']): readonly Way[] {
  switch (act.kind) {
    case 'renew':
    case 'extend':
      return [extend(act.session.id, 15)];
    case 'end':
      return [];
  }
}

/** What can be done about a session that nobody uses. */
function keepOrSave(guardian: NoticeContext['guardian'], id: SessionId): readonly Way[] {
  return [
    { title: l10n.t('Keep'), go: () => guardian.keep(id) },
    { title: l10n.t('Save and End'), go: (yes) => runOnSession('saveAndEndSession', id, { yes }) },
  ];
}

function extend(id: SessionId, minutes: number): Way {
  return {
    title: l10n.t('Extend {0}', minutesText(minutes)),
    go: (yes) => runOnSession('extendSession', id, { minutes, yes }),
  };
}
