import * as z from 'zod/mini';
import { ListWire, pairOf } from '../platform/unread';
import { largestOf, smallestOf } from '../platform/extremes';
import { shownFiles, filesIn, type OutputFile } from './outputs';
import { planOf } from './plan';
import type { RunFailure } from './progress';
import { fewOf } from './wire';
import { postedPrompt } from './workflow';

/** How a prompt ended, according to the history. */
export type Ending =
  | {
      readonly kind: 'done';
      /** Its saved files, or else its previews. */
      readonly files: readonly OutputFile[];
      /** Nothing was computed: all results were cached from an earlier run. */
      readonly isCached: boolean;
      /** From start to end by the server's clock, ms; undefined if the server keeps no times. */
      readonly took: number | undefined;
    }
  | { readonly kind: 'failed'; readonly failure: RunFailure }
  | { readonly kind: 'interrupted' };

const id = z.lazy(() => z.pipe(z.union([z.string(), z.number()]), z.transform(String)));
/** Undefined if an item is not an id. */
function idsIn(list: readonly unknown[]): readonly string[] | undefined {
  const ids = list.flatMap((one) => (typeof one === 'string' || typeof one === 'number' ? [String(one)] : []));
  return ids.length === list.length ? ids : undefined;
}
const text = z.lazy(() => z.optional(z.nullable(z.string())));
const Entry = z.lazy(() =>
  z.object({
    outputs: z.optional(z.unknown()),
    prompt: z.optional(ListWire),
    status: z.optional(z.nullable(z.object({ messages: z.optional(ListWire), status_str: text }))),
  }),
);
const Message = z.lazy(() =>
  z.pipe(
    pairOf('type', 'data'),
    z.object({
      type: z.string(),
      data: z.object({
        timestamp: z.optional(z.nullable(z.number())),
        nodes: z.optional(ListWire),
        node_id: z.optional(z.nullable(id)),
        node_type: text,
        exception_message: text,
      }),
    }),
  ),
);
type Messages = readonly z.output<typeof Message>[];

/** @param history the answer of `/history/{id}`; undefined if it does not contain that prompt. */
export function endingIn(history: Readonly<Record<string, unknown>>, promptId: string): Ending | undefined {
  if (!Object.hasOwn(history, promptId)) return undefined;
  const { outputs, prompt = [], status } = z.safeParse(Entry, history[promptId]).data ?? {};
  const messages = fewOf(status?.messages ?? []).flatMap((message) => {
    const read = z.safeParse(Message, message);
    return read.success ? [read.data] : [];
  });
  const messageOf = (type: string) => messages.find((message) => message.type === type)?.data;
  const error = messageOf('execution_error');
  if (!error && messageOf('execution_interrupted')) return { kind: 'interrupted' };
  if (error || status?.status_str === 'error') {
    const { node_id, node_type, exception_message } = error ?? {};
    const where = { nodeId: node_id ?? undefined, classType: node_type ?? undefined };
    return { kind: 'failed', failure: { ...where, message: exception_message ?? '' } };
  }
  const files = shownFiles(filesIn(outputs).files);
  const cached = messageOf('execution_cached')?.nodes;
  const isCached = isAllOf(cached && idsIn(cached), prompt);
  return { kind: 'done', files, isCached, took: timeOf(messages) };
}

/** Whether these are all the nodes that had to run. */
function isAllOf(cached: readonly string[] | undefined, [, , posted, , outputs]: readonly unknown[]): boolean {
  const prompt = postedPrompt(posted);
  if (!prompt || !cached) return false;
  const wanted = Array.isArray(outputs) ? idsIn(outputs) : undefined;
  const { nodes } = planOf(prompt, wanted);
  const known = new Set(cached);
  return nodes.size > 0 && [...nodes].every((node) => known.has(node));
}

function timeOf(messages: Messages): number | undefined {
  const times = messages.flatMap(({ data: { timestamp } }) => (typeof timestamp === 'number' ? [timestamp] : []));
  return times.length < 2 ? undefined : largestOf(times) - smallestOf(times);
}
