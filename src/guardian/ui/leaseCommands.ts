import * as l10n from '@vscode/l10n';
import { onLeaseText } from '../leaseText';
import type { Session } from '../../comfydeploy/model';
import { endTime, minutesText } from '../../platform/durations';
import type { CommandHandlers } from '../../platform/ui/commands';
import { confirm } from '../../platform/ui/pick';
import { inform, note } from '../../platform/ui/shown';
import { whoseTitle, type OwnerInput } from '../../sessions/sessionText';
import type { Prices } from '../../comfydeploy/model';
import { isPreferred, type PreferencesContext, type PreferencesInput } from './guardCommands';
import { MINUTE } from '../../platform/units';

export interface LeaseCommandsInput extends PreferencesInput, OwnerInput {
  /** Server time, ms. */
  readonly now: number;
  readonly prices: Prices | undefined;
}

interface LeaseContext extends PreferencesContext {
  readonly appState: () => LeaseCommandsInput;
  readonly targets: {
    session(target: unknown, capability: string, ask: string): Promise<Session | undefined>;
    isForeign(target: unknown): boolean;
  };
}

const NOTE_FOR = 8_000;

/** Commands that put a running session on a lease, or take it off. */
export function leaseCommands(context: LeaseContext): Pick<CommandHandlers, 'putOnLease' | 'takeOffLease'> {
  const toggle = async (target: unknown) => {
    const { targets, appState, guardian } = context;
    const session = await targets.session(target, '+guard', l10n.t('Put which session on a lease?'));
    if (!session) return;
    if (appState().preferencesOf(session.id).lease) {
      if (!(await isPreferred(guardian, session.id, { lease: 0 }))) return;
      return note(offText(session, appState().now), NOTE_FOR);
    }
    const question = l10n.t('Put {0} on a lease?', whoseTitle(session, appState()));
    if (targets.isForeign(target) && !(await confirm(question, foreignText(context), l10n.t('Put on Lease')))) return;
    const { now } = appState();
    if (await isPreferred(guardian, session.id, { lease: now })) say(session, context, now);
  };
  return { putOnLease: toggle, takeOffLease: toggle };
}

/** Shows what is scheduled now, and what it cannot change. */
function say(session: Session, { appState, guardSettings }: LeaseContext, now: number): void {
  const { lease } = guardSettings();
  const { minutes } = lease;
  const text = onLeaseText(session.gpu, lease, now, { prices: appState().prices, now });
  const isLonger = 'endsAt' in session && session.endsAt - now > (minutes + 1) * MINUTE;
  if (!isLonger) return note(text, NOTE_FOR);
  const end = endTime(session.endsAt, now);
  void inform(
    l10n.t(
      '{0}. A session cannot be made shorter: this one is paid until {1}, unless it is ended. While VS Code is open, it is ended when nobody has used it for {2}.',
      text,
      end,
      minutesText(appState().preferencesOf(session.id).endWhenIdle ?? minutes),
    ),
  );
}

function offText(session: Session, now: number): string {
  if (!('endsAt' in session)) return l10n.t('Off lease: not renewed any more');
  return l10n.t('Off lease: ends at {0}', endTime(session.endsAt, now));
}

function foreignText({ guardSettings }: LeaseContext): string {
  const { mostHours } = guardSettings().lease;
  return l10n.t(
    'Another extension or a link asks for this. From now on the session would be extended automatically while it is used, for up to {0}.',
    minutesText(Math.round(mostHours * 60)),
  );
}
