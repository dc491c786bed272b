import { givenTitle, linkIn } from './plan';
import { spell, spellingOf } from '../platform/spelling';
import type { Graph, Prompt } from './workflow';

/** A key in `extra` that marks a graph in a history as generated, not drawn. */
const MARK = 'comfydeploy_sessions_made_from_prompt';
/** Distance between nodes, in units of the canvas. */
const STEP = { x: 360, y: 260 };
/** After these inputs the page has a value for what happens to the seed after a run, which it never sends. */
const SEEDS = new Set(['seed', 'noise_seed']);

interface Wire {
  readonly id: number;
  readonly from: string;
  readonly slot: number;
  readonly to: string;
  readonly input: number;
}

/**
 * Generates a graph for a prompt without one. Many nodes look for themselves in the posted graph, to read values or to
 * store what they show, and fail without one. It also becomes part of the saved files, where the page finds it. So its
 * links, places and values are as good as they can be without knowing the nodes.
 */
export function graphOfPrompt(prompt: Prompt): Graph {
  const ids = Object.keys(prompt);
  const wires = wiresOf(prompt);
  const [coming, going] = [groupBy(wires, ({ to }) => to), groupBy(wires, ({ from }) => from)];
  const places = placesOf(ids, coming, going);
  const nodes = ids.map((id, order) => {
    const around = { pos: places.get(id) ?? [0, 0], coming: coming.get(id) ?? [], going: going.get(id) ?? [] };
    return nodeOf(prompt, id, order, around);
  });
  const links = wires.map(({ id, from, slot, to, input }) => [id, numberOf(from), slot, numberOf(to), input, '*']);
  const last_node_id = ids.reduce((last, id) => Math.max(last, Number(numberOf(id)) || 0), 0);
  return {
    last_node_id,
    last_link_id: links.length,
    nodes,
    links,
    groups: [],
    config: {},
    extra: { [MARK]: true },
    version: 0.4,
  };
}

/** Whether it was made by `graphOfPrompt`. */
export function isMadeUp(graph: Graph): boolean {
  const { extra } = graph;
  return typeof extra === 'object' && extra !== null && MARK in extra;
}

interface Around {
  readonly pos: readonly number[];
  readonly coming: readonly Wire[];
  readonly going: readonly Wire[];
}

function nodeOf(prompt: Prompt, id: string, order: number, { pos, coming, going }: Around): Graph {
  const { class_type: type = '', inputs = {} } = prompt[id] ?? {};
  const title = givenTitle(prompt, id);
  const linked = new Map(coming.map(({ input, id: link }) => [input, link]));
  const names = Object.keys(inputs);
  const sockets = names.filter((name) => isLink(prompt, inputs[name]));
  const slots = going.reduce((most, { slot }) => Math.max(most, slot + 1), 0);
  const outputs = Array.from({ length: slots }, (_, slot) => {
    const links: number[] = [];
    return { name: '*', type: '*', slot_index: slot, links };
  });
  for (const { slot, id: link } of going) outputs[slot]?.links.push(link);
  return {
    id: numberOf(id),
    type,
    ...(title === undefined ? {} : { title }),
    pos,
    size: [300, 200],
    flags: {},
    order,
    mode: 0,
    inputs: sockets.map((name, index) => ({ name, type: '*', link: linked.get(index) ?? null })),
    outputs,
    properties: { 'Node name for S&R': type },
    widgets_values: valuesOf(
      inputs,
      names.filter((name) => !isLink(prompt, inputs[name])),
    ),
  };
}

const MOST_SLOTS = 256;

/** In the order of the prompt, which is that of the node if the page wrote it. */
function valuesOf(inputs: Readonly<Record<string, unknown>>, names: readonly string[]): readonly unknown[] {
  const values: unknown[] = [];
  const numbers = new Map<string, string>();
  for (const name of names) {
    const value = inputs[name];
    const spelled = typeof value === 'number' ? spellingOf(inputs, name, value) : undefined;
    if (spelled !== undefined) numbers.set(String(values.length), spelled);
    values.push(...(SEEDS.has(name) ? [value, 'fixed'] : [value]));
  }
  spell(values, { numbers, keys: undefined });
  return values;
}

function wiresOf(prompt: Prompt): readonly Wire[] {
  const found = Object.entries(prompt).flatMap(([to, { inputs }]) =>
    Object.values(inputs)
      .flatMap((value) => drawableLinkIn(prompt, value) ?? [])
      .map(({ from, slot }, input) => ({ from, slot, to, input })),
  );
  return found.map((wire, index) => ({ id: index + 1, ...wire }));
}

function isLink(prompt: Prompt, value: unknown): boolean {
  return drawableLinkIn(prompt, value) !== undefined;
}

/** A link can only be drawn from a valid output number: an input with -1 or 0.5 stays a value. */
function drawableLinkIn(prompt: Prompt, value: unknown): ReturnType<typeof linkIn> {
  const link = linkIn(prompt, value);
  return link && Number.isInteger(link.slot) && link.slot >= 0 && link.slot < MOST_SLOTS ? link : undefined;
}

/** Each node is placed to the right of all that feed it, one below the other; nodes in a cycle are at the left. */
function placesOf(
  ids: readonly string[],
  coming: ReadonlyMap<string, readonly Wire[]>,
  going: ReadonlyMap<string, readonly Wire[]>,
): ReadonlyMap<string, readonly number[]> {
  const columns = new Map<string, number>();
  const missing = new Map(ids.map((id) => [id, coming.get(id)?.length ?? 0]));
  const ready = ids.filter((id) => missing.get(id) === 0);
  for (const id of ready)
    for (const { to } of going.get(id) ?? []) {
      columns.set(to, Math.max(columns.get(to) ?? 0, (columns.get(id) ?? 0) + 1));
      const left = (missing.get(to) ?? 0) - 1;
      missing.set(to, left);
      if (left === 0) ready.push(to);
    }
  const rows = new Map<number, number>();
  return new Map(
    ids.map((id) => {
      const column = columns.get(id) ?? 0;
      const row = rows.get(column) ?? 0;
      rows.set(column, row + 1);
      return [id, [column * STEP.x, row * STEP.y]];
    }),
  );
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** The page uses numbers as ids, except for nodes inside others. */
function numberOf(id: string): number | string {
  return /^(?:0|[1-9]\d{0,14})$/.test(id) ? Number(id) : id;
}
