import { givenTitle, linkIn } from '../comfyui/plan';
import type { Graph, Prompt, Workflow } from '../comfyui/workflow';
import { keyOf } from '../library/parts';
import { plainText } from '../platform/plainText';
import { keysOf, spellingOf } from '../platform/spelling';
import { BYPASSED, isId, MUTED } from '../workflows/drawnGraph';
import { fieldsOf, isFields, itemsOf, textOr, type Fields } from '../workflows/nodeDefs';
import { around, ROW, rowsOf, TITLE, type Box, type Frame, type Link, type Picture, type Rect } from './picture';

/** The name of a value of a node in a drawn workflow, by the node's path and the value's key. */
export type NameOf = (path: string, valueKey: string) => string | undefined;

/** Where the canvases of subgraphs begin, by id. */
export type Origins = Map<string, readonly [x: number, y: number]>;

export const MOST_BOXES = 20_000;
const MOST_LINKS = 100_000;
const MOST_FRAMES = 1_000;
const MOST_ROWS = 200;
const LONGEST_NAME = 200;
const LONGEST_VALUE = 2_000;
/** Units of the canvas. */
const FARTHEST = 1_000_000;
const LARGEST = 20_000;
const GAP = 80;
/** Of nodes without a size. */
const WIDTH = 300;
const CHARACTERS = 40;
const MOST_LINES = 6;
const COLOUR = /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i;
/** The ids of a subgraph's own inputs and outputs. */
const [INPUTS, OUTPUTS] = ['-10', '-20'];

interface Drawn {
  readonly boxes: Box[];
  readonly links: Link[];
  readonly frames: Frame[];
}

/** A workflow as boxes and links; those in API format have no places. @param origins reads and keeps them. */
export function* drawing(
  { graph, prompt = {} }: Pick<Workflow, 'graph' | 'prompt'>,
  nameOf: NameOf,
  origins: Origins = new Map(),
): Generator<void, Picture, void> {
  const drawn: Drawn = { boxes: [], links: [], frames: [] };
  if (graph) yield* drawGraph(drawn, graph, nameOf, origins);
  else yield* drawPrompt(drawn, prompt);
  return drawn;
}

function* drawGraph(drawn: Drawn, graph: Graph, nameOf: NameOf, origins: Origins): Generator<void, void, void> {
  const subgraphs = itemsOf(fieldsOf(graph['definitions'])['subgraphs']).slice(0, MOST_FRAMES).map(fieldsOf);
  const names = new Map(subgraphs.map(({ id, name }) => [textOr(id, ''), textOr(name, '')]));
  const all = { names, nameOf };
  yield* drawCanvas(drawn, graph, '', all);
  const [left, top, , height] = around([...drawn.frames, ...drawn.boxes].map(({ at }) => at));
  let below = top + height + GAP;
  for (const raw of subgraphs) {
    const scope = textOr(raw['id'], '');
    const inner: Drawn = { boxes: [], links: [], frames: [] };
    yield* drawCanvas(inner, raw, scope, all, MOST_BOXES - drawn.boxes.length);
    const origin = origins.get(scope) ?? [left, below];
    origins.set(scope, origin);
    below = Math.max(below, origin[1] + append(drawn, inner, origin, { scope, name: nameIn(names.get(scope)) }) + GAP);
  }
}

/** Puts the canvas of a subgraph in a frame at its place. @returns its height. */
function append(
  drawn: Drawn,
  inner: Drawn,
  [left, top]: readonly [number, number],
  { scope, name }: { readonly scope: string; readonly name: string },
): number {
  const placed = [...inner.frames, ...inner.boxes.filter(({ isLoose }) => !isLoose)].map(({ at }) => at);
  const [x, y, width, height] = around(placed);
  const moved = <T extends { readonly at: Rect }>(one: T): T => {
    const [ownX, ownY, ...size] = one.at;
    return { ...one, at: [ownX - x + left + GAP, ownY - y + top + GAP, ...size] };
  };
  const first = drawn.boxes.length;
  for (const { from, to, ...link } of inner.links) drawn.links.push({ ...link, from: from + first, to: to + first });
  const at: Rect = [left, top, width + 2 * GAP, height + 2 * GAP];
  if (placed.length > 0) drawn.frames.push({ key: keyOf('subgraph', '', scope), name, at, colour: '' });
  for (const frame of inner.frames) drawn.frames.push(moved(frame));
  for (const box of inner.boxes) drawn.boxes.push(moved(box));
  return placed.length > 0 ? at[3] : 0;
}

interface All {
  readonly nameOf: NameOf;
  /** Of subgraphs, by id. */
  readonly names: ReadonlyMap<string, string>;
}

/** @param room for so many nodes. */
function* drawCanvas(
  drawn: Drawn,
  raw: Fields,
  scope: string,
  all: All,
  room = MOST_BOXES,
): Generator<void, void, void> {
  const ends = new Map<string, { readonly index: number; readonly rows: readonly number[] }>();
  const sides = scope === '' ? [] : [sideOf(raw, 'inputNode', INPUTS), sideOf(raw, 'outputNode', OUTPUTS)];
  for (const node of [...itemsOf(raw['nodes']), ...sides].slice(0, room)) {
    const fields = fieldsOf(node);
    const { box, rows } = boxOf(fields, scope, all);
    ends.set(box.id, { index: drawn.boxes.push(box) - 1, rows });
    yield;
  }
  for (const link of itemsOf(raw['links']).slice(0, MOST_LINKS)) {
    const { origin_id, origin_slot, target_id, target_slot, type } = fieldsOf(link);
    const parts = Array.isArray(link) ? link.slice(1) : [origin_id, origin_slot, target_id, target_slot, type];
    const [from, to] = [ends.get(textOr(parts[0], '')), ends.get(textOr(parts[2], ''))];
    if (!from || !to) continue;
    const [slot, row] = [Math.min(Number(parts[1]) || 0, MOST_ROWS), to.rows[Number(parts[3])] ?? 0];
    drawn.links.push({ from: from.index, slot: Math.max(slot, 0), to: to.index, row, type: nameIn(parts[4]) });
    yield;
  }
  for (const [index, group] of itemsOf(raw['groups']).slice(0, MOST_FRAMES).entries()) {
    const { id, title, color, bounding } = fieldsOf(group);
    const [place, size] = [pairAt(bounding), pairAt(bounding, 2)];
    if (!place || !size) continue;
    const key = keyOf('group', scope, textOr(id, `${index + 1}`));
    drawn.frames.push({ key, name: nameIn(title), at: [...place, ...sized(size)], colour: colourIn(color) });
  }
}

/** Where links enter or leave a subgraph, as a node. */
function sideOf(raw: Fields, name: string, id: string): Fields {
  const { bounding } = fieldsOf(raw[name]);
  const own = id === INPUTS ? { outputs: raw['inputs'] } : { inputs: raw['outputs'] };
  const size = pairAt(bounding, 2);
  return { id, type: id === INPUTS ? '→' : '←', pos: bounding, size, ...own };
}

function boxOf(node: Fields, scope: string, { names, nameOf }: All) {
  const { title, pos, size, color, bgcolor, mode, flags, widgets_values: values } = node;
  const [id, type] = [textOr(node['id'], ''), textOr(node['type'], '')];
  const inputs: string[] = [];
  const rows: number[] = [];
  for (const socket of itemsOf(node['inputs']).slice(0, MOST_ROWS).map(fieldsOf)) {
    const isShown = !isFields(socket['widget']) || isId(socket['link']);
    rows.push(isShown ? inputs.push(socketName(socket)) - 1 : 0);
  }
  const outputs = itemsOf(node['outputs']).slice(0, MOST_ROWS).map(fieldsOf).map(socketName);
  const path = `${scope === '' ? '' : ':'}${id}`;
  const holder = holderOf(values);
  const own = keysOf(holder).slice(0, MOST_ROWS);
  const shown = own.map((key) => valueText(Array.isArray(values) ? nameOf(path, key) : key, holder, key));
  const [place, given] = [pairAt(pos), pairAt(size)];
  const parts = { inputs, outputs, values: shown };
  const [width, height] = given ? sized(given) : sizeOf(parts);
  const box: Box = {
    key: keyOf(id === INPUTS || id === OUTPUTS ? 'subgraph' : 'node', scope, id),
    id,
    name: nameIn(title) || nameIn(names.get(type)) || nameIn(type),
    type: type.slice(0, LONGEST_NAME),
    at: [place?.[0] ?? 0, (place?.[1] ?? 0) - TITLE, width, fieldsOf(flags)['collapsed'] ? TITLE : height + TITLE],
    isLoose: !place,
    colour: colourIn(color) || colourIn(bgcolor),
    mode: mode === MUTED || mode === BYPASSED ? mode : 0,
    ...parts,
  };
  return { box, rows };
}

function* drawPrompt(drawn: Drawn, prompt: Prompt): Generator<void, void, void> {
  const ids = Object.keys(prompt).slice(0, MOST_BOXES);
  const indexOf = new Map(ids.map((id, index) => [id, index]));
  const outputs: string[][] = ids.map(() => []);
  for (const [index, id] of ids.entries()) {
    const { class_type: type = '', inputs = {} } = prompt[id] ?? {};
    const [linked, values]: [string[], string[]] = [[], []];
    for (const name of keysOf(inputs).slice(0, MOST_ROWS)) {
      const link = linkIn(prompt, inputs[name]);
      const from = link && indexOf.get(link.from);
      if (!link || from === undefined) {
        values.push(valueText(name, inputs, name));
        continue;
      }
      const slot = Math.max(Math.min(Math.floor(link.slot), MOST_ROWS), 0);
      const sockets = outputs[from] ?? [];
      while (sockets.length <= slot) sockets.push('');
      drawn.links.push({ from, slot, to: index, row: linked.push(nameIn(name)) - 1, type: '' });
    }
    const parts = { inputs: linked, outputs: outputs[index] ?? [], values };
    const name = nameIn(givenTitle(prompt, id)) || nameIn(type);
    const own = { key: keyOf('node', '', id), id, name, type, colour: '', mode: 0, isLoose: true };
    const [width, height] = sizeOf(parts);
    drawn.boxes.push({ ...own, ...parts, at: [0, 0, width, height + TITLE] });
    yield;
  }
}

/** Enough for all that is in it. */
function sizeOf(box: Pick<Box, 'inputs' | 'outputs' | 'values'>): readonly [width: number, height: number] {
  const lines = box.values.map(({ length }) => Math.min(Math.ceil(length / CHARACTERS) || 1, MOST_LINES));
  return [WIDTH, (rowsOf(box) + lines.reduce((sum, one) => sum + one, 0) + 1) * ROW];
}

function socketName({ label, name, type }: Fields): string {
  return nameIn(label) || nameIn(name) || nameIn(type);
}

function nameIn(value: unknown): string {
  return plainText(textOr(value, ''), LONGEST_NAME);
}

function valueText(name: string | undefined, holder: object, key: string): string {
  const value: unknown = Reflect.get(holder, key);
  const written = typeof value === 'number' ? (spellingOf(holder, key, value) ?? String(value)) : value;
  const text = typeof written === 'object' && written ? '…' : plainText(String(written), LONGEST_VALUE);
  return name === undefined ? text : `${nameIn(name)}: ${text}`;
}

/** A list or an object. */
function holderOf(value: unknown): object {
  return typeof value === 'object' && value !== null ? value : {};
}

function colourIn(value: unknown): string {
  return typeof value === 'string' && COLOUR.test(value) ? value : '';
}

/** Two numbers of a list, or of an object with the same keys, as some versions of the page write them. */
function pairAt(value: unknown, first = 0): readonly [number, number] | undefined {
  const holder = holderOf(value);
  const [x, y] = [first, first + 1].map((key): unknown => Reflect.get(holder, key));
  if (!Number.isFinite(x) || !Number.isFinite(y)) return undefined;
  return [bounded(Number(x), -FARTHEST, FARTHEST), bounded(Number(y), -FARTHEST, FARTHEST)];
}

function sized([width, height]: readonly [number, number]): readonly [width: number, height: number] {
  return [bounded(width, ROW, LARGEST), bounded(height, 0, LARGEST)];
}

function bounded(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
