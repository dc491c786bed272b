import * as l10n from '@vscode/l10n';
import type { Guardian } from '../guardian';
import type { GuardSettings } from '../guardSettings';
import type { GuardPreferences, PreferencesChange } from '../../sessions/preferences';
import type { Session, SessionId } from '../../comfydeploy/model';
import type { Choice } from '../../platform/choice';
import { minutesText } from '../../platform/durations';
import { idleMinutesOf } from '../leaseUse';
import { scheduledOf } from '../scheduledText';
import { whoseSession, whoseTitle, type OwnerInput } from '../../sessions/sessionText';
import { chooseOrType, idleExamples, typedIdle } from '../../spending/typedChoices';
import type { CommandHandlers } from '../../platform/ui/commands';
import { confirm, pick } from '../../platform/ui/pick';
import { note, warn } from '../../platform/ui/shown';

export interface PreferencesInput {
  /** The guard preferences of a session. */
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
}

export interface GuardCommandsInput extends PreferencesInput, OwnerInput {}

interface GuardTargets {
  /** The session that the command is about, or one that the user picks among those that can do this. */
  session(target: unknown, capability: string, ask: string): Promise<Session | undefined>;
  /** Whether another extension, or a link to a command, named the session. */
  isForeign(target: unknown): boolean;
}

export interface PreferencesContext {
  readonly guardian: Pick<Guardian, 'prefer'>;
  readonly guardSettings: () => GuardSettings;
  readonly appState: () => PreferencesInput;
}

interface GuardCommandContext extends PreferencesContext {
  readonly appState: () => GuardCommandsInput;
  readonly targets: GuardTargets;
}

const IDLE_MINUTES: readonly number[] = [5, 10, 15, 30, 60];
const NEVER = 0;
const NOTE_FOR = 8_000;

/** Commands that set the guard preferences of one session. */
export function guardCommands(
  context: GuardCommandContext,
): Pick<CommandHandlers, 'keepAlive' | 'keepAliveOff' | 'endWhenIdle' | 'finishThenEnd' | 'finishThenEndOff'> {
  const { targets, appState } = context;
  /** Requests of other extensions may cost money or end a session, so the user is asked. */
  const isMeant = async (target: unknown, question: string, action: string) =>
    !targets.isForeign(target) || confirm(question, foreignText(), action);
  const keepAlive = async (target: unknown) => {
    const session = await targets.session(target, '+guard', l10n.t('Keep which session alive while it renders?'));
    if (!session) return;
    const keepAlive = !appState().preferencesOf(session.id).keepAlive;
    const question = l10n.t('Keep {0} alive while it renders?', whoseTitle(session, appState()));
    if (keepAlive && !(await isMeant(target, question, l10n.t('Keep Alive')))) return;
    await prefer(context, session, { keepAlive });
  };
  const finishThenEnd = async (target: unknown) => {
    const session = await targets.session(target, '+guard', l10n.t('End which session when its queue is empty?'));
    if (!session) return;
    const finishThenEnd = !appState().preferencesOf(session.id).finishThenEnd;
    const question = l10n.t('End {0} when its queue is empty?', whoseSession(session, appState()));
    if (finishThenEnd && !(await isMeant(target, question, l10n.t('End When Empty')))) return;
    await prefer(context, session, { finishThenEnd });
  };
  return {
    keepAlive,
    keepAliveOff: keepAlive,
    finishThenEnd,
    finishThenEndOff: finishThenEnd,

    async endWhenIdle(target) {
      const session = await targets.session(target, '+guard', l10n.t('End which session?'));
      if (!session) return;
      const preferences = appState().preferencesOf(session.id);
      const { lease } = preferences;
      const now = idleMinutesOf(preferences, context.guardSettings().lease) ?? NEVER;
      const minutes = await pick({
        title: l10n.t('End {0} When Idle', whoseTitle(session, appState())),
        placeholder: `${l10n.t('After how many idle minutes?')} ${chooseOrType(idleExamples())}`,
        choices: idleMenu(now, lease !== undefined),
        preferred: now,
        typed: typedIdle,
      });
      if (typeof minutes === 'number') await prefer(context, session, { endWhenIdle: minutes });
    },
  };
}

/** An idle session on a lease always ends. */
function idleMenu(now: number, isLeased: boolean): readonly Choice<number>[] {
  const lengths = [...new Set([...IDLE_MINUTES, now])].filter((minutes) => minutes !== NEVER).sort((a, b) => a - b);
  return [...(isLeased ? [] : [NEVER]), ...lengths].map((minutes) => ({
    value: minutes,
    label: minutes === NEVER ? l10n.t('Never') : l10n.t('After {0}', minutesText(minutes)),
    description: minutes === now ? current() : '',
  }));
}

/** Marks the current choice. */
export function current(): string {
  return l10n.t({ message: 'current', comment: ['Beside the one of several choices that is in force'] });
}

function foreignText(): string {
  return l10n.t(
    'Another extension or a link asks for this. From now on it would happen automatically, and may extend the session.',
  );
}

/** Warns if only this window knows of it: another one may lead. */
export async function isPreferred(
  guardian: Pick<Guardian, 'prefer'>,
  id: SessionId,
  change: PreferencesChange,
): Promise<boolean> {
  const place = await guardian.prefer(id, change);
  if (place === undefined) return true;
  void warn(
    l10n.t(
      'This counts in this window only, because it could not be written to {0}. Check that its disk is not full or read-only.',
      place,
    ),
  );
  return false;
}

/** Saves the change and shows what is scheduled now, with its limit. */
export async function prefer(
  { guardian, guardSettings, appState }: PreferencesContext,
  session: Session,
  change: PreferencesChange,
): Promise<void> {
  if (!(await isPreferred(guardian, session.id, change))) return;
  const preferred = appState().preferencesOf(session.id);
  const scheduled = scheduledOf(preferred);
  if (scheduled.length === 0) return note(l10n.t('Nothing is scheduled for this session'), NOTE_FOR);
  const isExtended = preferred.keepAlive || preferred.finishThenEnd;
  const limit = isExtended
    ? [l10n.t('extended by up to {0} while rendering', minutesText(guardSettings().keepAliveUpTo))]
    : [];
  const all = [...scheduled, ...limit].join(' · ');
  note(
    l10n.t({ message: 'This session: {0}', args: [all], comment: ['{0} is a list: kept alive while rendering · …'] }),
    NOTE_FOR,
  );
}
