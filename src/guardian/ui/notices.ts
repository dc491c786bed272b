import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Acts, Yes } from '../../sessions/acts';
import type { Announcement } from '../announcement';
import type { Guardian } from '../guardian';
import type { Session, SessionId, Work } from '../../comfydeploy/model';
import { minutesText } from '../../platform/durations';
import { isCovered } from '../queueCover';
import type { AtSpendingLimit } from '../spendingLimits';
import { noticeText, type NoticeTextInput } from '../noticeText';
import { findSession, isOwn, type Ended } from '../../sessions/snapshot';
import { extensionLeft } from '../../spending/lengths';
import { endOrNever, isSameEnd } from '../../sessions/deadline';
import { spendingLimitsText } from '../../spending/moneyText';
import type { Leadership } from '../../windows/leaderLease';
import { run } from '../../platform/ui/commands';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { inform, note, standing, warn, type Show } from '../../platform/ui/shown';
import type { Stood } from '../../platform/ui/standing';

export interface NoticeContext {
  readonly guardian: Pick<Guardian, 'keep' | 'mute' | 'countdowns'>;
  readonly acts: Pick<Acts, 'agreed'>;
  readonly appState: () => NoticesInput;
  /** Whether this window announces, and which pages are in use. */
  readonly editors: Pick<Leadership, 'isLeader' | 'presence'>;
  readonly tabs: { readonly isInView: (id: SessionId) => boolean };
  readonly report: (error: unknown) => void;
}

export interface NoticesInput extends NoticeTextInput {
  /** Server time, ms. */
  readonly now: number;
  readonly work: ReadonlyMap<SessionId, Work>;
}

/** A button and its action. */
interface Way {
  readonly title: string;
  readonly go: (yes: Yes) => Thenable<unknown>;
}

type About = Exclude<Announcement, { kind: 'extended' | 'spendingLimit' | 'remind' | 'ended' }>;

interface Standing extends Pick<Stood, 'moveTo' | 'takeBack'> {
  readonly kind: About['kind'];
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
    if (news.kind === 'remind') return this.#ask(inform, this.#named(text), this.#reminded());
    const session = news.kind === 'failed' ? news.act.session : news.session;
    this.#standing.get(session.id)?.takeBack();
    if (news.kind === 'extended') return note(text, NOTE_FOR);
    if (news.kind === 'ended') return this.#ask(inform, text, [history()]);
    this.#stand(session, text, news);
  };

  /** A session of the user's that nobody ended is over: this stays until read, unless it was seen to end. */
  readonly ended = ({ session, why }: Ended): void => {
    const { appState, editors, tabs } = this.context;
    const { snapshot } = appState();
    if (why !== 'deadline' || !('phase' in session) || snapshot.kind !== 'ready') return;
    const { id } = session;
    if (!isOwn(snapshot.account, session) || !editors.isLeader) return;
    if (tabs.isInView(id) || editors.presence.inUse.has(id)) return;
    this.announce({ kind: 'ended', session, why: 'time', idleMinutes: 0 });
  };

  /** Takes back notices that no longer apply: the session is gone, its end has moved, or its countdown stopped. */
  redraw(): void {
    const { snapshot, now } = this.context.appState();
    for (const [id, one] of this.#standing) {
      const session = findSession(snapshot, id);
      one.moveTo(Math.min(1, (now - one.since) / (one.endsAt - one.since)));
      if (!session || !this.#isTrue(one, session)) one.takeBack();
    }
  }

  dispose(): void {
    for (const { takeBack } of this.#standing.values()) takeBack();
  }

  #isTrue({ kind, endsAt }: Standing, session: Session): boolean {
    const { guardian, appState } = this.context;
    if (kind === 'countdown') return guardian.countdowns.has(session.id);
    // The lease is still renewed as far as it may be.
    if (kind === 'uncovered') return !isCovered(appState().work.get(session.id), endOrNever(session), appState().now);
    return isSameEnd(endOrNever(session), endsAt);
  }

  /** Shows a notice only as long as it is true, so that its buttons stay valid. */
  #stand(session: Session, text: string, news: About): void {
    const { appState } = this.context;
    const { snapshot, now } = appState();
    const { id } = session;
    const ways = this.#waysOf(news);
    const stood = standing(
      text,
      ways.map(({ title }) => title),
    );
    const endsAt = news.kind === 'countdown' ? news.endsAt : endOrNever(findSession(snapshot, id) ?? session);
    const one = { kind: news.kind, since: now, endsAt, ...stood };
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
      const [id, ...others] = new Set(warnings.flatMap(({ session }) => session ?? []));
      const end = id && { title: l10n.t('End…'), go: () => runOnSession('cancelSession', id) };
      const ways = others.length > 0 ? this.#reminded() : end ? [show(), end] : [show()];
      this.#ask(warn, this.#named(spendingLimitsText(warnings, this.context.appState())), ways);
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
      return news.act.kind === 'end' ? [dismiss()] : [...this.#extending(news.act.session, 15), dismiss()];
    const { id } = news.session;
    switch (news.kind) {
      case 'countdown':
        return [keep(guardian, id), { title: l10n.t('End Now'), go: () => runOnSession('cancelSession', id) }];
      case 'warn': {
        const mute = { title: l10n.t('Mute'), go: () => guardian.mute(id) };
        const first = news.isLeased ? [keep(guardian, id)] : this.#extending(news.session, 15, 60);
        return [...first, save(id), mute, dismiss()];
      }
      case 'renewedBlind':
        return [keep(guardian, id), save(id), dismiss()];
      case 'uncovered':
      case 'leaseLimit':
      case 'limit': {
        const ways = this.#extending(news.session, 15, 60);
        return [...(ways.length > 0 ? ways : [save(id)]), dismiss()];
      }
    }
  }

  /** What names no session names the account, if it is not the one in use. */
  #named(text: string): string {
    const { snapshot } = this.context.appState();
    return [snapshot.kind === 'ready' ? (snapshot.named ?? []) : [], text].flat().join(': ');
  }

  #reminded(): readonly Way[] {
    const { snapshot } = this.context.appState();
    const account = snapshot.kind === 'ready' ? { kind: 'account', account: snapshot.scope } : undefined;
    return [show(), { title: l10n.t('End All…'), go: () => run('cancelAllSessions', account) }];
  }

  /** As far as the plan allows it. */
  #extending(session: Session, ...minutes: readonly number[]): readonly Way[] {
    const most = extensionLeft(session, this.context.appState().limits.planMinutes);
    return minutes.filter((one) => one <= most).map((one) => extend(session.id, one));
  }
}

function show(): Way {
  return { title: l10n.t('Show'), go: () => vscode.commands.executeCommand('comfydeploy.sessions.focus') };
}

function history(): Way {
  return { title: l10n.t('Show Spending'), go: () => run('showSpending') };
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
