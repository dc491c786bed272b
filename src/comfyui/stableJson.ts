import type { Graph, Prompt } from './workflow';
import { orderedJson, orderedJsonInSlices } from '../platform/jsonText';
import type { Slices } from '../platform/slices';
import { spelledLike } from '../platform/spelling';

/** A readable order of keys; others follow alphabetically. */
const FIRST = [
  ...['id', 'revision', 'last_node_id', 'last_link_id', 'state', 'version', 'name', 'title', 'type', 'class_type'],
  ...['pos', 'size', 'bounding', 'flags', 'order', 'mode', 'link', 'links', 'slot_index', 'inputs', 'outputs'],
  ...['properties', 'widgets_values', 'nodes', 'groups', 'config', 'extra', 'definitions'],
];
const RANKS = new Map(FIRST.map((key, rank) => [key, rank]));

/**
 * A workflow as text that changes only where the workflow does, in lines that tools can compare: keys in a fixed order,
 * and without the position and zoom of the view. Numbers are kept exactly as written.
 * Lists keep their order, above all nodes: later ones are drawn over earlier ones, and run later where the links allow
 * both orders. Only links are sorted by id: the page finds them by id, and draws them with the nodes that they lead to.
 */
export function stableWorkflow(workflow: Graph | Prompt): string {
  return orderedJson(normalized(workflow), order);
}

/** The same for any JSON. */
export function stableJson(value: unknown): string {
  return isObject(value) ? stableWorkflow(value) : orderedJson(value, order);
}

/** The same in slices, for work in the background. @throws an `AbortError`. */
export function stableWorkflowInSlices(workflow: Graph, slices: Slices): Promise<string> {
  return orderedJsonInSlices(normalized(workflow), order, slices);
}

function normalized(graph: Graph): Graph {
  const { links, extra, definitions } = graph;
  const parts = {
    ...(Array.isArray(links) ? { links: byId(links) } : {}),
    ...(isObject(extra) ? { extra: without(extra, 'ds') } : {}),
    ...(isObject(definitions) ? { definitions: withSubgraphs(definitions) } : {}),
  };
  return spelledLike({ ...graph, ...parts }, graph);
}

/** Each subgraph is a graph of its own. */
function withSubgraphs(definitions: Graph): Graph {
  const { subgraphs } = definitions;
  if (!Array.isArray(subgraphs)) return definitions;
  const graphs: readonly unknown[] = subgraphs;
  const inOrder = graphs.map((one) => (isObject(one) ? normalized(one) : one));
  return spelledLike({ ...definitions, subgraphs: spelledLike(inOrder, graphs) }, definitions);
}

/** Sorted if all have a number: `[id, ...]` in the older form, `{id, ...}` in the newer; otherwise unchanged. */
function byId(links: readonly unknown[]): readonly unknown[] {
  const numbered = links.flatMap((link) => {
    const id: unknown = Array.isArray(link) ? link[0] : isObject(link) ? link['id'] : undefined;
    return typeof id === 'number' ? [{ id, link }] : [];
  });
  if (numbered.length < links.length) return links;
  return numbered.sort((a, b) => a.id - b.id).map(({ link }) => link);
}

function without(object: Graph, key: string): Graph {
  return spelledLike(Object.fromEntries(Object.entries(object).filter(([name]) => name !== key)), object);
}

/** Node ids by number, as JSON parsers order them: such keys come first. */
function order(a: string, b: string): number {
  const [first, second] = [indexOf(a), indexOf(b)];
  if (first !== second) return first - second;
  const [rank, other] = [RANKS.get(a) ?? FIRST.length, RANKS.get(b) ?? FIRST.length];
  return rank - other || (a < b ? -1 : 1);
}

function indexOf(key: string): number {
  return /^(?:0|[1-9]\d{0,8})$/.test(key) ? Number(key) : Infinity;
}

function isObject(value: unknown): value is Graph {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
