import type { Workflow } from '../../comfyui/workflow';
import type { Slices } from '../../platform/slices';
import type { KeptNodes } from '../keptNodes';

/** Names a value of a drawn node. @param scope the id of its subgraph; empty for the canvas. */
export function namedValue(scope: string, id: string, key: string): string {
  return `${scope === '' ? '' : ':'}${id} ${key}`;
}

/** What the values of drawn nodes are called, as far as a list of nodes is kept, by `namedValue`. */
export async function valueNames(
  kept: Pick<KeptNodes, 'newest'>,
  forms: readonly Pick<Workflow, 'graph'>[],
  slices: Slices,
): Promise<ReadonlyMap<string, string>> {
  const { nodeHelp } = await import('../conversion');
  const help = await nodeHelp(await (await kept.newest())?.read(), slices);
  const values = forms.flatMap(({ graph }) => (graph ? help.valuesOf({ graph, prompt: undefined }) : []));
  return new Map(values.map(({ nodeId, valueKey, input }) => [`${nodeId} ${valueKey ?? ''}`, input ?? '']));
}
