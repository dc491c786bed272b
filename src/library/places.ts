import type { Graph } from '../comfyui/workflow';
import { spelledLike } from '../platform/spelling';
import { fieldsOf, isFields, itemsOf } from '../workflows/nodeDefs';
import { PLACES, without } from './parts';

/** A graph without positions and sizes. */
export function withoutPlaces(graph: Graph): Graph {
  const own = without(graph, PLACES);
  const parts = ['nodes', 'groups', 'extra'].flatMap((key) => {
    const part = own[key];
    if (Array.isArray(part)) return [[key, itemsOf(part).map(placeless)] as const];
    return isFields(part) ? [[key, placeless(part)] as const] : [];
  });
  const definitions = fieldsOf(own['definitions']);
  const subgraphs = itemsOf(definitions['subgraphs']).map((one) => withoutPlaces(fieldsOf(one)));
  const inner = subgraphs.length > 0 ? { definitions: spelledLike({ ...definitions, subgraphs }, definitions) } : {};
  const changed: Graph = Object.fromEntries(parts);
  return spelledLike({ ...own, ...changed, ...inner }, graph);
}

function placeless(part: unknown): unknown {
  return isFields(part) ? without(part, PLACES) : part;
}
