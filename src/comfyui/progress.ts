import * as z from 'zod/mini';
import { titleOf, type Plan } from './plan';
import { parsePythonJson } from '../platform/pythonJson';

// What a prompt's own socket says of it, in any order and with anything missing.

export type Stage =
  /** How many run or wait before it; undefined if nobody knows. */
  | { readonly kind: 'waiting'; readonly ahead: number | undefined }
  /** `share` is in 0..1 and never shrinks; `node` is what the user calls the one at work. */
  | { readonly kind: 'running'; readonly share: number; readonly node: string | undefined }
  | Over;

export type Over =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failure: RunFailure }
  | { readonly kind: 'interrupted' };

/** In the server's words; its paths and what it computed with may be among them. */
export interface RunFailure {
  readonly nodeId: string | undefined;
  readonly classType: string | undefined;
  readonly message: string;
}

/** All that is known of one prompt from its socket: no more than its plan has nodes. */
export interface Tracking {
  readonly stage: Stage;
  readonly promptId: string;
  /** Old servers choose an id of their own, whichever was asked for. */
  readonly isIdCertain: boolean;
  readonly isPosted: boolean;
  /** Whether states of all nodes are told, so that nothing has to be concluded from who is at work. */
  readonly hasStates: boolean;
  /** How many prompts ran or waited when that was told last. */
  readonly remaining: number | undefined;
  readonly finished: ReadonlySet<string>;
  /** Of nodes that have begun, in 0..1. */
  readonly begun: ReadonlyMap<string, number>;
  /** The node at work. */
  readonly node: string | undefined;
}

/** Characters. The states of 2,000 nodes, 220 each, fit: what is longer is not read, and the history is asked instead. */
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

// By hand: a schema makes a complaint of every member, and others send as many as they like.

/** Undefined unless all are ids. */
function idsIn(nodes: unknown): readonly string[] | undefined {
  if (!Array.isArray(nodes)) return undefined;
  const isId = (node: unknown) => typeof node === 'string' || Number.isFinite(node);
  return nodes.every(isId) ? nodes.map(String) : undefined;
}

/** Undefined unless all are states. */
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

/** From now on what is added to the queue comes behind it. */
export function posted(tracking: Tracking): Tracking {
  return { ...tracking, isPosted: true };
}

/** What the server calls it. */
export function named(tracking: Tracking, promptId: string): Tracking {
  return { ...tracking, promptId, isIdCertain: true };
}

/** What one text from the socket adds; unknown ones and broken ones add nothing. */
export function progressOf(tracking: Tracking, message: string, plan: Plan): Tracking {
  if (message.length > LONGEST || isOver(tracking.stage)) return tracking;
  const parsed = z.safeParse(MessageWire, parsePythonJson(message));
  if (!parsed.success) return tracking;
  const { type, data } = parsed.data;
  const remaining = data.status?.exec_info.queue_remaining;
  if (type === 'status') return remaining === undefined ? tracking : counted(tracking, remaining);
  if (data.prompt_id !== undefined && data.prompt_id !== tracking.promptId) {
    // Only the owner of the socket hears that a run starts, so this is it.
    if (type !== 'execution_start' || tracking.isIdCertain) return tracking;
    return advanced({ ...named(tracking, data.prompt_id), ...STARTED }, plan);
  }
  // Others may send anything to everybody; ComfyUI leaves the id out of these two only.
  if (data.prompt_id === undefined && type !== 'executing' && type !== 'progress') return tracking;
  const next = taken(tracking, type, data, plan);
  return next === undefined || isOver(next.stage) ? (next ?? tracking) : advanced(next, plan);
}

export function isOver(stage: Stage): stage is Over {
  return stage.kind !== 'waiting' && stage.kind !== 'running';
}

const STARTED = { stage: { kind: 'running', share: 0, node: undefined }, isPosted: true } as const;

/** While it waits, one less in the queue is one less before it. */
function counted(tracking: Tracking, remaining: number): Tracking {
  const { stage, isPosted, remaining: before } = tracking;
  if (stage.kind !== 'waiting') return { ...tracking, remaining };
  if (!isPosted) return { ...tracking, remaining, stage: { kind: 'waiting', ahead: remaining } };
  if (stage.ahead === undefined) return { ...tracking, remaining };
  const gone = Math.max(0, (before ?? remaining) - remaining);
  const ahead = Math.max(0, Math.min(stage.ahead - gone, remaining - 1));
  return { ...tracking, remaining, stage: { kind: 'waiting', ahead } };
}

/** Undefined for a message that says nothing. */
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

/** Nobody at work is the end: old servers show success no other way. */
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

/** The last of them is the one at work. */
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

/** Something was heard of the run itself, so it runs. */
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
