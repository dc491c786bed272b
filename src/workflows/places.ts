import { findNodeAtLocation, parseTree, type Node, type ParseError } from 'jsonc-parser';
import { parsePythonJson } from '../platform/pythonJson';
import { PROMPT_NAMES } from '../comfyui/promptNames';
import type { NodeProblem } from '../comfyui/refusal';

/** Lines and characters count from 0. */
export interface Position {
  readonly line: number;
  readonly character: number;
}

/** Where a problem is seen in a file. */
export interface Place {
  readonly start: Position;
  readonly end: Position;
  /** What stands there. */
  readonly text: string;
}

/** What has a place. */
export type Placed = Pick<NodeProblem, 'nodeId' | 'classType' | 'input'> & {
  /** Under which a drawn node holds the value, where that is known. */
  readonly valueKey?: string;
};

/** Subgraphs with a node of the same id that are looked into. */
const MOST_INNER = 10;
/** Where prompts stand in files. */
const PATHS = [[], ['input']].flatMap((path) => [path, ...PROMPT_NAMES.map((name) => [...path, name])]);

/** Where graphs stand in files. */
const GRAPHS = [[], ['workflow'], ['input'], ['input', 'workflow']];

/**
 * For each problem the value of the input that it names, or the key of its node, in a drawn workflow its type, or the value
 * if its key is known; undefined where the text has no such node, or one of another class. Broken text is read as far as it goes.
 */
export function placesOf(text: string, problems: readonly Placed[]): readonly (Place | undefined)[] {
  const root = treeOf(text);
  const starts = startsOf(text);
  const prompts = PATHS.map((path) => membersOf(root && findNodeAtLocation(root, [...path])));
  const drawn = GRAPHS.map((path) => drawnIn(root && findNodeAtLocation(root, path)));
  return problems.map((problem) => {
    const found = find(prompts, problem) ?? findDrawn(drawn, problem);
    return found && placeOf(found, text, starts);
  });
}

/** The line in which a text stops being JSON, from 1; undefined for JSON, and where nobody knows. */
export function brokenLineOf(text: string): number | undefined {
  if (parsePythonJson(text) !== undefined) return undefined;
  const errors: ParseError[] = [];
  treeOf(text, errors);
  const [first] = errors;
  return first && text.slice(0, first.offset).split('\n').length;
}

/** Undefined for a text that is nothing but brackets: the parser calls itself. */
function treeOf(text: string, errors: ParseError[] = []): Node | undefined {
  try {
    return parseTree(text, errors, { disallowComments: true });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** The members of an object, by name. */
function membersOf(object: Node | undefined): ReadonlyMap<string, Node> {
  const members = new Map<string, Node>();
  for (const member of object?.type === 'object' ? (object.children ?? []) : []) {
    const name: unknown = member.children?.[0]?.value;
    if (typeof name === 'string' && !members.has(name)) members.set(name, member);
  }
  return members;
}

function find(prompts: readonly ReadonlyMap<string, Node>[], { nodeId, classType, input }: Placed): Node | undefined {
  for (const prompt of prompts) {
    const [key, node] = prompt.get(nodeId)?.children ?? [];
    const name = node && findNodeAtLocation(node, ['class_type']);
    if (!name) continue;
    if (classType !== undefined && name.value !== classType) return undefined;
    return (input === undefined ? undefined : findNodeAtLocation(node, ['inputs', input])) ?? key;
  }
  return undefined;
}

/** Nodes by id: of the canvas itself, and of those that subgraphs have. */
interface Drawn {
  readonly nodes: ReadonlyMap<string, Node>;
  readonly inner: ReadonlyMap<string, readonly Node[]>;
}

function drawnIn(graph: Node | undefined): Drawn {
  const subgraphs = graph && findNodeAtLocation(graph, ['definitions', 'subgraphs']);
  const inner = new Map<string, Node[]>();
  for (const subgraph of subgraphs?.children ?? [])
    for (const [id, node] of nodesById(subgraph)) {
      const known = inner.get(id);
      if (known) known.push(node);
      else inner.set(id, [node]);
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

/** Of a node inside a subgraph the id may be another one than in the file, but not its type. */
function findDrawn(graphs: readonly Drawn[], { nodeId, classType, valueKey }: Placed): Node | undefined {
  const [own = '', ...rest] = nodeId.split(':').reverse();
  for (const { nodes, inner } of graphs) {
    const node = rest.length > 0 ? undefined : nodes.get(own);
    const others = rest.length > 0 ? (inner.get(own) ?? []).slice(0, MOST_INNER) : [];
    for (const one of node ? [node] : others) {
      const type = findNodeAtLocation(one, ['type']);
      if (type && (classType === undefined || type.value === classType)) return heldIn(one, valueKey) ?? type;
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

/** Where each line begins, as VS Code counts them. */
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
