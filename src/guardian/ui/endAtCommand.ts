import type { Session } from '../../comfydeploy/model';
import type { Choice } from '../../platform/choice';
import type { CommandHandlers } from '../../platform/ui/commands';
import { pick } from '../../platform/ui/pick';
import type { EndAt, WishChange } from '../../sessions/preferences';
import { whoseTitle, type OwnerInput } from '../../sessions/sessionText';
import { endAtText } from '../promiseText';
import { endExamples, typedEnd } from '../typedEnd';
import { wish, type WishContext, type WishInput } from './guardCommands';

export interface EndAtInput extends WishInput, OwnerInput {
  /** Server time, ms. */
  readonly now: number;
}

interface EndAtContext extends WishContext {
  readonly facts: () => EndAtInput;
  readonly targets: {
    session(target: unknown, capability: string, ask: string): Promise<Session | undefined>;
  };
}

type Answer = NonNullable<WishChange['endAt']>;

/** Asks when a session is to end by the clock. */
export function endAtCommand(context: EndAtContext): Pick<CommandHandlers, 'endAt'> {
  const { targets, facts, rules } = context;
  return {
    async endAt(target) {
      const session = await targets.session(target, '+guard', 'End which session at a time?');
      if (!session) return;
      const { now } = facts();
      const known = facts().wishOf(session.id).endAt;
      const endAt = await pick<Answer>({
        title: `End ${whoseTitle(session, facts())} at a Time`,
        placeholder: `Choose, or type ${endExamples(now)}`,
        choices: menu(known, rules().usual.endAt),
        typed: (text) => typedEnd(text, facts().now),
      });
      if (typeof endAt === 'string' || typeof endAt === 'number') await wish(context, session, { endAt });
    },
  };
}

function menu(known: EndAt | undefined, usual: EndAt | undefined): readonly Choice<Answer>[] {
  const isSoNow = (is: boolean) => (is ? 'as it is now' : '');
  const never: Choice<Answer> = { value: 'never', label: 'Never', description: isSoNow(known === undefined) };
  if (known?.kind === 'once') {
    const once: Choice<Answer> = { value: known.at, label: `At ${endAtText(known)}`, description: isSoNow(true) };
    return usual ? [never, once, asSet(usual, '')] : [never, once];
  }
  return usual ? [never, asSet(usual, isSoNow(known !== undefined))] : [never];
}

function asSet(usual: EndAt, description: string): Choice<Answer> {
  return { value: 'asSet', label: `At ${endAtText(usual)}, as in your settings`, description };
}
