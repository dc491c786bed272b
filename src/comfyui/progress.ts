import * as z from 'zod/mini';
import { titleOf, type Plan } from './plan';
import { parsePythonJson } from '../platform/pythonJson';

// Follows the messages of a prompt's own socket, which may come in any order, or not at all.

export type Stage =
  /** How many run or wait before it; undefined if not known. */
  | { readonly kind: 'waiting'; readonly ahead: number | undefined }
  /** `share` is in 0..1 and never decreases; `node` is the user's name for the running node. */
  | { readonly kind: 'running'; readonly share: number; readonly node: string | undefined }
  | Over;

export type Over =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: RunFailure }
  | { readonly kind: 'interrupted' };

/** In the server's words, which may contain paths and values of the run. */
export interface RunFailure {
  readonly nodeId: string | undefined;
  readonly classType: string | undefined;
  readonly message: string;
}

/** Everything known of one prompt from its socket; its size is bounded by the plan. */
export interface Tracking {
  readonly stage: Stage;
  readonly promptId: string;
  /** Old servers choose an id of their own. */
  readonly isIdCertain: boolean;
  readonly isPosted: boolean;
  /** Whether the server sends the states of all nodes, so that nothing has to be derived from the running node. */
  readonly hasStates: boolean;
  /** How many prompts ran or waited, as last reported. */
  readonly remaining: number | undefined;
  readonly finished: ReadonlySet<string>;
  /** The share of nodes that have begun, in 0..1. */
  readonly begun: ReadonlyMap<string, number>;
  /** The running node. */
  readonly node: string | undefined;
}

/**
 * Characters. The states of 2,000 nodes with 220 each fit; longer messages are ignored, and the history is read
 * instead.
 */
const LONGEST = 512 * 1024;

type NodeStates = readonly (readonly [string, NodeState])[];
interface NodeState extends Step {
  readonly state: unknown;
}

const text = z.lazy(() => z.string());
const id = z.lazy(() => z.pipe(z.union([text, z.number()]), z.transform(String)));
const number = z.lazy(() => z.optional(z.nullable(z.number())));
const MessageWire = z.lazy(() =>
  z.object({
    type: text,
    data: z.object({
      prompt_id: z.optional(text),
      status: z.optional(z.object({ exec_info: z.object({ queue_remaining: z.number() }) })),
      node: z.optional(z.nullable(id)),
      nodes: z.optional(z.unknown()),
      value: number,
      max: number,
      node_id: z.optional(z.nullable(id)),
      node_type: z.optional(z.nullable(text)),
      exception_message: z.optional(z.nullable(text)),
    }),
  }),
);
type Data = z.output<typeof MessageWire>['data'];

// Without a schema: it would create an issue for every member, and others may send any number.

/** Undefined if one is not an id. */
function idsIn(nodes: unknown): readonly string[] | undefined {
  if (!Array.isArray(nodes)) return undefined;
  const isId = (node: unknown) => typeof node === 'string' || Number.isFinite(node);
  return nodes.every(isId) ? nodes.map(String) : undefined;
}

/** Undefined if one is not a state. */
function statesIn(nodes: unknown): NodeStates | undefined {
  if (!isObject(nodes)) return undefined;
  const states: (readonly [string, NodeState])[] = [];
  for (const [node, fields] of Object.entries(nodes)) {
    if (!isObject(fields) || !isNumber(fields['value']) || !isNumber(fields['max'])) return undefined;
    if (fields['state'] !== undefined && typeof fields['state'] !== 'string') return undefined;
    states.push([node, { state: fields['state'], value: fields['value'], max: fields['max'] }]);
  }
  return states;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNumber(value: unknown): value is number | null | undefined {
  return value === undefined || value === null || Number.isFinite(value);
}

/** A prompt that is about to be posted. */
export function trackingOf(promptId: string): Tracking {
  return {
    stage: { kind: 'waiting', ahead: undefined },
    promptId,
    isIdCertain: false,
    isPosted: false,
    hasStates: false,
    remaining: undefined,
    finished: new Set<string>(),
    begun: new Map<string, number>(),
    node: undefined,
  };
}

/** From now on, prompts added to the queue come after it. */
export function posted(tracking: Tracking): Tracking {
  return { ...tracking, isPosted: true };
}

/** Sets the server's id for it. */
export function named(tracking: Tracking, promptId: string): Tracking {
  return { ...tracking, promptId, isIdCertain: true };
}

/** Applies one message of the socket; unknown and broken ones change nothing. */
export function progressOf(tracking: Tracking, message: string, plan: Plan): Tracking {
  if (message.length > LONGEST || isOver(tracking.stage)) return tracking;
  const parsed = z.safeParse(MessageWire, parsePythonJson(message));
  if (!parsed.success) return tracking;
  const { type, data } = parsed.data;
  const remaining = data.status?.exec_info.queue_remaining;
  if (type === 'status') return remaining === undefined ? tracking : counted(tracking, remaining);
  if (data.prompt_id !== undefined && data.prompt_id !== tracking.promptId) {
    // Only the owner of the socket is sent the start of a run, so this is our run.
    if (type !== 'execution_start' || tracking.isIdCertain) return tracking;
    return advanced({ ...named(tracking, data.prompt_id), ...STARTED }, plan);
  }
  // Anybody may send messages to everybody; ComfyUI omits the id in these two only.
  if (data.prompt_id === undefined && type !== 'executing' && type !== 'progress') return tracking;
  const next = taken(tracking, type, data, plan);
  return next === undefined || isOver(next.stage) ? (next ?? tracking) : advanced(next, plan);
}

export function isOver(stage: Stage): stage is Over {
  return stage.kind !== 'waiting' && stage.kind !== 'running';
}

const STARTED = { stage: { kind: 'running', share: 0, node: undefined }, isPosted: true } as const;

/** While it waits, one prompt less in the queue means one less before it. */
function counted(tracking: Tracking, remaining: number): Tracking {
  const { stage, isPosted, remaining: before } = tracking;
  if (stage.kind !== 'waiting') return { ...tracking, remaining };
  if (!isPosted) return { ...tracking, remaining, stage: { kind: 'waiting', ahead: remaining } };
  if (stage.ahead === undefined) return { ...tracking, remaining };
  const gone = Math.max(0, (before ?? remaining) - remaining);
  const ahead = Math.max(0, Math.min(stage.ahead - gone, remaining - 1));
  return { ...tracking, remaining, stage: { kind: 'waiting', ahead } };
}

/** Undefined for a message without information. */
function taken(tracking: Tracking, type: string, data: Data, plan: Plan): Tracking | undefined {
  switch (type) {
    case 'execution_start':
      return tracking;
    case 'execution_cached':
      return finished(tracking, idsIn(data.nodes) ?? [], plan);
    case 'executed':
      return typeof data.node === 'string' ? finished(tracking, [data.node], plan) : undefined;
    case 'executing':
      return data.node === undefined ? undefined : atWork(tracking, data.node, data.prompt_id !== undefined, plan);
    case 'progress':
      return begun(tracking, stepsOf(data.node ?? tracking.node, data), plan);
    case 'progress_state': {
      const fields = statesIn(data.nodes);
      return fields && states(tracking, fields, plan);
    }
    case 'execution_success':
      return { ...tracking, stage: { kind: 'done' } };
    case 'execution_interrupted':
      return { ...tracking, stage: { kind: 'interrupted' } };
    case 'execution_error': {
      const { node_id, node_type, exception_message } = data;
      const failure = { nodeId: node_id ?? undefined, classType: node_type ?? undefined };
      const message = exception_message ?? '';
      return { ...tracking, stage: { kind: 'failed', failure: { ...failure, message } } };
    }
    default:
      return undefined;
  }
}

/** No running node means the end: old servers report success in no other way. */
function atWork(tracking: Tracking, node: string | null, isNamed: boolean, plan: Plan): Tracking | undefined {
  if (node === null) return isNamed ? { ...tracking, stage: { kind: 'done' } } : undefined;
  const { node: before, hasStates } = tracking;
  const isNext = before !== undefined && before !== node && !hasStates;
  return { ...(isNext ? finished(tracking, [before], plan) : tracking), node };
}

function finished(tracking: Tracking, nodes: readonly string[], plan: Plan): Tracking {
  const known = nodes.filter((node) => plan.nodes.has(node));
  return { ...tracking, finished: new Set([...tracking.finished, ...known]) };
}

/** The last of them is the running one. */
function begun(tracking: Tracking, steps: readonly (readonly [string, Step])[], plan: Plan): Tracking {
  const node = steps.at(-1)?.[0];
  if (node === undefined) return tracking;
  const shares = new Map(tracking.begun);
  for (const [one, step] of steps)
    if (plan.nodes.has(one)) shares.set(one, Math.max(shareOf(step), shares.get(one) ?? 0));
  return { ...tracking, node, begun: shares };
}

function stepsOf(node: string | undefined, step: Step): readonly (readonly [string, Step])[] {
  return node === undefined ? [] : [[node, step]];
}

type Step = Pick<Data, 'value' | 'max'>;

function shareOf({ value, max }: Step): number {
  if (typeof value !== 'number' || typeof max !== 'number' || max <= 0) return 0;
  return Math.min(1, Math.max(0, value / max));
}

function states(tracking: Tracking, entries: NodeStates, plan: Plan): Tracking {
  const over = entries.filter(([, { state }]) => state === 'finished').map(([node]) => node);
  const running = entries.filter(([, { state }]) => state === 'running');
  const start = { ...finished(tracking, over, plan), hasStates: true };
  return begun(start, running, plan);
}

/** A message about the run itself means that it is running. */
function advanced(tracking: Tracking, plan: Plan): Tracking {
  const { stage, finished: over, begun: running, node } = tracking;
  const shares = [...plan.nodes].map((one) => (over.has(one) ? 1 : (running.get(one) ?? 0)));
  const sum = shares.reduce((all, part) => all + part, 0);
  const share = plan.nodes.size === 0 ? 0 : Math.min(1, sum / plan.nodes.size);
  const before = stage.kind === 'running' ? stage.share : 0;
  const title = node === undefined ? undefined : titleOf(plan.prompt, node);
  const known = title ?? (stage.kind === 'running' ? stage.node : undefined);
  return { ...tracking, isPosted: true, stage: { kind: 'running', share: Math.max(before, share), node: known } };
}
