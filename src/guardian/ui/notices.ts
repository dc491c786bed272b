import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Acts, Yes } from '../../sessions/acts';
import type { Announcement } from '../announcement';
import type { Guardian } from '../guardian';
import type { SessionId } from '../../comfydeploy/model';
import { minutesText } from '../../platform/durations';
import { noticeText, type NoticeTextInput } from '../noticeText';
import { run } from '../../platform/ui/commands';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { inform, note, warn, type Show } from '../../platform/ui/shown';

export interface NoticeContext {
  readonly guardian: Pick<Guardian, 'keep' | 'mute'>;
  readonly acts: Pick<Acts, 'agreed'>;
  readonly facts: () => NoticeTextInput;
  readonly report: (error: unknown) => void;
}

/** A button, and what pressing it does. */
interface Way {
  readonly title: string;
  readonly go: (yes: Yes) => Thenable<unknown>;
}

const NOTE_FOR = 10_000;

/** Tells the user what the guardian says, each thing once, and carries out the answer. */
export class Notices {
  constructor(private readonly context: NoticeContext) {}

  readonly tell = (told: Announcement): void => {
    const text = noticeText(told, this.context.facts());
    if (told.kind === 'extended' || told.kind === 'ended') return note(text, NOTE_FOR);
    const show = told.kind === 'remind' ? inform : warn;
    this.#ask(show, text, this.#waysOf(told)).catch(this.context.report);
  };

  async #ask(show: Show, text: string, ways: readonly Way[]): Promise<void> {
    const chosen = await show(text, ...ways.map(({ title }) => title));
    const yes = this.context.acts.agreed();
    await ways.find(({ title }) => title === chosen)?.go(yes);
  }

  #waysOf(told: Exclude<Announcement, { kind: 'extended' | 'ended' }>): readonly Way[] {
    const { guardian } = this.context;
    switch (told.kind) {
      case 'warn': {
        const { id } = told.session;
        if (told.isLeased) return [...keepOrSave(guardian, id), { title: l10n.t('Mute'), go: () => guardian.mute(id) }];
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
      case 'ceiling': {
        const { session: id } = told.warning;
        return [
          show(),
          ...(id === undefined ? [] : [{ title: l10n.t('End…'), go: () => runOnSession('cancelSession', id) }]),
        ];
      }
      case 'renewedBlind':
        return keepOrSave(guardian, told.session.id);
      case 'uncovered':
      case 'leaseLimit':
      case 'limit':
        return [extend(told.session.id, 15), extend(told.session.id, 60)];
      case 'countdown': {
        const { id } = told.session;
        const endNow = (yes: Yes) => runOnSession('cancelSession', id, { yes });
        return [
          { title: l10n.t('Keep'), go: () => guardian.keep(id) },
          { title: l10n.t('End Now'), go: endNow },
        ];
      }
      case 'failed':
        return afterFailure(told.act);
    }
  }
}

function show(): Way {
  return { title: l10n.t('Show'), go: () => vscode.commands.executeCommand('comfydeploy.sessions.focus') };
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
