import type { Guardian } from '../guardian';
import type { GuardRules } from '../guardRules';
import type { Wish, WishChange } from '../../sessions/preferences';
import type { Session, SessionId } from '../../comfydeploy/model';
import type { Choice } from '../../platform/choice';
import { minutesText } from '../../platform/durations';
import { promisesOf } from '../promiseText';
import { whoseSession, whoseTitle, type OwnerInput } from '../../sessions/sessionText';
import { idleExamples, typedIdle } from '../../spending/typedChoices';
import type { CommandHandlers } from '../../platform/ui/commands';
import { confirm, pick } from '../../platform/ui/pick';
import { note } from '../../platform/ui/shown';

export interface WishInput {
  /** What the guardian is to do about a session. */
  readonly wishOf: (id: SessionId) => Wish;
}

export interface GuardCommandsInput extends WishInput, OwnerInput {}

interface GuardTargets {
  /** The session that a command is about, or that the user picks among those that can do this. */
  session(target: unknown, capability: string, ask: string): Promise<Session | undefined>;
  /** Whether somebody else names a session: another extension, or a link to a command. */
  isForeign(target: unknown): boolean;
}

export interface WishContext {
  readonly guardian: Pick<Guardian, 'wish'>;
  readonly rules: () => GuardRules;
  readonly facts: () => WishInput;
}

interface GuardCommandContext extends WishContext {
  readonly facts: () => GuardCommandsInput;
  readonly targets: GuardTargets;
}

const IDLE_MINUTES: readonly number[] = [5, 10, 15, 30, 60];
const NEVER = 0;
const NOTE_FOR = 8_000;
const FOREIGN =
  'Another extension or a link asks for it. VS Code will do this on its own from now on. It may extend the session.';

/** What the guardian is to do about one session. */
export function guardCommands(
  context: GuardCommandContext,
): Pick<CommandHandlers, 'keepAlive' | 'keepAliveOff' | 'endWhenIdle' | 'finishThenEnd' | 'finishThenEndOff'> {
  const { targets, facts } = context;
  /** What somebody else asks for may cost money, or end a session, so it is asked about. */
  const isMeant = async (target: unknown, what: string, action: string) =>
    !targets.isForeign(target) || confirm(`${what}?`, FOREIGN, action);
  const keepAlive = async (target: unknown) => {
    const session = await targets.session(target, '+guard', 'Keep which session alive while it renders?');
    if (!session) return;
    const keepAlive = !facts().wishOf(session.id).keepAlive;
    const what = `Keep ${whoseTitle(session, facts())} alive while it renders`;
    if (keepAlive && !(await isMeant(target, what, 'Keep Alive'))) return;
    await wish(context, session, { keepAlive });
  };
  const finishThenEnd = async (target: unknown) => {
    const session = await targets.session(target, '+guard', 'End which session when its queue is empty?');
    if (!session) return;
    const finishThenEnd = !facts().wishOf(session.id).finishThenEnd;
    const what = `End ${whoseSession(session, facts())} when its queue is empty`;
    if (finishThenEnd && !(await isMeant(target, what, 'End When Empty'))) return;
    await wish(context, session, { finishThenEnd });
  };
  return {
    keepAlive,
    keepAliveOff: keepAlive,
    finishThenEnd,
    finishThenEndOff: finishThenEnd,

    async endWhenIdle(target) {
      const session = await targets.session(target, '+guard', 'End which session when it is idle?');
      if (!session) return;
      const now = facts().wishOf(session.id).endWhenIdle ?? NEVER;
      const minutes = await pick({
        title: `End ${whoseTitle(session, facts())} When Idle`,
        placeholder: `After how many idle minutes? Choose, or type ${idleExamples()}`,
        choices: idleMenu(now),
        preferred: now,
        typed: typedIdle,
      });
      if (typeof minutes === 'number') await wish(context, session, { endWhenIdle: minutes });
    },
  };
}

function idleMenu(now: number): readonly Choice<number>[] {
  const lengths = [...new Set([...IDLE_MINUTES, now])].filter((minutes) => minutes !== NEVER).sort((a, b) => a - b);
  return [NEVER, ...lengths].map((minutes) => ({
    value: minutes,
    label: minutes === NEVER ? 'Never' : `After ${minutesText(minutes)}`,
    description: minutes === now ? 'as it is now' : '',
  }));
}

/** Says what is promised from now on, and how far the promise goes. */
export async function wish(
  { guardian, rules, facts }: WishContext,
  session: Session,
  change: WishChange,
): Promise<void> {
  await guardian.wish(session.id, change);
  const wished = facts().wishOf(session.id);
  const promises = promisesOf(wished);
  const isExtended = wished.keepAlive || wished.finishThenEnd;
  const limit = isExtended ? `, extended while it renders by up to ${minutesText(rules().keepAliveUpTo)}` : '';
  const text =
    promises.length === 0
      ? 'Nothing is done by itself about this session'
      : `This session: ${promises.join(', ')}${limit}`;
  note(text, NOTE_FOR);
}
