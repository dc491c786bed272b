import assert from 'node:assert/strict';
import { ApiError } from '../../src/platform/errors';
import { cpuTime } from './cpuTime';

// Whether work takes time in proportion to its input. A result that wavers is measured again: linear work looks linear
// in at least one round, other work in none.

/** What an input of a size looks like; characters, items, whatever it consists of. */
export type Maker<I> = (size: number) => I;

/** Called with the input; its result is ignored. */
export type Work<I> = (input: I) => unknown;

const SMALLEST = 1 << 10;
/** Work that finishes at once for an input of this size is harmless: quadratic work would already be measurable. */
const LARGEST = 1 << 14;
/** Shorter times cannot be distinguished, ms. */
const DISTINGUISHING = 2;
/** Enough to be measured well, ms. */
const PLENTY = 100;
/** How many times larger the larger of the two inputs is. */
const FACTOR = 8;
/** Linear work takes 8 times as long, quadratic work 64 times: the limit is in between, equally far from both. */
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
  let size = await measurableSize(make, work, largest);
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
async function measurableSize<I>(make: Maker<I>, work: Work<I>, largest: number): Promise<number | undefined> {
  const smallest = Math.min(SMALLEST, largest);
  const isRevealing = async (input: I) => (await timeOf(input, work)) >= DISTINGUISHING;
  await timeOf(make(smallest), work);
  const input = make(largest);
  if (!(await isRevealing(input)) || !(await isRevealing(input))) return undefined; // or just the collector, once
  for (let size = smallest; size < largest; size *= 4) if (await isRevealing(make(size))) return size;
  return largest;
}

/** The best of several tries. Small and large take turns, so that a busy moment affects both. */
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
 * In processor time, ms, which other programs do not add to.
 * @throws whatever is not a refusal: a reader that crashes at once takes no time, but reads nothing either.
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

/** Where a size counts characters: the text repeated up to that length. */
export const repeated =
  (text: string, before = '', after = ''): Maker<string> =>
  (size) =>
    before + text.repeat(Math.ceil(size / text.length)) + after;
