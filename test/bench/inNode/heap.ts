import { setImmediate as nextTurn } from 'node:timers/promises';
import * as z from 'zod';
import { answersFor, asClock, stillClock, type Answers, type Furniture } from '../account';
import { garbageCollector } from './garbage';
import { createSubject } from './subject';

/** Its sessions outlive the measurement. */
const NORMAL: Furniture = { machines: 10, sessions: 5, minutesLeft: 60 * 24 * 3 };
const WARM_UP = 5_000;
const ROUNDS = WARM_UP + 10_000;
const ROUNDS_PER_READING = 500;
/** Every so many rounds one session is gone and another has come. */
const ROUNDS_PER_SESSION = 50;
const ROUND_MS = 15_000;

export const Readings = z.array(z.object({ round: z.number(), bytes: z.number() }));

export async function readHeap(): Promise<z.output<typeof Readings>> {
  const clock = stillClock();
  const answers = await answersFor(NORMAL, clock);
  let round = 0;
  const { store } = createSubject(
    { answers: () => withSession(answers, Math.floor(round / ROUNDS_PER_SESSION)) },
    asClock(clock),
  );
  const collect = garbageCollector();

  const readings: z.output<typeof Readings> = [];
  for (round = 1; round <= ROUNDS; round++) {
    await clock.advance(ROUND_MS);
    await store.refresh();
    await nextTurn(); // as between real answers: what weak references point to is kept until the turn ends
    if (round < WARM_UP || round % ROUNDS_PER_READING !== 0) continue;
    collect();
    readings.push({ round, bytes: process.memoryUsage().heapUsed });
  }
  return readings;
}

/** The same account, its first session another one for each number. */
function withSession({ machines, sessions }: Answers, number: number): Answers {
  const [, id = ''] = /"session_id":"([^"]+)"/.exec(sessions) ?? [];
  const other = `${id.slice(0, -8)}${number.toString(16).padStart(8, '0')}`;
  return { machines, sessions: sessions.replaceAll(id, other) };
}
