import fs from 'node:fs';
import path from 'node:path';
import type * as z from 'zod';
import { MOST_RECEIPTS } from '../../src/spending/receiptLines';
import { ensureCodeServer, type Preset } from '../vscode/codeServerInstall';
import { mustRun } from '../vscode/processes';
import { inProject } from '../vscode/project';
import { atMost, kilobytes, milliseconds, type Bench, type Figure, type Measurement } from './figure';
import { Flood } from './inNode/flood';
import { Heaps, ROUNDS, ROUNDS_PER_SESSION } from './inNode/heap';
import { Refreshes, type Round } from './inNode/refresh';
import { median, slope, spread } from './statistics';

const LIMIT_MS = 50;
/** In multiples of the time of `JSON.parse` for the same texts. */
const LIMITS = { unchanged: 0.2, changed: 2, first: 6 };
/** Five times the lines must take the same memory; measurements of kept memory waver by a tenth. */
const LIMIT_RATIO = 1.2;
/** Growth over all rounds; a warm heap wavers that much by itself. */
const LIMIT_BYTES = 100_000;

export const refresh: Measurement = {
  name: 'refresh',
  title: 'One refresh of a very large account',
  method:
    'With 1,000 machines and 5,000 sessions, in the Node of the oldest and of the newest VS Code: from the bytes of two ' +
    'answers through parsing, the store and the rows to what the tree tells VS Code to draw again; as a multiple of what ' +
    '`JSON.parse` alone takes for the same texts in the same process, by turns. The view is open, and VS Code has every row.',
  async measure(bench) {
    const figures: Figure[] = [];
    for (const preset of ['oldest', 'newest'] as const) {
      const { characters, first, allRows, unchanged, changed, firstFloor, floor } = await inNode(
        preset,
        'refresh',
        Refreshes,
        bench,
      );
      const usual = median(floor);
      figures.push(
        asRatio(`Nothing new, ${preset}`, unchanged, usual, LIMITS.unchanged),
        asRatio(`One session changed, ${preset}`, changed, usual, LIMITS.changed),
        asRatio(`The first, ${preset}`, [first], firstFloor, LIMITS.first),
        {
          ...ratioOf(`Every row given to VS Code after it, ${preset}`, allRows, firstFloor),
          note: milliseconds(allRows),
        },
        {
          name: `JSON.parse alone, ${preset}`,
          value: milliseconds(usual),
          note: `${milliseconds(firstFloor)} the first time; ${kilobytes(characters)} of text`,
        },
      );
    }
    return figures;
  },
};

export const heap: Measurement = {
  name: 'heap',
  title: 'Memory',
  method:
    'In the Node of the newest VS Code, refreshes of 10 machines and 5 sessions, 15 s of simulated time apart: 10,000 to ' +
    'warm up, 10,000 while the same sessions run, and 10,000 more in which every 50 a session ends and another begins. ' +
    'The heap is read every 500 refreshes, after a full collection; growth is by least squares over the readings.',
  async measure(bench) {
    const { steady, changing } = await inNode('newest', 'heap', Heaps, bench);
    const growth = aRefresh(steady) * ROUNDS;
    const aSession = aRefresh(changing) * ROUNDS_PER_SESSION;
    return [
      {
        name: `Growth over ${ROUNDS.toLocaleString('en')} refreshes`,
        value: kilobytes(growth),
        target: { text: `within ${kilobytes(LIMIT_BYTES)}`, isMet: Math.abs(growth) <= LIMIT_BYTES },
      },
      {
        name: 'Growth with each session that ends',
        value: kilobytes(aSession),
        note: `its receipt, of which ${MOST_RECEIPTS.toLocaleString('en')} are kept`,
      },
    ];
  },
};

function aRefresh(readings: readonly { readonly round: number; readonly bytes: number }[]): number {
  return slope(readings.map(({ round, bytes }) => [round, bytes]));
}

export const flood: Measurement = {
  name: 'flood',
  title: 'A flood of log lines',
  method:
    "In the Node of the newest VS Code: a session's log of 100,000 lines with colours, levels and progress bars comes in " +
    'pieces of 64 kB and goes through parsing, redaction and the terminal that shows it; as a multiple of what `JSON.parse` ' +
    'alone takes for its lines in the same process. Heaps are read after a full ' +
    'collection, while the log is still shown.',
  async measure(bench) {
    const { characters, ms, floor, longestTurn, heapAfterFew, heapAfterAll, kept, writes } = await inNode(
      'newest',
      'flood',
      Flood,
      bench,
    );
    const ratio = heapAfterAll / heapAfterFew;
    return [
      {
        ...ratioOf('All of it', ms, floor),
        note: `${milliseconds(ms)}; floor ${milliseconds(floor)}; ${kilobytes(characters)} of text in ${writes} writes`,
      },
      {
        name: 'The longest wait for anything else',
        value: milliseconds(longestTurn),
        target: atMost(longestTurn, LIMIT_MS, `${LIMIT_MS} ms`),
      },
      { name: 'Heap after 20,000 lines', value: kilobytes(heapAfterFew) },
      {
        name: 'Heap after 100,000 lines',
        value: kilobytes(heapAfterAll),
        note: `${kept.toLocaleString('en')} are kept`,
      },
      {
        name: 'Ratio of the two',
        value: ratio.toFixed(2),
        target: atMost(ratio, LIMIT_RATIO, LIMIT_RATIO.toString()),
      },
    ];
  },
};

/** Measures in a process of its own: nothing else of ours is in its heap. */
async function inNode<S extends z.ZodType>(
  preset: Preset,
  name: string,
  schema: S,
  bench: Bench,
): Promise<z.output<S>> {
  const { node } = await ensureCodeServer(preset, bench.progress);
  bench.progress(`Measuring ${name} in the Node of the ${preset} VS Code`);
  const file = path.join(bench.folder, `${name}.json`);
  await mustRun(node, [inProject('dist', 'test', 'benchInNode.js'), name], {
    env: { ...process.env, TEST_RESULTS: file },
  });
  return schema.parse(JSON.parse(fs.readFileSync(file, 'utf8')));
}

/** @param floor ms. */
function asRatio(name: string, rounds: readonly Round[], floor: number, limit: number): Figure {
  const times = rounds.map(({ ms }) => ms);
  const ratio = median(times) / floor;
  return {
    ...ratioOf(name, median(times), floor),
    target: atMost(ratio, limit, limit.toString()),
    note: `${milliseconds(median(times))}, ${spread(times)}; ${redrawn(rounds)}`,
  };
}

function ratioOf(name: string, ms: number, floor: number): Pick<Figure, 'name' | 'value'> {
  return { name, value: `${(ms / floor).toFixed(2)} times` };
}

/** What VS Code was asked to redraw, the same in every round. */
function redrawn(rounds: readonly Round[]): string {
  const kinds = new Set(rounds.map(({ events }) => (events.length === 0 ? 'no' : events.join(' and '))));
  return `rows redrawn: ${[...kinds].join(' or ')}`;
}
