import type { Yes } from '../../sessions/acts';
import { wouldExceed, type Ceilings } from '../ceilings';
import { costOf } from '../cost';
import type { Spending } from '../spending';
import type { Prices, Session } from '../../comfydeploy/model';
import { costText, shortText } from '../menus';
import { when } from '../../platform/durations';
import { excessText } from '../moneyText';
import { confirm } from '../../platform/ui/pick';

export interface CeilingQuestionInput {
  /** Server time, ms. */
  readonly now: number;
  readonly prices: Prices | undefined;
  readonly spending: Spending;
  readonly ceilings: Ceilings;
}

const MINUTE = 60_000;
/** More at once, in minutes, may be a slip: `8:16` may have been meant for this evening. */
const LONG = 4 * 60;

export interface Wanted {
  readonly gpu: string;
  readonly minutes: number;
  /** The one that is extended; a new one has none. */
  readonly session?: Session;
  /** What the question asks, without its mark. */
  readonly what: string;
  /** What the button says. */
  readonly action: string;
  /** The user has not been asked for any of it, so nothing goes without saying. */
  readonly isUnasked?: boolean;
}

/**
 * Whether so much more may be spent: asks where it is much, or would break one of the user's own ceilings.
 * @param yes to what is wanted: if it is too old, that is asked again, and it counts from the last answer.
 */
export async function isAllowed(facts: CeilingQuestionInput, wanted: Wanted, yes: Yes): Promise<boolean> {
  const question = questionOf(facts, { ...wanted, isUnasked: wanted.isUnasked === true || yes.isOld });
  if (question === undefined) return true;
  if (!(await confirm(...question))) return false;
  yes.repeat();
  return true;
}

/** Undefined where nothing has to be asked. */
function questionOf(facts: CeilingQuestionInput, wanted: Wanted): Parameters<typeof confirm> | undefined {
  const { gpu, minutes, session, what, action, isUnasked = false } = wanted;
  const price = facts.prices?.get(gpu);
  const cost = price === undefined ? 0n : costOf(price, minutes * MINUTE);
  const excess = wouldExceed(facts.spending, facts.ceilings, cost, session?.id);
  const isLong = minutes > LONG || isUnasked;
  if (excess && !isLong) return [excessText(excess), CEILINGS, `${action} Anyway`];
  if (!isLong) return undefined;
  const lines = [costLine(facts, wanted), ...(excess ? [`${excessText(excess)} ${CEILINGS}`] : [])];
  return [`${what}?`, lines.join('\n\n'), excess ? `${action} Anyway` : action];
}

const CEILINGS = 'The ceilings are yours: see the settings. Costs are estimates from list prices.';

/** `It would end tomorrow at 8:16. The added time costs about $22.01.` */
function costLine({ now, prices, spending }: CeilingQuestionInput, { gpu, minutes, session }: Wanted): string {
  const from = session === undefined ? now : 'endsAt' in session ? session.endsAt : undefined;
  const end = from === undefined ? '' : `It would end ${when(from + minutes * MINUTE, now)}. `;
  const price = prices?.get(gpu);
  if (price === undefined) return `${end}The price of its GPU is not known.`;
  const short = shortText(price, minutes, spending.balance);
  const costs = `${end}The ${session ? 'added ' : ''}time costs ${costText(price, minutes)}`;
  return short === undefined ? `${costs}.` : `${costs}, and there is ${short}.`;
}
