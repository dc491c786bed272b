import * as z from 'zod/mini';
import type { Prompt } from './workflow';

/** What of a prompt will run. */
export interface Plan {
  readonly prompt: Prompt;
  /** The outputs, and all that feeds them. */
  readonly nodes: ReadonlySet<string>;
}

const Link = z.lazy(() => z.tuple([z.union([z.string(), z.number()]), z.number()]));
const Titled = z.lazy(() => z.object({ _meta: z.object({ title: z.string().check(z.minLength(1)) }) }));

/** @param outputs those that are not known to be left out. */
export function planOf(prompt: Prompt, outputs: readonly string[] = endsOf(prompt)): Plan {
  const nodes = new Set(outputs.filter((id) => prompt[id] !== undefined));
  for (const id of nodes) for (const feeder of feedersOf(prompt, id)) nodes.add(feeder);
  return { prompt, nodes };
}

/** Nodes that feed no other: the outputs, as far as can be told without asking. */
export function endsOf(prompt: Prompt): readonly string[] {
  const feeding = new Set(Object.keys(prompt).flatMap((id) => feedersOf(prompt, id)));
  return Object.keys(prompt).filter((id) => !feeding.has(id));
}

/** What the user calls a node: its title, else its class. Undefined if there is none of this id. */
export function titleOf(prompt: Prompt, id: string): string | undefined {
  const node = prompt[id];
  return z.safeParse(Titled, node).data?._meta.title ?? node?.class_type;
}

function feedersOf(prompt: Prompt, id: string): readonly string[] {
  return Object.values(prompt[id]?.inputs ?? {}).flatMap((value) => {
    const link = z.safeParse(Link, value);
    const from = link.success ? String(link.data[0]) : undefined;
    return from !== undefined && prompt[from] !== undefined ? [from] : [];
  });
}
