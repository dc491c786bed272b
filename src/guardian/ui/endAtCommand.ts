import * as l10n from '@vscode/l10n';
import type { Session } from '../../comfydeploy/model';
import type { Choice } from '../../platform/choice';
import type { CommandHandlers } from '../../platform/ui/commands';
import { pick } from '../../platform/ui/pick';
import type { EndAt, PreferencesChange } from '../../sessions/preferences';
import { whoseTitle, type OwnerInput } from '../../sessions/sessionText';
import { endAtText } from '../scheduledText';
import { endExamples, typedEnd } from '../typedEnd';
import { current, prefer, type PreferencesContext, type PreferencesInput } from './guardCommands';
import { chooseOrType } from '../../spending/typedChoices';

export interface EndAtInput extends PreferencesInput, OwnerInput {
  /** Server time, ms. */
  readonly now: number;
}

interface EndAtContext extends PreferencesContext {
  readonly appState: () => EndAtInput;
  readonly targets: {
    session(target: unknown, capability: string, ask: string): Promise<Session | undefined>;
  };
}

type Answer = NonNullable<PreferencesChange['endAt']>;

/** Asks for the time of day at which a session is to end. */
export function endAtCommand(context: EndAtContext): Pick<CommandHandlers, 'endAt'> {
  const { targets, appState, guardSettings } = context;
  return {
    async endAt(target) {
      const session = await targets.session(target, '+guard', l10n.t('End which session?'));
      if (!session) return;
      const { now } = appState();
      const known = appState().preferencesOf(session.id).endAt;
      const endAt = await pick<Answer>({
        title: l10n.t('End {0} at a Time', whoseTitle(session, appState())),
        placeholder: chooseOrType(endExamples(now)),
        choices: menu(known, guardSettings().usual.endAt),
        typed: (text) => typedEnd(text, appState().now),
      });
      if (typeof endAt === 'string' || typeof endAt === 'number') await prefer(context, session, { endAt });
    },
  };
}

function menu(known: EndAt | undefined, usual: EndAt | undefined): readonly Choice<Answer>[] {
  const isSoNow = (is: boolean) => (is ? current() : '');
  const never: Choice<Answer> = { value: 'never', label: l10n.t('Never'), description: isSoNow(known === undefined) };
  if (known?.kind === 'once') {
    const once: Choice<Answer> = { value: known.at, label: atText(known), description: isSoNow(true) };
    return usual ? [never, once, asSet(usual, '')] : [never, once];
  }
  return usual ? [never, asSet(usual, isSoNow(known !== undefined))] : [never];
}

function atText(asked: EndAt): string {
  return l10n.t({ message: 'End at {0}', args: [endAtText(asked)], comment: ['{0} is a time of day'] });
}

function asSet(usual: EndAt, description: string): Choice<Answer> {
  return { value: 'asSet', label: l10n.t('End at {0}, as in your settings', endAtText(usual)), description };
}
