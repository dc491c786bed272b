import type { Workflow } from '../comfyui/workflow';
import type { Fact, FactKind, Part, Parts } from './parts';
import { partsOfGraph, partsOfPrompt } from './parts';

/** One difference between two workflows. */
export type Change =
  | { readonly kind: 'added' | 'removed'; readonly key: string; readonly part: Part }
  | {
      readonly kind: FactKind;
      readonly key: string;
      readonly part: Part;
      readonly name: string;
      /** Undefined if there is none. */
      readonly before: Fact | undefined;
      readonly after: Fact | undefined;
    };

export interface Compared {
  readonly before: Parts;
  readonly after: Parts;
  readonly changes: readonly Change[];
}

type Forms = Pick<Workflow, 'graph' | 'prompt'>;

/** Both drawn, or else both in API format. Undefined if they have no format in common. */
export function* comparing(before: Forms, after: Forms): Generator<void, Compared | undefined, void> {
  const parts: Parts[] = [];
  for (const { graph, prompt } of [before, after])
    if (before.graph && after.graph && graph) parts.push(yield* partsOfGraph(graph));
    else if (before.prompt && after.prompt && prompt) parts.push(yield* partsOfPrompt(prompt));
  const [one, other] = parts;
  return one && other && { before: one, after: other, changes: yield* changesBetween(one, other) };
}

function* changesBetween(before: Parts, after: Parts): Generator<void, readonly Change[], void> {
  const changes: Change[] = [];
  for (const [key, part] of before)
    if (after.get(key)?.type !== part.type) changes.push({ kind: 'removed', key, part });
  for (const [key, part] of after) {
    const old = before.get(key);
    if (old?.type !== part.type) changes.push({ kind: 'added', key, part });
    else for (const change of changesOf(key, old, part)) changes.push(change);
    yield;
  }
  return changes;
}

/** In API format, only what the page writes has titles: there, a title that is missing is no difference. */
function changesOf(key: string, old: Part, part: Part): readonly Change[] {
  const gone = [...old.facts].filter(([name]) => !part.facts.has(name));
  const facts = [...part.facts].map(([name, after]) => [old.facts.get(name), after] as const);
  return [...gone.map(([, before]) => [before, undefined] as const), ...facts].flatMap(([before, after]) => {
    const fact = after ?? before;
    if (before?.exact === after?.exact || (fact.name === '_meta' && !(before && after))) return [];
    return [{ kind: fact.kind, key, part, name: fact.name, before, after }];
  });
}

/**
 * Names of changed values that have only a place in the graph, by node and place: in API format, values have names, and
 * one of them has changed in the same way. Values of which several have are left out, and so are those in subgraphs.
 */
export function* namesOfChanged(
  { changes }: Compared,
  ...prompts: readonly [before: Forms['prompt'], after: Forms['prompt']]
): Generator<void, ReadonlyMap<string, string>, void> {
  const names = new Map<string, string>();
  const [before, after] = prompts;
  if (!before || !after) return names;
  const [old, now] = [yield* partsOfPrompt(before), yield* partsOfPrompt(after)];
  for (const change of changes) {
    if (change.kind !== 'value' || change.part.scope !== '') continue;
    const facts = [...(old.get(change.key)?.facts ?? [])].filter(
      ([key, fact]) =>
        fact.exact === change.before?.exact && now.get(change.key)?.facts.get(key)?.exact === change.after?.exact,
    );
    const [first, second] = facts;
    if (first && !second) names.set(`${change.part.id} ${change.name}`, first[1].name);
    yield;
  }
  return names;
}
