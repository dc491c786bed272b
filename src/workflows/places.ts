import { findNodeAtLocation, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { parsePythonJson } from '../platform/pythonJson';
import { PROMPT_NAMES } from '../comfyui/promptNames';
import type { NodeProblem } from '../comfyui/refusal';

/** Lines and characters count from 0. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** The place of a problem in a file. */
export interface Place {
  readonly start: Position;
  readonly end: Position;
  /** The text at that place. */
  readonly text: string;
}

/** Something with a place in a file. A node in a subgraph is named by a path to it, or by that subgraph's id and its own. */
export type Placed = Pick<NodeProblem, 'nodeId' | 'classType' | 'input'> & {
  /** The key of the value in a drawn node, if known. */
  readonly valueKey?: string;
};

/** The most subgraphs that are searched for an inner node with the same id. */
const MOST_INNER = 10;
/** Where files contain prompts. */
const PATHS = [[], ['input']].flatMap((path) => [path, ...PROMPT_NAMES.map((name) => [...path, name])]);

/** Where files contain graphs. */
const GRAPHS = [[], ['workflow'], ['input'], ['input', 'workflow']];

/**
 * The place of each problem: the value of its input, or else the key of its node; in a drawn workflow the node's type,
 * or the value if its key is known. Undefined if the text has no such node, or one of another class. Invalid JSON is
 * read as far as possible.
 * @param isExact whether an input that is not there has no place, rather than its node's
 */
export function placesOf(text: string, problems: readonly Placed[], isExact = false): readonly (Place | undefined)[] {
  const root = treeOf(text);
  const starts = startsOf(text);
  const prompts = PATHS.map((path) => membersOf(root && findNodeAtLocation(root, [...path])));
  const drawn = GRAPHS.map((path) => drawnIn(root && findNodeAtLocation(root, path)));
  return problems.map((problem) => {
    const found = find(prompts, problem, isExact) ?? findDrawn(drawn, problem, isExact);
    return found && placeOf(found, text, starts);
  });
}

/** The line, from 1, in which a text stops being JSON; undefined if it is JSON, or that is not known. */
export function brokenLineOf(text: string): number | undefined {
  if (parsePythonJson(text) !== undefined) return undefined;
  const errors: ParseError[] = [];
  treeOf(text, errors);
  const [first] = errors;
  return first && text.slice(0, first.offset).split('\n').length;
}

/** Undefined for texts that nest too deeply: the parser is recursive. */
function treeOf(text: string, errors: ParseError[] = []): Node | undefined {
  try {
    return parseTree(text, errors, { disallowComments: true });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The members of an object by name. */
function membersOf(object: Node | undefined): ReadonlyMap<string, Node> {
  const members = new Map<string, Node>();
  for (const member of object?.type === 'object' ? (object.children ?? []) : []) {
    const name: unknown = member.children?.[0]?.value;
    if (typeof name === 'string' && !members.has(name)) members.set(name, member);
  }
  return members;
}

function find(
  prompts: readonly ReadonlyMap<string, Node>[],
  { nodeId, classType, input }: Placed,
  isExact: boolean,
): Node | undefined {
  for (const prompt of prompts) {
    const [key, node] = prompt.get(nodeId)?.children ?? [];
    const name = node && findNodeAtLocation(node, ['class_type']);
    if (!name) continue;
    if (classType !== undefined && name.value !== classType) return undefined;
    if (input === undefined) return key;
    return findNodeAtLocation(node, ['inputs', input]) ?? (isExact ? undefined : key);
  }
  return undefined;
}

/** Nodes by id: those on the canvas itself, and those inside subgraphs. */
interface Drawn {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly inner: ReadonlyMap<string, readonly Node[]>;
}

function drawnIn(graph: Node | undefined): Drawn {
  const subgraphs = graph && findNodeAtLocation(graph, ['definitions', 'subgraphs']);
  const inner = new Map<string, Node[]>();
  for (const subgraph of subgraphs?.children ?? []) {
    const scope: unknown = findNodeAtLocation(subgraph, ['id'])?.value;
    for (const [id, node] of nodesById(subgraph)) {
      if (typeof scope === 'string') inner.set(`${scope}:${id}`, [node]);
      const known = inner.get(id);
      if (known) known.push(node);
      else inner.set(id, [node]);
    }
  }
  return { nodes: nodesById(graph), inner };
}

function nodesById(graph: Node | undefined): ReadonlyMap<string, Node> {
  const found = new Map<string, Node>();
  for (const node of (graph && findNodeAtLocation(graph, ['nodes']))?.children ?? []) {
    const id: unknown = findNodeAtLocation(node, ['id'])?.value;
    if (typeof id === 'number' || typeof id === 'string') found.set(String(id), node);
  }
  return found;
}

/** A node inside a subgraph may have another id than in the file, but has the same type. */
function findDrawn(
  graphs: readonly Drawn[],
  { nodeId, classType, valueKey }: Placed,
  isExact: boolean,
): Node | undefined {
  const [own = '', ...rest] = nodeId.split(':').reverse();
  for (const { nodes, inner } of graphs) {
    const node = rest.length > 0 ? undefined : nodes.get(own);
    const others = rest.length > 0 ? (inner.get(nodeId) ?? inner.get(own) ?? []).slice(0, MOST_INNER) : [];
    for (const one of node ? [node] : others) {
      const type = findNodeAtLocation(one, ['type']);
      if (type && (classType === undefined || type.value === classType))
        return heldIn(one, valueKey) ?? (isExact && valueKey !== undefined ? undefined : type);
    }
  }
  return undefined;
}

function heldIn(node: Node, key: string | undefined): Node | undefined {
  const values = findNodeAtLocation(node, ['widgets_values']);
  if (!values || key === undefined) return undefined;
  return findNodeAtLocation(values, [values.type === 'array' ? Number(key) : key]);
}

function placeOf({ offset, length }: Node, text: string, starts: readonly number[]): Place {
  const [start, end] = [positionOf(offset, starts), positionOf(offset + length, starts)];
  return { start, end, text: text.slice(offset, offset + length) };
}

/** The start of each line, as VS Code counts lines. */
function startsOf(text: string): readonly number[] {
  return [0, ...Array.from(text.matchAll(/\r\n|\r|\n/g), ({ index, 0: ending }) => index + ending.length)];
}

function positionOf(offset: number, starts: readonly number[]): Position {
  let [line, after] = [0, starts.length];
  while (after - line > 1) {
    const middle = Math.floor((line + after) / 2);
    if ((starts[middle] ?? Infinity) <= offset) line = middle;
    else after = middle;
  }
  return { line, character: offset - (starts[line] ?? 0) };
}
