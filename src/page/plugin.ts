import * as z from 'zod/mini';
import { LONGEST_MESSAGE, SETUP, type PageQuestion } from './pluginLimits';
import { postedPrompt, workflowIn, type Graph } from '../comfyui/workflow';
import { exactJson } from '../platform/jsonText';
import { readForeignJson } from '../platform/pythonJson';
import type { Slices } from '../platform/slices';

// The messages between ComfyDeploy's plugin, inside ComfyUI's page, and the window around it: JSON text of `{type,
// data}`, both ways. There are no ids, so an answer is recognized by its type. Its many other types are ignored.

/** Sent without waiting for the load, even if the canvas stays empty or the default graph is loaded. */
const LOADED = 'graph_loaded';
const PROMPT = 'cd_plugin_onGetPrompt';

const MessageWire = z.lazy(() =>
  z.union([
    z.object({ type: z.literal(SETUP) }),
    z.object({ type: z.literal(LOADED) }),
    z.pipe(
      z.object({
        type: z.literal(PROMPT),
        data: z.object({ workflow: z.optional(z.unknown()), output: z.optional(z.unknown()) }),
      }),
      z.transform(({ type, data }) => ({
        type,
        graph: workflowIn(data.workflow)?.graph,
        prompt: postedPrompt(data.output),
      })),
    ),
  ]),
);

/** A graph and the prompt that the page makes of it; undefined if it sent none. */
export type PluginMessage = z.output<typeof MessageWire>;

/** Undefined for anything else. Nothing in it is trusted: whoever serves the page may have written it. */
export async function readPluginMessage(text: unknown, slices: Slices): Promise<PluginMessage | undefined> {
  if (typeof text !== 'string' || text.length > LONGEST_MESSAGE) return undefined;
  return z.safeParse(MessageWire, await readForeignJson(text, slices)).data;
}

/** Opens a graph in a new tab of ComfyUI, without replacing anything. */
export function loadingOf(graph: Graph): PageQuestion {
  return { ask: exactJson({ type: 'graph_load', data: graph }), answer: LOADED };
}

/** Asks for the current graph and its prompt. */
export const ASKING: PageQuestion = { ask: exactJson({ type: 'get_prompt' }), answer: PROMPT };
