import recorded from '../../fixtures/workflow-pairs.json';
import type { ConvertedPrompt } from '../../../src/workflows/promptFrom';

/**
 * Drawn workflows with the prompts that ComfyUI's own page (1.45) made from them, and its server's description of the
 * nodes.
 */
export const OBJECT_INFO: Readonly<Record<string, unknown>> = recorded.objectInfo;

export interface Pair {
  readonly graph: Readonly<Record<string, unknown>>;
  readonly prompt: ConvertedPrompt;
}

export const PAIRS: ReadonlyMap<string, Pair> = new Map(
  Object.entries(recorded.pairs as unknown as Record<string, Pair>),
);

/** As in the page when they were made: random choices take the first, and the clock stood still. */
export const STILL = { random: () => 0, now: () => new Date(2026, 0, 2, 3, 4, 5) };

/**
 * The prompt as sent, without undefined values. The page takes titles from a list of its own, unless a file gives them.
 */
export function asSent(prompt: ConvertedPrompt, given: ReadonlySet<unknown>): Record<string, unknown> {
  const sent = JSON.parse(JSON.stringify(prompt)) as Record<string, { _meta: { title?: string } }>;
  for (const { _meta } of Object.values(sent)) if (!given.has(_meta.title)) delete _meta.title;
  return sent;
}

/** Every value under the name `title` in a file. */
export function titlesIn(value: unknown, found = new Set<unknown>()): Set<unknown> {
  for (const [key, member] of Object.entries(value ?? {})) {
    if (key === 'title') found.add(member);
    if (typeof member === 'object') titlesIn(member, found);
  }
  return found;
}

type Value = string | number | boolean | null | readonly unknown[] | object;

/** A drawn node. Inputs are `name:TYPE<link`. */
export function drawnNode(
  id: number,
  type: string,
  {
    inputs = [],
    values = [],
    ...rest
  }: { inputs?: readonly string[]; values?: readonly Value[] } & Record<string, unknown> = {},
): Record<string, unknown> {
  const sockets = inputs.map((text) => {
    const [, name, kind, link] = /^(.*?):(.*?)(?:<(\d+))?$/.exec(text) ?? [];
    return { name, type: kind, link: link === undefined ? null : Number(link) };
  });
  return { id, type, mode: 0, inputs: sockets, widgets_values: values, ...rest };
}

/** @param links `[id, from, slot, to, input]`. */
export function drawnGraph(
  nodes: readonly Record<string, unknown>[],
  links: readonly (readonly number[])[] = [],
  rest: Record<string, unknown> = {},
): Record<string, unknown> {
  return { nodes, links: links.map((link) => [...link, '*']), version: 0.4, ...rest };
}

type Path = readonly (string | number)[];

/** All paths in a value. */
export function pathsIn(value: unknown): readonly Path[] {
  return typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, member]) => [[key], ...pathsIn(member).map((path) => [key, ...path])]);
}

/** A copy with other values at some paths, where these still exist. */
export function changedAt<T>(value: T, changes: readonly { readonly path: Path; readonly to: unknown }[]): T {
  const copy = structuredClone(value);
  for (const { path, to } of changes) {
    const holder = path
      .slice(0, -1)
      .reduce<unknown>((one, key) => (one as Record<string, unknown> | undefined)?.[key], copy);
    if (typeof holder === 'object' && holder !== null) Object.assign(holder, { [path.at(-1) ?? '']: to });
  }
  return copy;
}
