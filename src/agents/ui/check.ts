import * as z from 'zod/mini';
import { machinesOf } from '../../sessions/snapshot';
import { machineNamed } from '../../sidebar/startable';
import { MOST, possible } from './facts';
import { workflowAt } from './files';
import { upToDate, type AgentContext, type Tool } from './tool';

const Check = z.lazy(() => z.object({ workflow: z.string(), machine: z.string() }));

/** What is wrong with a workflow file on a machine, before anything is paid for. */
export function checkTool(context: AgentContext): Tool<typeof Check> {
  return {
    input: Check,
    async run({ workflow, machine: name }) {
      const file = await workflowAt(workflow, context);
      await upToDate(context);
      const machines = machinesOf(context.appState().snapshot);
      const machine = machineNamed(machines, name);
      if (!machine) throw possible(machines.map((one) => one.name));
      const found = await context.tools.checking.problemsOn(file, machine);
      const problems = found?.map(({ nodeId, input, message, severity = 'error' }) => ({
        node: nodeId,
        input,
        severity,
        message,
      }));
      return { facts: { isKnown: problems !== undefined, problems: problems?.slice(0, MOST) } };
    },
  };
}
