import * as z from 'zod/mini';
import { PROMPT_NAMES } from './promptNames';
import { readForeignJson } from '../platform/pythonJson';
import type { Slices } from '../platform/slices';
import { keysOf, spelledLike } from '../platform/spelling';

// The two formats of a workflow, distinguished as ComfyUI's own page does it.

/** The page's format: nodes with places, and the links between them. */
export type Graph = Readonly<Record<string, unknown>>;

/** The server's format (API format): nodes by id. */
export type Prompt = Readonly<Record<string, PromptNode>>;

export interface PromptNode {
  readonly class_type: string;
  /** A value, or `[node id, output]` for a link. */
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** The content of a file: one of the formats, or both, as the plugin and some tools write them. */
export type Workflow = (
  | { readonly graph: Graph; readonly prompt: Prompt | undefined }
  | { readonly graph: undefined; readonly prompt: Prompt }
) & {
  /** Members of the prompt that are not nodes, such as a comment. ComfyUI refuses a prompt with them. */
  readonly leftOut: readonly string[];
};

/** What ComfyUI's page writes into every file, in its older and its newer format. */
const PageWire = z.lazy(() =>
  z.union([
    z.looseObject({ version: z.number(), last_node_id: z.unknown(), links: z.array(z.unknown()) }),
    z.looseObject({ version: z.number(), state: z.looseObject({}) }),
  ]),
);
/** Node types of the library that ComfyUI's page is built on: other programs with it write the same format. */
const LIBRARY_TYPE = /^(?!workflow\/)[a-z0-9]+\//;

/** False only if it is certainly none: avoids parsing most other files. */
export function seemsWorkflow(text: string): boolean {
  return text.includes('"class_type"') || text.includes('"nodes"');
}

/** Whether a text with this beginning may be one: of most files, only the beginning is read. */
export function beginsLikeWorkflow(head: string): boolean {
  return /^\s*\{/.test(head) && SIGNS.some((sign) => head.includes(`"${sign}"`));
}

const SIGNS = [
  ...['class_type', 'inputs', 'nodes', 'links', 'last_node_id', 'last_link_id', 'state', 'revision', 'groups', 'extra'],
  ...['workflow', 'prompt', 'output', 'input', 'workflow_api', 'definitions', 'widgets_values'],
];

/** The workflow in a file; undefined for any other text. Numbers keep their spelling: see `spelling`. */
export async function readWorkflow(text: string, slices: Slices): Promise<Workflow | undefined> {
  return workflowIn(await readForeignJson(text.replace(/^\ufeff/, ''), slices), (graph) => isPageGraph(graph));
}

/** The same for a parsed value. @param isDrawn whether a graph counts; by default anything that looks like one does. */
export function workflowIn(value: unknown, isDrawn: (graph: Graph) => boolean = () => true): Workflow | undefined {
  const members = isObject(value) ? value : {};
  const graph = graphIn(value);
  if (graph && isDrawn(graph)) return { graph, prompt: undefined, leftOut: [] };
  const whole = promptIn(value);
  if (whole) return { graph: undefined, ...whole };
  const drawn = graphIn(members['workflow']);
  const run = PROMPT_NAMES.map((name) => promptIn(members[name])).find((one) => one !== undefined);
  // Beside a prompt, it is the drawn graph, however small.
  if (drawn && (run || isDrawn(drawn))) return { graph: drawn, prompt: run?.prompt, leftOut: run?.leftOut ?? [] };
  if (run) return { graph: undefined, ...run };
  return isObject(members['input']) && !('input' in members['input'])
    ? workflowIn(members['input'], isDrawn)
    : undefined;
}

function graphIn(value: unknown): Graph | undefined {
  if (!isObject(value) || !drawnNodesIn(value)) return undefined;
  const { links } = value; // the newer format may lack them
  return links === undefined || Array.isArray(links) ? value : undefined;
}

/** Whether ComfyUI's page drew it, and not another program that draws nodes and links. */
function isPageGraph(graph: Graph): boolean {
  const nodes = nodesOf(graph);
  return z.safeParse(PageWire, graph).success && nodes.some(({ type }) => !LIBRARY_TYPE.test(type));
}

/** On the canvas itself, without nodes inside subgraphs. */
export function nodesOf(graph: Graph): readonly DrawnNode[] {
  return drawnNodesIn(graph) ?? [];
}

interface DrawnNode {
  readonly id: number | string;
  readonly type: string;
}

// Without a schema, which would take many times as long for graphs of any size.

/** Undefined if one is not a node. */
function drawnNodesIn({ nodes }: Graph): readonly DrawnNode[] | undefined {
  return Array.isArray(nodes) && nodes.every(isDrawnNode) ? nodes : undefined;
}

function isDrawnNode(node: unknown): node is DrawnNode {
  if (!isObject(node)) return false;
  const { id, type } = node;
  return (typeof id === 'string' || Number.isFinite(id)) && typeof type === 'string';
}

/** An object with valid nodes and nothing that was probably meant to be one. */
function promptIn(value: unknown): { readonly prompt: Prompt; readonly leftOut: readonly string[] } | undefined {
  if (!isObject(value)) return undefined;
  const leftOut = keysOf(value).filter((key) => !looksLikeNode(value[key]));
  const prompt = leftOut.length === 0 ? value : withoutMembers(value, leftOut);
  return isPrompt(prompt) ? { prompt, leftOut } : undefined;
}

/** A prompt in the server's format. */
export function postedPrompt(value: unknown): Prompt | undefined {
  return isPrompt(value) ? value : undefined;
}

function looksLikeNode(value: unknown): boolean {
  return isObject(value) && ('class_type' in value || 'inputs' in value);
}

// The values themselves are used: a schema would return copies without unknown members, and in another order.

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
