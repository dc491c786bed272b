import { workflowIn } from '../../src/comfyui/workflow';
import { drawing } from '../../src/picture/drawing';
import { settled } from '../../src/picture/layers';
import { shownPicture } from '../../src/picture/pictureText';
import { systemClock } from '../../src/platform/clock';
import { readForeignJson } from '../../src/platform/pythonJson';
import { Slices, stepsOf } from '../../src/platform/slices';
import { rowsOfNodes } from '../fakes/drawnGraphs';
import { atMost, milliseconds, type Figure, type Measurement } from './figure';
import { median } from './statistics';
import { withLongestWait } from './waits';

const NODES = 5_000;
const ROUNDS = 10;
const LIMIT_MS = 500;

export const picture: Measurement = {
  name: 'picture',
  title: 'A picture of a workflow',
  method:
    `A graph of ${NODES.toLocaleString('en')} nodes as text, read and made into what the page draws; the first time, ` +
    `and the median of ${ROUNDS} more, with and without places.`,
  async measure() {
    const graph = rowsOfNodes(NODES);
    const nodes = graph.nodes.map((node, index) => ({
      ...node,
      ...{ pos: [(index % 70) * 350, Math.floor(index / 70) * 300], size: [300, 220] },
    }));
    const placed = await timesOf(textOf({ ...graph, nodes }));
    const loose = await timesOf(textOf(graph));
    return [
      figure('The first time', placed.first),
      figure('Again', placed.again),
      figure('Laid out in layers', loose.again),
    ];
  },
};

/** As ComfyUI saves it. */
const textOf = (graph: object) => JSON.stringify(graph, undefined, 2);

async function timesOf(text: string): Promise<{ readonly first: number; readonly again: number }> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) times.push((await withLongestWait(() => shownOf(text))).ms);
  const [first = 0, ...more] = times;
  return { first, again: median(more) };
}

async function shownOf(text: string): Promise<unknown> {
  const slices = new Slices(systemClock);
  const workflow = workflowIn(await readForeignJson(text, slices));
  if (!workflow) throw new Error('Nothing was drawn.');
  return shownPicture(settled(await stepsOf(drawing(workflow, () => undefined)).inSlices(slices)));
}

function figure(name: string, ms: number): Figure {
  return { name, value: milliseconds(ms), target: atMost(ms, LIMIT_MS, milliseconds(LIMIT_MS)) };
}
