import {
  INPUT_SIDE,
  drawnNode,
  isId,
  targetsOf,
  type DrawnNode,
  type Link,
  type Net,
  type Socket,
  type Surroundings,
} from './drawnGraph';
import { isKnown, layoutOf, nodesIn, type GroupLayout } from './groupLayout';
import { fieldsOf, isFields, itemsOf, type Fields, type NodeDefs } from './nodeDefs';
import { valuesIn } from './widgets';

const NAME = /^workflow[>/]([\s\S]*)$/;

/** The groups of a graph, each laid out when first needed. */
export class GroupNodes {
  readonly #raw: Fields;
  readonly #known = new Map<string, GroupLayout | undefined>();

  constructor(
    { extra }: Fields,
    private readonly defs: NodeDefs,
  ) {
    this.#raw = fieldsOf(fieldsOf(extra)['groupNodes']);
  }

  /** Undefined if it is not a group, or has nodes that the server does not know. */
  layoutOf(shell: Fields): GroupLayout | undefined {
    const [, name] = NAME.exec(String(shell['type'])) ?? [];
    if (name === undefined || !Object.hasOwn(this.#raw, name)) return undefined;
    if (!this.#known.has(name)) this.#known.set(name, layoutOf(fieldsOf(this.#raw[name]), shell, this.defs));
    return this.#known.get(name);
  }

  /** The types inside a group that the server does not know. */
  unknownIn({ type }: Fields): readonly string[] {
    const [, name = ''] = NAME.exec(String(type)) ?? [];
    const group = Object.hasOwn(this.#raw, name) ? fieldsOf(this.#raw[name]) : {};
    return nodesIn(group)
      .map(({ type }) => String(type))
      .filter((one) => !isKnown(one, this.defs));
  }
}

/** The sockets and outputs of a group's own node. */
export function groupFace(
  { sockets, outputs }: GroupLayout,
  { inputs }: Fields,
): { readonly sockets: readonly Socket[]; readonly outputs: readonly string[] } {
  const links = new Map(
    itemsOf(inputs)
      .filter(isFields)
      .map(({ name, link }) => [name, link]),
  );
  const face = sockets.map(({ name, type }) => {
    const link = links.get(name);
    return { name, type, link: isId(link) ? String(link) : undefined, widget: undefined };
  });
  return { sockets: face, outputs: outputs.map(({ type }) => type) };
}

/** The inner nodes of a group node, with its values. */
export function groupNet(layout: GroupLayout, { raw }: DrawnNode, around: Surroundings): Net {
  const links = new Map<string, Link>();
  const idOf = (node: number, name: string) => `${node} ${name}`;
  for (const [node, inner] of layout.links) for (const [name, link] of inner) links.set(idOf(node, name), link);
  layout.sockets.forEach(({ node, input }, slot) => links.set(idOf(node, input), { origin: INPUT_SIDE, slot }));
  const nodes = layout.nodes.map((node, index) => {
    const drawn = drawnNode({ ...node, id: index }, index, String(index), around);
    return { ...drawn, sockets: drawn.sockets.map((socket) => withLink(socket, idOf(index, socket.name), links)) };
  });
  const going = goingFrom(links);
  const withOutputs = nodes.map((node) => (node.kind === 'primitive' ? withGoing(node, going) : node));
  const net = {
    nodes: withOutputs,
    byId: new Map(withOutputs.map((node) => [node.id, node])),
    links,
    targets: targetsOf(withOutputs),
    inputs: [],
    outputs: layout.outputs.map((_, slot) => [`:${slot}`]),
  };
  layout.outputs.forEach(({ node, slot }, index) => links.set(`:${index}`, { origin: String(node), slot }));
  setValues(layout, raw, withOutputs);
  return net;
}

function withLink(socket: Socket, id: string, links: ReadonlyMap<string, Link>): Socket {
  return { ...socket, link: links.has(id) ? id : undefined };
}

/** Groups also keep the links from their primitives to other nodes. */
function withGoing(node: DrawnNode, going: ReadonlyMap<string, readonly string[]>): DrawnNode {
  const { raw, id } = node;
  const values = [...itemsOf(raw['widgets_values'])];
  return { ...node, raw: { ...raw, outputs: [{ links: going.get(id) ?? [] }], widgets_values: values } };
}

function goingFrom(links: ReadonlyMap<string, Link>): ReadonlyMap<string, readonly string[]> {
  const going = new Map<string, string[]>();
  for (const [id, { origin }] of links) {
    const ids = going.get(origin);
    if (ids) ids.push(id);
    else going.set(origin, [id]);
  }
  return going;
}

function setValues({ places }: GroupLayout, { widgets_values }: Fields, nodes: readonly DrawnNode[]): void {
  const next = valuesIn(widgets_values);
  for (const { def, node } of places) {
    const held = next(def) ?? def.start;
    const drawn = nodes[node];
    if (drawn?.kind === 'primitive' && def.isSent) setFirst(drawn.raw['widgets_values'], held.value);
    const widget = drawn?.widgetOf(def.name);
    if (widget?.def.isSent && def.isSent) widget.held = held;
  }
}

function setFirst(values: unknown, value: unknown): void {
  if (Array.isArray(values)) values[0] = value;
}
