import * as l10n from '@vscode/l10n';
import type { Yes } from '../../sessions/acts';
import { wouldExceed, type SpendingLimits } from '../spendingLimits';
import { costOf } from '../cost';
import type { Spending } from '../spending';
import type { Prices, Session } from '../../comfydeploy/model';
import { costText, shortText } from '../menus';
import { when } from '../../platform/durations';
import { excessText } from '../moneyText';
import { confirm } from '../../platform/ui/pick';
import { MINUTE } from '../../platform/units';

export interface SpendingQuestionInput {
  /** Server time, ms. */
  readonly now: number;
  readonly prices: Prices | undefined;
  readonly spending: Spending;
  readonly limits: { readonly spendingLimits: SpendingLimits };
}

/** More than this at once, in minutes, may be a mistake: `8:16` may have meant this evening. */
const LONG = 4 * 60;

export interface Wanted {
  readonly gpu: string;
  readonly minutes: number;
  /** The session that is extended; undefined for a new one. */
  readonly session?: Session;
  /** The question without its question mark. */
  readonly what: string;
  /** The button's label. */
  readonly action: string;
  /** Sentences that say what is agreed to, where that is more than the minutes. */
  readonly terms?: readonly string[] | undefined;
  /** Who asks, if it is not the user. */
  readonly origin?: string | undefined;
  /** The user has not agreed to any of it yet, so the question is always asked. */
  readonly isUnasked?: boolean;
}

/**
 * Whether the user allows this cost: asks if the time is long, or the cost would exceed a spending limit.
 * @param yes consent to the request: if it has expired, the user is asked again, and its age counts from the last
 * answer.
 */
export async function isAllowed(input: SpendingQuestionInput, wanted: Wanted, yes: Yes): Promise<boolean> {
  const question = questionOf(input, { ...wanted, isUnasked: wanted.isUnasked === true || yes.isOld });
  if (question === undefined) return true;
  if (!(await confirm(...question))) return false;
  yes.repeat();
  return true;
}

/** Undefined if nothing has to be asked. */
function questionOf(input: SpendingQuestionInput, wanted: Wanted): Parameters<typeof confirm> | undefined {
  const { gpu, minutes, session, what, action, isUnasked = false } = wanted;
  const price = input.prices?.get(gpu);
  const cost = price === undefined ? 0n : costOf(price, minutes * MINUTE);
  const excess = wouldExceed(input.spending, input.limits.spendingLimits, cost, session?.id);
  const isLong = minutes > LONG || isUnasked;
  const anyway = () => (session ? l10n.t('Extend Anyway') : l10n.t('Start Anyway'));
  if (excess && !isLong) return [excessText(excess), aboutLimits(), anyway()];
  if (!isLong) return undefined;
  const lines = [
    ...(wanted.origin === undefined ? [] : [wanted.origin]),
    costLine(input, wanted),
    ...(excess ? [`${excessText(excess)} ${aboutLimits()}`] : []),
  ];
  const question = l10n.t({ message: '{0}?', args: [what], comment: ['Start A10G on sd-box for 5 h?'] });
  return [question, lines.join('\n\n'), excess ? anyway() : action];
}

function aboutLimits(): string {
  return l10n.t('You set these spending limits in the settings. Costs are estimates from list prices.');
}

/** `It would end tomorrow at 8:16. The added time costs about $22.01.` */
export function costLine(
  { now, prices, spending }: Omit<SpendingQuestionInput, 'limits'>,
  { gpu, minutes, session, terms }: Pick<Wanted, 'gpu' | 'minutes' | 'session' | 'terms'>,
): string {
  const from = session === undefined ? now : 'endsAt' in session ? session.endsAt : undefined;
  const end = from === undefined ? [] : [l10n.t('It would end {0}.', when(from + minutes * MINUTE, now))];
  const price = prices?.get(gpu);
  if (price === undefined) return [...(terms ?? end), l10n.t('The price is unknown.')].join(' ');
  const cost = costText(price, minutes);
  const costs = session ? l10n.t('The added time costs {0}.', cost) : l10n.t('It costs {0}.', cost);
  const short = shortText(price, minutes, spending.balance);
  const left =
    short === undefined ? [] : [l10n.t({ message: 'There is {0}.', args: [short], comment: ['{0}: no credit left'] })];
  return [...(terms ?? [...end, costs]), ...left].join(' ');
}
