import type { Prompt } from './queue';

/** The nodes that feed a node. */
export const feedersOf = (prompt: Prompt, id: string): readonly string[] =>
  Object.values(prompt[id]?.inputs ?? {}).flatMap((value) => (isLink(value) ? [String(value[0])] : []));

const isLink = (value: unknown): value is readonly unknown[] => Array.isArray(value) && value.length === 2;

/** The nodes that the outputs need, each after what feeds it. */
export function planOf(prompt: Prompt, outputs: readonly string[]): readonly string[] {
  const planned = new Set<string>();
  const visit = (id: string): void => {
    if (planned.has(id)) return;
    feedersOf(prompt, id).forEach(visit);
    planned.add(id);
  };
  outputs.forEach(visit);
  return [...planned];
}

/** Equal for nodes that compute the same: from the class, the inputs, and everything that feeds the node. */
export function signatureOf(prompt: Prompt, id: string): string {
  const node = prompt[id];
  const inputs = Object.entries(node?.inputs ?? {}).map(([name, value]) => [
    name,
    isLink(value) ? [signatureOf(prompt, String(value[0])), value[1]] : value,
  ]);
  return JSON.stringify([id, node?.class_type, inputs]);
}

/** A node and everything upstream of it, the nearest first. */
export function upstreamOf(prompt: Prompt, id: string): readonly string[] {
  const found = new Set([id]);
  for (const each of found) for (const feeder of feedersOf(prompt, each)) found.add(feeder);
  return [...found];
}

/** A node's input as a number between two bounds. */
export function numberInput(prompt: Prompt, id: string, name: string, fallback: number, most: number): number {
  const value = Number(prompt[id]?.inputs[name] ?? fallback);
  return Number.isFinite(value) ? Math.min(most, value) : fallback;
}
