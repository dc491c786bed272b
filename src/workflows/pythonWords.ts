import { wordOf } from '../platform/spelling';
import type { Graph } from '../comfyui/workflow';

/** A value that Python reads and writes, but no browser reads. */
export interface PythonWord {
  /** `NaN`, `-Infinity`. */
  readonly word: string;
  /** The node that contains it, if any. */
  readonly node: { readonly id: string; readonly type: string } | undefined;
}

/** The first one in a graph: a page that gets it cannot read the message at all. */
export function pythonWordIn(graph: Graph): PythonWord | undefined {
  const open: { readonly value: object; readonly node: PythonWord['node'] }[] = [{ value: graph, node: undefined }];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    const { value } = one;
    const node = nodeIn(value) ?? one.node;
    const inner: typeof open = [];
    for (const [key, member] of Object.entries(value)) {
      const word = member === null ? wordOf(value, key) : undefined;
      if (word !== undefined) return { word, node };
      const next: unknown = member;
      if (typeof next === 'object' && next !== null) inner.push({ value: next, node });
    }
    for (const next of inner.reverse()) open.push(next); // so that the first one is found first
  }
  return undefined;
}

function nodeIn(value: object): PythonWord['node'] {
  const { id, type } = { id: undefined, type: undefined, ...value };
  const isId = typeof id === 'string' || typeof id === 'number';
  return isId && typeof type === 'string' ? { id: String(id), type } : undefined;
}
