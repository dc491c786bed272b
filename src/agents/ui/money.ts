import * as l10n from '@vscode/l10n';
import { about, dollars } from '../../platform/dollars';
import { ApiError } from '../../platform/errors';
import { MINUTE } from '../../platform/units';
import { costOf } from '../../spending/cost';
import type { Wanted } from '../wallet';
import type { AgentContext, AgentInput, Question } from './tool';

/** @param from server time, ms. @throws {ApiError} if the price is not known. */
export function costFor(
  gpu: string,
  minutes: number,
  { prices, now }: AgentInput,
  from = now,
): Omit<Wanted, 'session'> {
  const price = prices?.get(gpu);
  if (price === undefined) throw new ApiError('refused', l10n.t('price unknown'));
  return { cost: Number(costOf(price, minutes * MINUTE)), until: from + minutes * MINUTE };
}

/** With the price, and what agents have spent. */
export async function questionOf({ wallet, mostADay }: AgentContext, what: string, price: string): Promise<Question> {
  const spent = l10n.t('Agents have spent {0} of {1} today.', about(await wallet.spentToday()), dollars(mostADay()));
  return {
    title: l10n.t({ message: '{0}?', args: [what], comment: ['Start A10G on sd-box for 5 h?'] }),
    detail: `${price} ${spent}`,
  };
}
