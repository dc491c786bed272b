import * as z from 'zod/mini';
import { listOf } from './wire';
import type { Prompt } from './workflow';

/** The part of a prompt that will run. */
export interface Plan {
  readonly prompt: Prompt;
  /** The outputs and all nodes that feed them. */
  readonly nodes: ReadonlySet<string>;
}

const Titled = z.lazy(() => z.object({ _meta: z.object({ title: z.string().check(z.minLength(1)) }) }));

/** @param outputs those that are not known to be left out. */
export function planOf(prompt: Prompt, outputs: readonly string[] = endsOf(prompt)): Plan {
  const nodes = new Set(outputs.filter((id) => Object.hasOwn(prompt, id)));
  for (const id of nodes) for (const feeder of feedersOf(prompt, id)) nodes.add(feeder);
  return { prompt, nodes };
}

/**
 * The plan without end nodes that are not outputs, since those do not run.
 * @param isOutput whether nodes of a class are outputs; undefined if not known. Must not reject.
 */
export async function refinedPlan(
  prompt: Prompt,
  leftOut: readonly string[],
  isOutput: (classType: string) => Promise<boolean | undefined>,
): Promise<Plan> {
  const isLeftOut = new Set(leftOut);
  const ends = endsOf(prompt).filter((id) => !isLeftOut.has(id));
  if (ends.length < 2) return planOf(prompt, ends);
  const classOf = (id: string) => prompt[id]?.class_type ?? '';
  const classes = [...new Set(ends.map(classOf))];
  const answers = await Promise.all(classes.map(isOutput));
  const others = new Set(classes.filter((_, index) => answers[index] === false));
  return planOf(
    prompt,
    ends.filter((id) => !others.has(classOf(id))),
  );
}

/** Nodes that feed no other: the outputs, as far as can be known without asking. */
export function endsOf(prompt: Prompt): readonly string[] {
  const feeding = new Set(Object.keys(prompt).flatMap((id) => feedersOf(prompt, id)));
  return Object.keys(prompt).filter((id) => !feeding.has(id));
}

/** The user's name for a node: its title, or else its class. Undefined if there is none with this id. */
export function titleOf(prompt: Prompt, id: string): string | undefined {
  return givenTitle(prompt, id) ?? prompt[id]?.class_type;
}

/** Undefined if it has no title. */
export function givenTitle(prompt: Prompt, id: string): string | undefined {
  return z.safeParse(Titled, prompt[id]).data?._meta.title;
}

/**
 * The output that feeds an input; undefined for any other value. Without a schema: a prompt may have hundreds of
 * thousands.
 */
export function linkIn(prompt: Prompt, value: unknown): { readonly from: string; readonly slot: number } | undefined {
  const link = listOf(value);
  if (link.length !== 2) return undefined;
  const [id, slot] = link;
  if ((typeof id !== 'string' && typeof id !== 'number') || typeof slot !== 'number') return undefined;
  if (!Number.isFinite(slot)) return undefined;
  const from = String(id);
  return Object.hasOwn(prompt, from) ? { from, slot } : undefined;
}

function feedersOf(prompt: Prompt, id: string): readonly string[] {
  return Object.values(prompt[id]?.inputs ?? {}).flatMap((value) => linkIn(prompt, value)?.from ?? []);
}
