import * as z from 'zod/mini';
import { PROMPT_NAMES } from './promptNames';
import { readForeignJson } from '../platform/pythonJson';
import type { Slices } from '../platform/slices';
import { keysOf, spelledLike } from '../platform/spelling';

// The two spellings of a workflow, distinguished as ComfyUI's own page does it.

/** As the page draws it: nodes with places, and the lines between them. */
export type Graph = Readonly<Record<string, unknown>>;

/** As the server runs it (API format): by node id. */
export type Prompt = Readonly<Record<string, PromptNode>>;

export interface PromptNode {
  readonly class_type: string;
  /** A value, or `[node id, output]` of the node it comes from. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What a file holds: one of the two, or both, as the plugin and some tools write them. */
export type Workflow = (
  | { readonly graph: Graph; readonly prompt: Prompt | undefined }
  | { readonly graph: undefined; readonly prompt: Prompt }
) & {
  /** What stands among the nodes of the prompt and is none, such as a comment. ComfyUI takes no prompt that has it. */
  readonly leftOut: readonly string[];
};

/** What ComfyUI's page writes into every file: in the older form, or in the newer. */
const PageWire = z.lazy(() =>
  z.union([
    z.looseObject({ version: z.number(), last_node_id: z.unknown(), links: z.array(z.unknown()) }),
    z.looseObject({ version: z.number(), state: z.looseObject({}) }),
  ]),
);
/** Types of nodes that the library below ComfyUI's page brings along: whatever uses it writes files of the same form. */
const LIBRARY_TYPE = /^(?!workflow\/)[a-z0-9]+\//;

/** False only for what is none: spares the reading of most other files. */
export function seemsWorkflow(text: string): boolean {
  return text.includes('"class_type"') || text.includes('"nodes"');
}

/** Whether a text that begins like this may be one: its beginning is all that is read of most files. */
export function beginsLikeWorkflow(head: string): boolean {
  return /^\s*\{/.test(head) && SIGNS.some((sign) => head.includes(`"${sign}"`));
}

const SIGNS = [
  ...['class_type', 'inputs', 'nodes', 'links', 'last_node_id', 'last_link_id', 'state', 'revision', 'groups', 'extra'],
  ...['workflow', 'prompt', 'output', 'input', 'workflow_api', 'definitions', 'widgets_values'],
];

/** What stands in a file; undefined for any other text. Numbers are kept as they are written: see `spelling`. */
export async function readWorkflow(text: string, slices: Slices): Promise<Workflow | undefined> {
  return workflowIn(await readForeignJson(text.replace(/^\ufeff/, ''), slices), (graph) => isPageGraph(graph));
}

/** The same for what has been parsed. @param isDrawn what counts as a graph; by default whatever looks like one. */
export function workflowIn(value: unknown, isDrawn: (graph: Graph) => boolean = () => true): Workflow | undefined {
  const members = isObject(value) ? value : {};
  const graph = graphIn(value);
  if (graph && isDrawn(graph)) return { graph, prompt: undefined, leftOut: [] };
  const whole = promptIn(value);
  if (whole) return { graph: undefined, ...whole };
  const drawn = graphIn(members['workflow']);
  const run = PROMPT_NAMES.map((name) => promptIn(members[name])).find((one) => one !== undefined);
  // Beside a prompt it is what the page has drawn, even if there is little in it.
  if (drawn && (run || isDrawn(drawn))) return { graph: drawn, prompt: run?.prompt, leftOut: run?.leftOut ?? [] };
  if (run) return { graph: undefined, ...run };
  return isObject(members['input']) && !('input' in members['input'])
    ? workflowIn(members['input'], isDrawn)
    : undefined;
}

function graphIn(value: unknown): Graph | undefined {
  if (!isObject(value) || !drawnNodesIn(value)) return undefined;
  const { links } = value; // the newer form may lack them
  return links === undefined || Array.isArray(links) ? value : undefined;
}

/** Whether it was drawn in ComfyUI's page, and not by one of the many that draw nodes and links, too. */
function isPageGraph(graph: Graph): boolean {
  const nodes = nodesOf(graph);
  return z.safeParse(PageWire, graph).success && nodes.some(({ type }) => !LIBRARY_TYPE.test(type));
}

/** On the canvas itself, without those inside subgraphs. */
export function nodesOf(graph: Graph): readonly DrawnNode[] {
  return drawnNodesIn(graph) ?? [];
}

interface DrawnNode {
  readonly id: number | string;
  readonly type: string;
}

// By hand: a schema takes many times as long, and others write graphs of any size.

/** Undefined unless all are nodes. */
function drawnNodesIn({ nodes }: Graph): readonly DrawnNode[] | undefined {
  return Array.isArray(nodes) && nodes.every(isDrawnNode) ? nodes : undefined;
}

function isDrawnNode(node: unknown): node is DrawnNode {
  if (!isObject(node)) return false;
  const { id, type } = node;
  return (typeof id === 'string' || Number.isFinite(id)) && typeof type === 'string';
}

/** What has nodes in it, each whole, and beside them nothing that might be meant for one. */
function promptIn(value: unknown): { readonly prompt: Prompt; readonly leftOut: readonly string[] } | undefined {
  if (!isObject(value)) return undefined;
  const leftOut = keysOf(value).filter((key) => !looksLikeNode(value[key]));
  const prompt = leftOut.length === 0 ? value : withoutMembers(value, leftOut);
  return isPrompt(prompt) ? { prompt, leftOut } : undefined;
}

/** A prompt as the server has it. */
export function postedPrompt(value: unknown): Prompt | undefined {
  return isPrompt(value) ? value : undefined;
}

function looksLikeNode(value: unknown): boolean {
  return isObject(value) && ('class_type' in value || 'inputs' in value);
}

// The values themselves are handed on: what a schema gives back is a copy, without what it does not know, and in
// another order.

function isPrompt(value: unknown): value is Prompt {
  if (!isObject(value)) return false;
  const nodes = Object.values(value);
  return nodes.length > 0 && nodes.every(isPromptNode);
}

function isPromptNode(node: unknown): node is PromptNode {
  return isObject(node) && typeof node['class_type'] === 'string' && isObject(node['inputs']);
}

function isObject(value: unknown): value is Graph {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function withoutMembers(object: Graph, names: readonly string[]): Graph {
  const gone = new Set(names);
  const kept = keysOf(object).filter((key) => !gone.has(key));
  return spelledLike(Object.fromEntries(kept.map((key) => [key, object[key]])), object, kept);
}
