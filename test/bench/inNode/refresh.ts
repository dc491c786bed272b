import * as z from 'zod';
import type { Clock } from '../../../src/platform/clock';
import type { SessionTree, TreeNode } from '../../../src/sidebar/ui/sessionTree';
import { answersFor, asClock, stillClock, type Answers, type Furniture } from '../account';
import { createSubject } from './subject';

const LARGE: Furniture = { machines: 1_000, sessions: 5_000, minutesLeft: 20 };
const WARM_UP = 10;
const SAMPLES = 40;

const Round = z.object({
  ms: z.number(),
  /** The size of each redraw that VS Code was asked for, in rows. */
  events: z.array(z.union([z.number(), z.literal('all')])),
});
export type Round = z.output<typeof Round>;

export const Refreshes = z.object({
  /** What `JSON.parse` takes for both answers: once, and when it has been done before. */
  firstFloor: z.number(),
  floor: z.array(z.number()),
  /** Of both answers. */
  characters: z.number(),
  first: Round,
  /** How long VS Code then takes to read every row that it asks for. */
  allRows: z.number(),
  unchanged: z.array(Round),
  changed: z.array(Round),
});

/** The view is open all the time, and all its rows are visible. */
export async function timeRefreshes(): Promise<z.output<typeof Refreshes>> {
  const clock = stillClock();
  const same = await answersFor(LARGE, clock);
  const other = { ...same, sessions: same.sessions.replace('"gpu":"A10G"', '"gpu":"B200"') };
  let answers = same;
  const firstFloor = parsed(same);
  const { refresh, draw } = timed(() => answers, asClock(clock));
  const first = await refresh();
  const allRows = draw();
  for (let round = 0; round < WARM_UP; round++) {
    await refresh();
    answers = answers === same ? other : same;
  }

  const unchanged: Round[] = [];
  const changed: Round[] = [];
  const floor: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    await refresh();
    floor.push(parsed(answers));
    unchanged.push(await refresh());
    answers = answers === same ? other : same;
    changed.push(await refresh());
  }
  const characters = same.machines.length + same.sessions.length;
  return { characters, firstFloor, floor, first, allRows, unchanged, changed };
}

function parsed({ machines, sessions }: Answers): number {
  const start = performance.now();
  JSON.parse(machines);
  JSON.parse(sessions);
  return performance.now() - start;
}

function timed(answers: () => Answers, clock: Clock) {
  const { store, tree, prepare } = createSubject({ answers }, clock);
  let events: Round['events'] = [];
  tree.onDidChangeTreeData((nodes) => {
    events = [...events, nodes?.length ?? 'all'];
    for (const node of nodes ?? []) tree.getTreeItem(node);
  });
  const refresh = async (): Promise<Round> => {
    events = [];
    prepare();
    const start = performance.now();
    await store.refresh();
    return { ms: performance.now() - start, events };
  };
  return { refresh, draw: () => timeOf(() => drawBelow(tree)) };
}

function timeOf(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

/** What VS Code asks for. */
function drawBelow(tree: SessionTree, parent?: TreeNode): void {
  for (const node of tree.getChildren(parent)) {
    tree.getTreeItem(node);
    if (node.kind === 'machine') drawBelow(tree, node); // machines expand by themselves
  }
}
