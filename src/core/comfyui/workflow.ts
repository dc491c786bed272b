import * as z from 'zod/mini';
import { parsePythonJson } from './pythonJson';

// The two spellings of a workflow, told apart as ComfyUI's own page does it.

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
export type Workflow =
  | { readonly graph: Graph; readonly prompt: Prompt | undefined }
  | { readonly graph: undefined; readonly prompt: Prompt };

const GraphWire = z.lazy(() =>
  z.looseObject({
    nodes: z.array(z.looseObject({ id: z.union([z.number(), z.string()]), type: z.string() })),
    links: z.array(z.unknown()),
  }),
);
const NodeWire = z.lazy(() => z.looseObject({ class_type: z.string(), inputs: z.record(z.string(), z.unknown()) }));
const PromptWire = z.lazy(() =>
  z.record(z.string(), NodeWire).check(z.refine((nodes) => Object.keys(nodes).length > 0)),
);
const PairWire = z.lazy(() =>
  z.object({
    workflow: z.optional(z.unknown()),
    prompt: z.optional(z.unknown()),
    output: z.optional(z.unknown()),
  }),
);

/** False only for what is none: spares the reading of most other files. */
export function seemsWorkflow(text: string): boolean {
  return text.includes('"class_type"') || (text.includes('"nodes"') && text.includes('"links"'));
}

/** Undefined for any other text. Numbers too long for a double are kept exactly: see `prettyJson`. */
export function readWorkflow(text: string): Workflow | undefined {
  return workflowIn(parsePythonJson(text));
}

/** The same for what has been parsed. */
export function workflowIn(value: unknown): Workflow | undefined {
  const graph = graphIn(value);
  if (graph) return { graph, prompt: undefined };
  const prompt = promptIn(value);
  if (prompt) return { graph: undefined, prompt };
  const pair = z.safeParse(PairWire, value).data;
  if (!pair) return undefined;
  const [drawn, run] = [graphIn(pair.workflow), promptIn(pair.output) ?? promptIn(pair.prompt)];
  if (drawn) return { graph: drawn, prompt: run };
  return run && { graph: undefined, prompt: run };
}

function graphIn(value: unknown): Graph | undefined {
  return isGraph(value) ? value : undefined;
}

/** On the canvas itself, without those inside subgraphs. */
export function nodesOf(graph: Graph): readonly { readonly id: number | string; readonly type: string }[] {
  return z.safeParse(GraphWire, graph).data?.nodes ?? [];
}

export function promptIn(value: unknown): Prompt | undefined {
  return isPrompt(value) ? value : undefined;
}

// The values themselves are handed on: what a schema gives back is a copy, without what it does not know, and in
// another order.

function isGraph(value: unknown): value is Graph {
  return z.safeParse(GraphWire, value).success;
}

function isPrompt(value: unknown): value is Prompt {
  return z.safeParse(PromptWire, value).success;
}
