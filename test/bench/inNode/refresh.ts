import * as z from 'zod';
import type { Clock } from '../../../src/platform/clock';
import { answersFor, asClock, stillClock, type Answers, type Furniture } from '../account';
import { createSubject } from './subject';

const LARGE: Furniture = { machines: 1_000, sessions: 5_000, minutesLeft: 20 };
const WARM_UP = 10;
const SAMPLES = 40;

const Round = z.object({
  ms: z.number(),
  /** How many rows VS Code was told to draw again, by event. */
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
  unchanged: z.array(Round),
  changed: z.array(Round),
});

export async function timeRefreshes(): Promise<z.output<typeof Refreshes>> {
  const clock = stillClock();
  const same = await answersFor(LARGE, clock);
  const other = { ...same, sessions: same.sessions.replace('"gpu":"A10G"', '"gpu":"B200"') };
  let answers = same;
  const firstFloor = parsed(same);
  const refresh = timed(() => answers, asClock(clock));
  const first = await refresh();
  for (let round = 0; round < WARM_UP; round++) await refresh();

  const unchanged: Round[] = [];
  const changed: Round[] = [];
  const floor: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample++) {
    floor.push(parsed(answers));
    unchanged.push(await refresh());
    answers = answers === same ? other : same;
    changed.push(await refresh());
  }
  return { characters: same.machines.length + same.sessions.length, firstFloor, floor, first, unchanged, changed };
}

function parsed({ machines, sessions }: Answers): number {
  const start = performance.now();
  JSON.parse(machines);
  JSON.parse(sessions);
  return performance.now() - start;
}

function timed(answers: () => Answers, clock: Clock): () => Promise<Round> {
  const { store, tree } = createSubject({ answers }, clock);
  let events: Round['events'] = [];
  tree.onDidChangeTreeData((nodes) => (events = [...events, nodes?.length ?? 'all']));
  return async () => {
    events = [];
    const start = performance.now();
    await store.refresh();
    return { ms: performance.now() - start, events };
  };
}
