import { givenTitle, linkIn } from '../comfyui/plan';
import type { Graph, Prompt } from '../comfyui/workflow';
import { orderedJson } from '../platform/jsonText';
import { keysOf, spelledLike, spellingOf, wordOf } from '../platform/spelling';
import { fieldsOf, isFields, itemsOf, textOr, type Fields } from '../workflows/nodeDefs';
import { withExactNumbers } from './exactNumber';

// A workflow as parts with facts. What the page writes differently for the same work is no fact: numbers of links,
// counters, the order of nodes.

export type FactKind = 'value' | 'link' | 'place' | 'other';

export interface Fact {
  readonly kind: FactKind;
  readonly name: string;
  /** As it is written; of links, `Source`s as JSON. */
  readonly json: string;
  /** The same for equal values only, however their numbers are written. */
  readonly exact: string;
}

/** Where a link comes from: the key of a part, and its output. */
export type Source = readonly [key: string, slot: string];

export interface Part {
  readonly kind: 'workflow' | 'node' | 'group' | 'subgraph';
  readonly id: string;
  /** The id of the subgraph that contains it; empty for the canvas. */
  readonly scope: string;
  readonly type: string;
  /** Given by the user. */
  readonly title: string | undefined;
  readonly raw: Fields;
  readonly facts: ReadonlyMap<string, Fact>;
}

/** By keys that are the same in all versions of a workflow. */
export type Parts = ReadonlyMap<string, Part>;

/** Members that are derived from others, or read as parts or facts of their own. */
const APART = new Set([
  ...[
    'last_node_id',
    'last_link_id',
    'revision',
    'state',
    'order',
    'id',
    'type',
    'title',
    'name',
    'class_type',
    '_meta',
  ],
  ...['nodes', 'links', 'groups', 'definitions', 'extra', 'inputs', 'outputs', 'widgets_values'],
]);
export const PLACES = new Set(['pos', 'size', 'bounding', 'inputNode', 'outputNode', 'reroutes', 'linkExtensions']);
const DERIVED_OF_SOCKETS = new Set(['link', 'links', 'linkIds', 'slot_index', 'pos', 'boundingRect', 'localized_name']);
/** In `extra`, how the view stands, and where a file notes its version. */
const DERIVED_OF_EXTRA = new Set(['ds', 'comfydeploy']);
/** The ids of a subgraph's own inputs and outputs as ends of links. */
const [INPUTS, OUTPUTS] = ['-10', '-20'];

export function* partsOfGraph(graph: Graph): Generator<void, Parts, void> {
  const parts = new Map<string, Part>();
  yield* readCanvas(parts, { kind: 'workflow', id: '', scope: '', type: '', title: undefined, raw: graph });
  for (const subgraph of itemsOf(fieldsOf(graph['definitions'])['subgraphs'])) {
    const raw = fieldsOf(subgraph);
    const id = textOr(raw['id'], '');
    yield* readCanvas(parts, { kind: 'subgraph', id, scope: '', type: '', title: textOr(raw['name'], id), raw });
  }
  return parts;
}

export function* partsOfPrompt(prompt: Prompt): Generator<void, Parts, void> {
  const parts = new Map<string, Part>();
  for (const [id, raw] of Object.entries(prompt)) {
    const facts = new Map<string, Fact>();
    for (const name of keysOf(raw.inputs)) {
      const link = linkIn(prompt, raw.inputs[name]);
      if (link) add(facts, 'link', name, `[${sourceText(keyOf('node', '', link.from), String(link.slot))}]`);
      else addMember(facts, 'value', raw.inputs, name);
    }
    addOthers(facts, { ...raw });
    const title = givenTitle(prompt, id);
    parts.set(keyOf('node', '', id), {
      kind: 'node',
      id,
      scope: '',
      type: raw.class_type,
      title,
      raw: { ...raw },
      facts,
    });
    yield;
  }
  return parts;
}

export function keyOf(kind: Part['kind'], scope: string, id: string): string {
  return JSON.stringify([kind, scope, id]);
}

function sourceText(key: string, slot: string): string {
  const source: Source = [key, slot];
  return JSON.stringify(source);
}

/** The canvas itself, or a subgraph, with all that is drawn there. */
function* readCanvas(parts: Map<string, Part>, canvas: Omit<Part, 'facts'>): Generator<void, void, void> {
  const { raw } = canvas;
  const scope = canvas.kind === 'workflow' ? '' : canvas.id;
  const whole = put(parts, canvas);
  addOthers(whole, raw);
  const nodes = new Map<string, { readonly raw: Fields; readonly facts: Map<string, Fact> }>();
  for (const node of itemsOf(raw['nodes'])) {
    const fields = fieldsOf(node);
    const [id, type] = [textOr(fields['id'], ''), textOr(fields['type'], '')];
    const title = typeof fields['title'] === 'string' && fields['title'] !== type ? fields['title'] : undefined;
    const facts = put(parts, { kind: 'node', id, scope, type, title, raw: fields });
    nodes.set(id, { raw: fields, facts });
    addValues(facts, fields['widgets_values']);
    addOthers(facts, fields);
    yield;
  }
  for (const [index, group] of itemsOf(raw['groups']).entries()) {
    const fields = fieldsOf(group);
    const id = textOr(fields['id'], `${index + 1}`);
    addOthers(
      put(parts, { kind: 'group', id, scope, type: '', title: textOr(fields['title'], ''), raw: fields }),
      fields,
    );
  }
  yield* addLinks({ canvas, facts: whole, nodes });
}

interface Drawn {
  readonly canvas: Omit<Part, 'facts'>;
  readonly facts: Map<string, Fact>;
  readonly nodes: ReadonlyMap<string, { readonly raw: Fields; readonly facts: Map<string, Fact> }>;
}

/** Each input with all that comes to it. */
function* addLinks({ canvas, facts: whole, nodes }: Drawn): Generator<void, void, void> {
  const canvasKey = keyOf(canvas.kind, canvas.scope, canvas.id);
  const scope = canvas.kind === 'workflow' ? '' : canvas.id;
  const inputs = new Map<
    string,
    { readonly facts: Map<string, Fact>; readonly name: string; readonly from: string[] }
  >();
  for (const link of itemsOf(canvas.raw['links'])) {
    const { origin_id, origin_slot, target_id, target_slot } = fieldsOf(link);
    const ends = Array.isArray(link) ? link.slice(1, 5) : [origin_id, origin_slot, target_id, target_slot];
    const [origin = '', slot = '', target = '', targetSlot = ''] = ends.map((end) => textOr(end, ''));
    const node = nodes.get(target);
    const sockets = node ? node.raw['inputs'] : target === OUTPUTS ? canvas.raw['outputs'] : [];
    const name = textOr(fieldsOf(itemsOf(sockets)[Number(targetSlot)])['name'], targetSlot);
    const input = inputs.get(`${target} ${name}`) ?? { facts: node?.facts ?? whole, name, from: [] };
    inputs.set(`${target} ${name}`, input);
    input.from.push(sourceText(origin === INPUTS ? canvasKey : keyOf('node', scope, origin), slot));
    yield;
  }
  for (const { facts, name, from } of inputs.values()) add(facts, 'link', name, `[${from.sort().join()}]`);
}

/** @returns the facts, to be added. */
function put(parts: Map<string, Part>, part: Omit<Part, 'facts'>): Map<string, Fact> {
  const facts = new Map<string, Fact>();
  parts.set(keyOf(part.kind, part.scope, part.id), { ...part, facts });
  return facts;
}

function addValues(facts: Map<string, Fact>, values: unknown): void {
  if (typeof values === 'object' && values !== null) {
    for (const key of Object.keys(values)) addMember(facts, 'value', values, key);
  } else if (values !== undefined) addMember(facts, 'value', { values }, 'values');
}

function addOthers(facts: Map<string, Fact>, raw: Fields): void {
  for (const name of Object.keys(raw))
    if (!APART.has(name)) addMember(facts, PLACES.has(name) ? 'place' : 'other', raw, name);
  for (const side of ['inputs', 'outputs']) {
    const sockets = itemsOf(raw[side]).map((socket) => without(fieldsOf(socket), DERIVED_OF_SOCKETS));
    if (sockets.length > 0) addMember(facts, 'other', { [side]: sockets }, side);
  }
  for (const name of ['title', 'name'])
    if (typeof raw[name] === 'string' && raw[name] !== raw['type']) addMember(facts, 'other', raw, name);
  if (isFields(raw['_meta'])) addMember(facts, 'other', raw, '_meta');
  const extra = raw['extra'];
  if (isFields(extra))
    for (const name of Object.keys(extra))
      if (!DERIVED_OF_EXTRA.has(name))
        addMember(facts, PLACES.has(name) ? 'place' : 'other', extra, name, `extra.${name}`);
}

function addMember(facts: Map<string, Fact>, kind: FactKind, holder: object, key: string, name = key): void {
  const value: unknown = Reflect.get(holder, key);
  add(facts, kind, name, jsonOf(holder, key, value));
}

function jsonOf(holder: object, key: string, value: unknown): string {
  if (typeof value === 'number') return spellingOf(holder, key, value) ?? String(value);
  if (typeof value === 'object' && value !== null) return orderedJson(value, (a, b) => (a < b ? -1 : 1)).trimEnd();
  return wordOf(holder, key) ?? JSON.stringify(value ?? null);
}

function add(facts: Map<string, Fact>, kind: FactKind, name: string, json: string): void {
  facts.set(`${kind} ${name}`, { kind, name, json, exact: kind === 'link' ? json : withExactNumbers(json) });
}

export function without(object: Fields, names: ReadonlySet<string>): Fields {
  return spelledLike(Object.fromEntries(Object.entries(object).filter(([name]) => !names.has(name))), object);
}
