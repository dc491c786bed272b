import * as z from 'zod/mini';
import { machinesOf, ownBilled } from '../../sessions/snapshot';
import { dollarsOf, factsOf, MOST } from './facts';
import { upToDate, type AgentContext, type Tool } from './tool';

const Nothing = z.lazy(() => z.object({}));

/** Machines, GPUs and their prices, and the user's sessions. */
export function listTool(context: AgentContext): Tool<typeof Nothing> {
  return {
    input: Nothing,
    async run() {
      await upToDate(context);
      const input = context.appState();
      const machines = machinesOf(input.snapshot);
      const prices = [...(input.prices ?? [])].slice(0, MOST);
      return {
        facts: {
          machines: machines.slice(0, MOST).map(({ id, name, gpu, status, hosting }) => ({
            id,
            name,
            gpu,
            status,
            canStart: hosting.kind === 'able',
          })),
          machinesInAll: machines.length,
          sessions: ownBilled(input.snapshot)
            .slice(0, MOST)
            .map((session) => factsOf(session, input)),
          dollarsAnHour: Object.fromEntries(
            prices.map(([gpu, price]) => [gpu, dollarsOf(BigInt(Math.round(price)) * 3_600n)]),
          ),
        },
      };
    },
  };
}
