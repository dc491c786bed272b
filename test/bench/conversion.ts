import { promptFrom } from '../../src/workflows/promptFrom';
import { DRAWN_INFO, rowsOfNodes } from '../fakes/drawnGraphs';
import { atMost, milliseconds, type Measurement } from './figure';
import { median } from './statistics';

const NODES = 5_000;
const LIMIT_MS = 150;
const ROUNDS = 20;

export const conversion: Measurement = {
  name: 'conversion',
  title: 'A drawn workflow made into a prompt',
  method:
    `A graph of ${NODES.toLocaleString('en')} nodes with reroutes and bypassed nodes, as read from its file; the first time, ` +
    `before anything has been compiled, and the median of ${ROUNDS} more.`,
  measure() {
    const graph: unknown = JSON.parse(JSON.stringify(rowsOfNodes(NODES)));
    const timed = () => {
      const start = performance.now();
      promptFrom(graph, DRAWN_INFO);
      return performance.now() - start;
    };
    const first = timed();
    const usual = median(Array.from({ length: ROUNDS }, timed));
    return Promise.resolve([
      { name: 'The first time', value: milliseconds(first), target: atMost(first, LIMIT_MS, milliseconds(LIMIT_MS)) },
      { name: 'Again', value: milliseconds(usual) },
    ]);
  },
};
