import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Acts, Yes } from '../../sessions/acts';
import type { Announcement } from '../announcement';
import type { Guardian } from '../guardian';
import type { Session, SessionId } from '../../comfydeploy/model';
import { minutesText } from '../../platform/durations';
import type { AtSpendingLimit } from '../spendingLimits';
import { noticeText, type NoticeTextInput } from '../noticeText';
import { findSession } from '../../sessions/snapshot';
import { endOrNever, isSameEnd } from '../../sessions/deadline';
import { spendingLimitsText } from '../../spending/moneyText';
import { run } from '../../platform/ui/commands';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { inform, note, standing, warn, type Show } from '../../platform/ui/shown';
import type { Stood } from '../../platform/ui/standing';

export interface NoticeContext {
  readonly guardian: Pick<Guardian, 'keep' | 'mute' | 'countdowns'>;
  readonly acts: Pick<Acts, 'agreed'>;
  /** `now`: server time, ms. */
  readonly appState: () => NoticeTextInput & { readonly now: number };
  readonly report: (error: unknown) => void;
}

/** A button and its action. */
interface Way {
  readonly title: string;
  readonly go: (yes: Yes) => Thenable<unknown>;
}

type About = Exclude<Announcement, { kind: 'extended' | 'spendingLimit' | 'remind' | 'ended' }>;

interface Standing extends Pick<Stood, 'moveTo' | 'takeBack'> {
  readonly isCountdown: boolean;
  /** Server times, ms. */
  readonly since: number;
  readonly endsAt: number;
}

const NOTE_FOR = 10_000;

/** Shows the guardian's announcements, each once, and carries out the answers. */
export class Notices implements vscode.Disposable {
  constructor(private readonly context: NoticeContext) {}

  #atSpendingLimits: readonly AtSpendingLimit[] = [];
  /** At most one for each session. */
  readonly #standing = new Map<SessionId, Standing>();

  readonly announce = (news: Announcement): void => {
    if (news.kind === 'spendingLimit') return this.#announceSpendingLimit(news);
    const text = noticeText(news, this.context.appState());
    if (news.kind === 'remind') return this.#ask(inform, text, reminded());
    const session = news.kind === 'failed' ? news.act.session : news.session;
    this.#standing.get(session.id)?.takeBack();
    if (news.kind === 'extended') return note(text, NOTE_FOR);
    if (news.kind === 'ended') return this.#ask(inform, text, [history()]);
    this.#stand(session, text, news);
  };

  /** Takes back notices that no longer apply: the session is gone, its end has moved, or its countdown stopped. */
  redraw(): void {
    const { guardian, appState } = this.context;
    const { snapshot, now } = appState();
    for (const [id, { since, endsAt, isCountdown, moveTo, takeBack }] of this.#standing) {
      const session = findSession(snapshot, id);
      moveTo(Math.min(1, (now - since) / (endsAt - since)));
      if (isCountdown ? !guardian.countdowns.has(id) : !session || !isSameEnd(endOrNever(session), endsAt)) takeBack();
    }
  }

  dispose(): void {
    for (const { takeBack } of this.#standing.values()) takeBack();
  }

  /** Shows a notice only as long as it is true, so that its buttons stay valid. */
  #stand(session: Session, text: string, news: About): void {
    const { appState } = this.context;
    const { snapshot, now } = appState();
    const { id } = session;
    const isCountdown = news.kind === 'countdown';
    const ways = this.#waysOf(news);
    const stood = standing(
      text,
      ways.map(({ title }) => title),
    );
    const endsAt = isCountdown ? news.endsAt : endOrNever(findSession(snapshot, id) ?? session);
    const one = { isCountdown, since: now, endsAt, ...stood };
    this.#standing.set(id, one);
    const isOver = () => this.#standing.get(id) === one && this.#standing.delete(id);
    this.#answer(stood.answered.finally(isOver), ways);
  }

  /** Limits reached at the same time share one notice. */
  #announceSpendingLimit(news: AtSpendingLimit): void {
    this.#atSpendingLimits = [...this.#atSpendingLimits, news];
    if (this.#atSpendingLimits.length > 1) return;
    queueMicrotask(() => {
      const warnings = this.#atSpendingLimits.map(({ warning }) => warning);
      this.#atSpendingLimits = [];
      const id = warnings.find(({ session }) => session !== undefined)?.session;
      const ways =
        id === undefined ? [show()] : [show(), { title: l10n.t('End…'), go: () => runOnSession('cancelSession', id) }];
      this.#ask(warn, spendingLimitsText(warnings, this.context.appState()), ways);
    });
  }

  #ask(show: Show, text: string, ways: readonly Way[]): void {
    this.#answer(show(text, ...ways.map(({ title }) => title)), ways);
  }

  #answer(answered: Thenable<string | undefined>, ways: readonly Way[]): void {
    const { acts, report } = this.context;
    const carryOut = async () => {
      const chosen = await answered;
      await ways.find(({ title }) => title === chosen)?.go(acts.agreed());
    };
    carryOut().catch(report);
  }

  #waysOf(news: About): readonly Way[] {
    const { guardian } = this.context;
    if (news.kind === 'failed')
      return news.act.kind === 'end' ? [dismiss()] : [extend(news.act.session.id, 15), dismiss()];
    const { id } = news.session;
    switch (news.kind) {
      case 'countdown':
        return [keep(guardian, id), { title: l10n.t('End Now'), go: () => runOnSession('cancelSession', id) }];
      case 'warn': {
        const mute = { title: l10n.t('Mute'), go: () => guardian.mute(id) };
        const first = news.isLeased ? [keep(guardian, id)] : [extend(id, 15), extend(id, 60)];
        return [...first, save(id), mute, dismiss()];
      }
      case 'renewedBlind':
        return [keep(guardian, id), save(id), dismiss()];
      case 'uncovered':
      case 'leaseLimit':
      case 'limit':
        return [extend(id, 15), extend(id, 60), dismiss()];
    }
  }
}

function show(): Way {
  return { title: l10n.t('Show'), go: () => vscode.commands.executeCommand('comfydeploy.sessions.focus') };
}

function reminded(): readonly Way[] {
  return [show(), { title: l10n.t('End All…'), go: () => run('cancelAllSessions') }];
}

function history(): Way {
  return { title: l10n.t('Show History'), go: () => run('showHistory') };
}

/** A progress notice has no close button of its own. */
function dismiss(): Way {
  return { title: l10n.t('Dismiss'), go: () => Promise.resolve() };
}

function keep(guardian: NoticeContext['guardian'], id: SessionId): Way {
  return { title: l10n.t('Keep'), go: () => guardian.keep(id) };
}

function save(id: SessionId): Way {
  return { title: l10n.t('Save and End'), go: (yes) => runOnSession('saveAndEndSession', id, { yes }) };
}

function extend(id: SessionId, minutes: number): Way {
  return {
    title: l10n.t('Extend {0}', minutesText(minutes)),
    go: (yes) => runOnSession('extendSession', id, { minutes, yes }),
  };
}
