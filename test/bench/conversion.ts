import { systemClock } from '../../src/platform/clock';
import { Slices } from '../../src/platform/slices';
import { checkTexts, convertDrawn } from '../../src/workflows/conversion';
import { DRAWN_INFO, rowsOfNodes } from '../fakes/drawnGraphs';
import { atMost, milliseconds, type Figure, type Measurement } from './figure';
import { median } from './statistics';
import { withLongestWait } from './waits';

const NODES = 5_000;
const ROUNDS = 20;
const LIMIT_MS = 50;
const CHECK_LIMIT_MS = 150;
const MACHINE = { packages: [], version: undefined };

export const conversion: Measurement = {
  name: 'conversion',
  title: 'A drawn workflow made into a prompt, and checked',
  method:
    `A graph of ${NODES.toLocaleString('en')} nodes with reroutes and bypassed nodes, and the list of node types, both as ` +
    `texts; the first time, before anything has been compiled, and the median of ${ROUNDS} more. As multiples of what ` +
    '`JSON.parse` of both takes in the same process, by turns. A check converts it, too.',
  async measure() {
    const texts = { graph: JSON.stringify(rowsOfNodes(NODES)), nodes: JSON.stringify(DRAWN_INFO) };
    const rounds: { readonly ms: number; readonly longest: number; readonly floor: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const from = performance.now();
      JSON.parse(texts.graph);
      JSON.parse(texts.nodes);
      const floor = performance.now() - from;
      const { ms, longest } = await withLongestWait(() => convertDrawn(texts, new Slices(systemClock)));
      rounds.push({ ms, longest, floor });
    }
    const checks: number[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const check = () =>
        checkTexts({ text: texts.graph, isDrawn: true, nodes: texts.nodes }, MACHINE, new Slices(systemClock));
      checks.push((await withLongestWait(check)).ms);
    }
    const [first, ...more] = rounds;
    const usual = (what: 'ms' | 'longest' | 'floor') => median(more.map((round) => round[what]));
    if (!first) throw new Error('Nothing was measured.');
    return [
      row('The first time', first),
      row('Again', { ms: usual('ms'), floor: usual('floor') }),
      wait('Converted and checked', median(checks), CHECK_LIMIT_MS),
      wait('The longest wait for anything else, the first time', first.longest),
      wait('The same, again', usual('longest')),
    ];
  },
};

function row(name: string, { ms, floor }: { readonly ms: number; readonly floor: number }): Figure {
  return { name, value: `${(ms / floor).toFixed(1)} times`, note: `${milliseconds(ms)}; floor ${milliseconds(floor)}` };
}

function wait(name: string, ms: number, limit = LIMIT_MS): Figure {
  return { name, value: milliseconds(ms), target: atMost(ms, limit, milliseconds(limit)) };
}
