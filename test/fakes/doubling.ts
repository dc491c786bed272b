import assert from 'node:assert/strict';
import { ApiError } from '../../src/platform/errors';
import { cpuTime } from './cpuTime';

// Whether work takes time in proportion to its input. What wavers is measured again: linear work is seen to be linear in
// some round, and what is not never is.

/** What an input of a size looks like; characters, items, whatever it consists of. */
export type Maker<I> = (size: number) => I;

/** To be carried out with the input; what it resolves with is not looked at. */
export type Work<I> = (input: I) => unknown;

const SMALLEST = 1 << 10;
/** Work that is over at once for as much as this cannot hurt: the square of it would be seen. */
const LARGEST = 1 << 14;
/** Below this the clock tells nothing, ms. */
const DISTINGUISHING = 2;
/** Enough to be measured well, ms. */
const PLENTY = 100;
/** How much larger the larger one of two inputs is. */
const FACTOR = 8;
/** Linear work takes eight times as long, square work 64 times: in between, as far from both. */
const MOST = 23;
const TRIES = 3;
const ROUNDS = 4;

/**
 * @param largest size at which the work must be over at once if it is not measured: for inputs whose making is slow.
 * @throws {AssertionError} if the work grows faster than its input.
 */
export async function assertLinear<I>(
  what: string,
  make: Maker<I>,
  work: Work<I>,
  largest: number = LARGEST,
): Promise<void> {
  let size = await tellingSize(make, work, largest);
  if (size === undefined) return;
  const found: string[] = [];
  for (let round = 1; round <= ROUNDS; round++) {
    const { less, more } = await timesOf(make(size), make(FACTOR * size), work);
    if (more < Math.max(DISTINGUISHING, MOST * less)) return;
    found.push(`${FACTOR} times ${size} took ${Math.round(more / less)} times as long`);
    if (more < PLENTY) size *= 2; // what the collector adds from some size on weighs less
  }
  assert.fail(`${what}: ${found.join(', ')}`);
}

/** The smallest size that takes long enough to be measured; undefined if the largest does not. */
async function tellingSize<I>(make: Maker<I>, work: Work<I>, largest: number): Promise<number | undefined> {
  const smallest = Math.min(SMALLEST, largest);
  const isRevealing = async (input: I) => (await timeOf(input, work)) >= DISTINGUISHING;
  await timeOf(make(smallest), work);
  const input = make(largest);
  if (!(await isRevealing(input)) || !(await isRevealing(input))) return undefined; // or just the collector, once
  for (let size = smallest; size < largest; size *= 4) if (await isRevealing(make(size))) return size;
  return largest;
}

/** The best of several tries, taken in turn, so that a busy moment meets both. */
async function timesOf<I>(
  small: I,
  large: I,
  work: Work<I>,
): Promise<{ readonly less: number; readonly more: number }> {
  let [less, more] = [Infinity, Infinity];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    less = Math.min(less, await timeOf(small, work));
    more = Math.min(more, await timeOf(large, work));
    if (attempt > 0 && more < MOST * less) break;
  }
  return { less, more };
}

/**
 * Of the processor, ms: other programs take none of it.
 * @throws whatever is no refusal: a reader that breaks down at once takes no time, and reads nothing, either.
 */
async function timeOf<I>(input: I, work: Work<I>): Promise<number> {
  const start = cpuTime();
  try {
    await work(input);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
  return cpuTime() - start;
}

/** Where a size is told in characters: the text over and over, up to it. */
export const repeated =
  (text: string, before = '', after = ''): Maker<string> =>
  (size) =>
    before + text.repeat(Math.ceil(size / text.length)) + after;
