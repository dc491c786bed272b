import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { ApiError, asSentence } from '../platform/errors';
import { ListWire } from '../platform/unread';
import { serverText } from './serverText';
import { ObjectWire } from './wire';

/** A problem of one node. */
export interface NodeProblem {
  readonly nodeId: string;
  readonly classType: string | undefined;
  /** The input with the problem; undefined for the node as a whole. */
  readonly input: string | undefined;
  readonly message: string;
}

/** ComfyUI has checked a prompt and refused it. Sending it again would not help. */
export class PromptRefused extends ApiError {
  constructor(
    message: string,
    readonly problems: readonly NodeProblem[],
  ) {
    super('refused', message);
  }
}

const text = z.lazy(() => z.optional(z.nullable(z.string())));
const Failure = z.lazy(() =>
  z.object({
    message: text,
    details: text,
    extra_info: z.optional(z.nullable(z.looseObject({ input_name: z.optional(z.unknown()) }))),
  }),
);
const NodeErrors = z.lazy(() =>
  z.object({
    errors: ListWire,
    dependent_outputs: z.optional(
      z.pipe(
        ListWire,
        z.transform((list) => list.filter((one) => typeof one === 'string')),
      ),
    ),
    class_type: text,
  }),
);
const Named = z.lazy(() => z.object({ node_id: z.string(), class_type: text }));
/** Some versions send an empty list if there are no errors. */
const Errors = z.lazy(() => z.object({ node_errors: ObjectWire }));
const RefusalWire = z.lazy(() => z.object({ error: z.union([z.string(), Failure]) }));

/** The problems of single nodes in an answer to `POST /prompt`, whether it was accepted or not. */
export function problemsIn(answer: unknown): readonly NodeProblem[] {
  return nodesIn(answer).flatMap(([nodeId, detail]) => {
    const { errors, class_type } = z.safeParse(NodeErrors, detail).data ?? { errors: [] };
    const some = errors.slice(0, MOST_OF_NODE);
    return some.map((error) => ({ nodeId, classType: class_type ?? undefined, ...problemOf(error) }));
  });
}

/** The outputs that cannot run because of them. */
export function leftOutIn(answer: unknown): readonly string[] {
  return nodesIn(answer).flatMap(([, detail]) => z.safeParse(NodeErrors, detail).data?.dependent_outputs ?? []);
}

/** The most nodes with errors, and the most errors of one node, that are shown. */
const MOST_NODES = 1_000;
const MOST_OF_NODE = 20;

function nodesIn(answer: unknown): readonly (readonly [id: string, detail: unknown])[] {
  const nodes = z.safeParse(Errors, answer).data?.node_errors ?? {};
  return Object.entries(nodes).slice(0, MOST_NODES);
}

/** Undefined if the answer gives no reason that ComfyUI would give. */
export function refusalOf(answer: unknown): PromptRefused | undefined {
  const parsed = z.safeParse(RefusalWire, answer);
  if (!parsed.success) return undefined;
  const { error } = parsed.data;
  if (typeof error === 'string') return new PromptRefused(asSentence(serverText(error)), problemsIn(answer));
  const { message, details, extra_info } = error;
  const words = serverText(message ?? '') || l10n.t('ComfyUI gives no reason.');
  const problems = problemsIn(answer);
  const named = z.safeParse(Named, extra_info).data;
  const nodeId = named?.node_id ?? /Node ID '#(.+?)'/.exec(details ?? '')?.[1];
  if (problems.length > 0 || nodeId === undefined) return new PromptRefused(asSentence(words), problems);
  const problem = { nodeId, classType: named?.class_type ?? undefined, input: undefined, message: asSentence(words) };
  return new PromptRefused(asSentence(words), [problem]);
}

function problemOf(error: unknown): Pick<NodeProblem, 'input' | 'message'> {
  const { message, details, extra_info } = z.safeParse(Failure, error).data ?? {};
  const name = extra_info?.input_name;
  const input = typeof name === 'string' ? name : undefined;
  // Details that only name the input add nothing.
  const words = [message || l10n.t('ComfyUI gives no reason'), ...(details && details !== input ? [details] : [])];
  return { input, message: asSentence(serverText(words.join(': '))) };
}
