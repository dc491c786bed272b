import * as z from 'zod/mini';
import { dollarsOf } from './facts';
import { upToDate, type AgentContext, type Tool } from './tool';

const Nothing = z.lazy(() => z.object({}));

/** What was spent, and what agents may still spend. */
export function spendingTool(context: AgentContext): Tool<typeof Nothing> {
  return {
    input: Nothing,
    async run() {
      await upToDate(context);
      const { spending, limits } = context.appState();
      const { today, month, balance } = spending;
      const { session, day, month: ofMonth } = limits.spendingLimits;
      const known = (sum: bigint | undefined) => (sum === undefined ? undefined : dollarsOf(sum));
      return {
        facts: {
          dollars: { today: dollarsOf(today), month: dollarsOf(month), credit: known(balance) },
          limits: { session: known(session), day: known(day), month: known(ofMonth) },
          agents: { today: dollarsOf(await context.wallet.spentToday()), mostADay: dollarsOf(context.mostADay()) },
        },
      };
    },
  };
}
