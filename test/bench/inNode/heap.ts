import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod';
import { answersFor, asClock, stillClock, type Answers, type Furniture } from '../account';
import { garbageCollector } from './garbage';
import { createSubject } from './subject';

/** Its sessions last longer than the measurement. */
const NORMAL: Furniture = { machines: 10, sessions: 5, minutesLeft: 60 * 24 * 3 };
/** During these rounds V8 drops the compiled code of what ran only at the start, about a megabyte. */
const WARM_UP = 10_000;
export const ROUNDS = 10_000;
const ROUNDS_PER_READING = 500;
/** In the second half, every so many rounds one session ends and another one starts. */
export const ROUNDS_PER_SESSION = 50;
const ROUND_MS = 15_000;

const Readings = z.array(z.object({ round: z.number(), bytes: z.number() }));
type Readings = z.output<typeof Readings>;
export const Heaps = z.object({ steady: Readings, changing: Readings });

/** The memory kept while the same sessions run, and then while sessions end and start. */
export async function readHeap(): Promise<z.output<typeof Heaps>> {
  const clock = stillClock();
  const answers = await answersFor(NORMAL, clock);
  let ended = 0;
  const { store } = createSubject({ answers: () => withSession(answers, ended) }, asClock(clock));
  const collect = garbageCollector();

  const live = async (rounds: number, isChanging: boolean): Promise<Readings> => {
    const readings: Readings = [];
    for (let round = 1; round <= rounds; round++) {
      if (isChanging && round % ROUNDS_PER_SESSION === 0) ended++;
      await clock.advance(ROUND_MS);
      await store.refresh();
      await nextTurn(); // as between real answers: targets of weak references are kept until the turn ends
      if (round % ROUNDS_PER_READING !== 0) continue;
      collect();
      readings.push({ round, bytes: process.memoryUsage().heapUsed });
    }
    return readings;
  };
  await live(WARM_UP, false);
  return { steady: await live(ROUNDS, false), changing: await live(ROUNDS, true) };
}

/** The same account, with a different first session for each number. */
function withSession({ machines, sessions }: Answers, number: number): Answers {
  const [, id = ''] = /"session_id":"([^"]+)"/.exec(sessions) ?? [];
  const other = `${id.slice(0, -8)}${number.toString(16).padStart(8, '0')}`;
  return { machines, sessions: sessions.replaceAll(id, other) };
}
