import { nodesOf, type Graph } from '../comfyui/workflow';
import { exactJson } from '../platform/jsonText';
import { fieldsOf, itemsOf, type Fields } from './nodeDefs';

/**
 * Whether a page shows the content of a file: nodes with the same values, linked in the same way. The page writes much
 * of it differently; if that may hide a change, it counts as changed.
 */
export function isSameWork(drawn: Graph, shown: Graph): boolean {
  return workOf(drawn) === workOf(shown);
}

function workOf(graph: Graph): string {
  const links = new Map(itemsOf(graph['links']).map((link) => [idOf(link), originOf(link)]));
  const nodes = nodesOf(graph).map((node) => nodeText(fieldsOf(node), links));
  const inner = itemsOf(fieldsOf(graph['definitions'])['subgraphs']).map((subgraph) =>
    exactJson(fieldsOf(subgraph)['nodes']),
  );
  return [...nodes.sort(), ...inner].join('\n');
}

function nodeText({ id, type, mode, inputs, widgets_values }: Fields, links: ReadonlyMap<unknown, string>): string {
  const linked = itemsOf(inputs).flatMap((input) => {
    const { name, link } = fieldsOf(input);
    return link === null || link === undefined ? [] : [`${exactJson(name)} ${links.get(link) ?? ''}`];
  });
  return exactJson([String(id), type, mode ?? 0, linked.sort(), widgets_values ?? []]);
}

function idOf(link: unknown): unknown {
  return Array.isArray(link) ? link[0] : fieldsOf(link)['id'];
}

function originOf(link: unknown): string {
  const { origin_id, origin_slot } = fieldsOf(link);
  const [, id, slot] = Array.isArray(link) ? itemsOf(link) : [undefined, origin_id, origin_slot];
  return exactJson([id, slot]);
}
