import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import { cell, csvOf } from '../platform/csv';
import { parseJson } from '../platform/plainJson';

const Run = z.lazy(() =>
  z.object({
    set: z.array(z.object({ nodeId: z.string(), input: z.string(), json: z.string() })),
    /** `sent`: about to be sent, or sent. */
    state: z.enum(['due', 'sent', 'done', 'failed']),
    ids: z.optional(z.object({ promptId: z.string(), clientId: z.string() })),
    /** ms. */
    took: z.optional(z.number()),
    /** Names in the folder. */
    files: z.optional(z.array(z.string())),
    /** For people. */
    why: z.optional(z.string()),
  }),
);
const Plan = z.lazy(() =>
  z.object({
    id: z.string(),
    sessionId: SessionId,
    /** Of the workflow. */
    name: z.string(),
    /** The folder's address: contains the workflow to send, and gets the results. */
    folder: z.string(),
    /** Server time, ms: users cannot set it back. */
    startedAt: z.number(),
    /** Billionths of a dollar. */
    limit: z.optional(z.string()),
    runs: z.array(Run),
  }),
);

/** One of many runs. */
export type PlannedRun = z.output<typeof Run>;
/** Many runs of one workflow, and their progress. */
export type RunPlan = z.output<typeof Plan>;

/** The runs that this window has in progress. */
export const RUN_PLANS = { key: 'manyRuns', schema: Plan, idOf: ({ id }: RunPlan) => id, most: 5 };

/** The run that was sent and not seen to end, or else the next one. */
export function nextRun({ runs }: RunPlan): number {
  const sent = runs.findIndex(({ state }) => state === 'sent');
  return sent >= 0 ? sent : runs.findIndex(({ state }) => state === 'due');
}

export function withRun(plan: RunPlan, index: number, change: Partial<PlannedRun>): RunPlan {
  return { ...plan, runs: plan.runs.map((run, at) => (at === index ? { ...run, ...change } : run)) };
}

export function countOf({ runs }: RunPlan, state: PlannedRun['state']): number {
  return runs.filter((run) => run.state === state).length;
}

/** Of those that are done, ms; 0 if none is. */
export function longestRun({ runs }: RunPlan): number {
  return Math.max(0, ...runs.map(({ took = 0 }) => took));
}

/** The table of runs: the inputs and result of each. */
export function runsCsv({ runs }: RunPlan): string {
  const columns = (runs[0]?.set ?? []).map(({ nodeId, input }) => cell(`${nodeId}.${input}`));
  const head = ['run', ...columns, 'state', 'seconds', 'files', 'why'];
  const rows = runs.map(({ set, state, took, files = [], why = '' }, index) => [
    String(index + 1),
    ...set.map(({ json }) => shown(json)),
    state,
    took === undefined ? '' : (took / 1_000).toFixed(1),
    cell(files.join('; ')),
    cell(why),
  ]);
  return csvOf([head, ...rows]);
}

/** Numbers unchanged; texts so that a spreadsheet takes none for a formula. */
function shown(json: string): string {
  const value = parseJson(json);
  return typeof value === 'number' ? json : cell(typeof value === 'string' ? value : json);
}
