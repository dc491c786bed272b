import { fieldsOf, isFields, itemsOf, onceFor, textOr, type Fields, type NodeDef, type NodeDefs } from './nodeDefs';
import { chosenInputs, finderOf, isWidget, readWidgets, type Widget } from './widgets';

/** The kind of a node; all but `plain` exist only in the page. */
export type NodeKind = 'plain' | 'missing' | 'reroute' | 'primitive' | 'note' | 'shell' | 'group';

export interface Socket {
  readonly name: string;
  readonly type: string;
  /** The id of the incoming link. */
  readonly link: string | undefined;
  /** The name of the widget that it replaces. */
  readonly widget: string | undefined;
}

export interface DrawnNode {
  /** Its position among the nodes of its net. */
  readonly index: number;
  readonly id: string;
  readonly type: string;
  readonly kind: NodeKind;
  readonly mode: number;
  /** The title given by the user. */
  readonly title: string | undefined;
  readonly def: NodeDef | undefined;
  readonly sockets: readonly Socket[];
  readonly outputs: readonly string[];
  /** The name by which texts in files refer to it. */
  readonly alias: unknown;
  readonly raw: Fields;
  readonly widgets: readonly Widget[];
  readonly widgetOf: (name: string) => Widget | undefined;
}

export interface Link {
  readonly origin: string;
  readonly slot: number;
}

/** Where a link ends. */
export interface Target {
  readonly node: DrawnNode;
  readonly slot: number;
}

export interface SubgraphInput {
  readonly name: string;
  readonly type: string;
  readonly links: readonly string[];
}

/** The nodes of one canvas. */
export interface Net {
  readonly nodes: readonly DrawnNode[];
  readonly byId: ReadonlyMap<string, DrawnNode>;
  readonly links: ReadonlyMap<string, Link>;
  /** The sockets at the ends of links. */
  readonly targets: ReadonlyMap<string, Target>;
  /** Of a subgraph: its inputs, and for each of its outputs the links that lead there. */
  readonly inputs: readonly SubgraphInput[];
  readonly outputs: readonly (readonly string[])[];
}

export const MUTED = 2;
export const BYPASSED = 4;
/** The id of a subgraph's input side. */
export const INPUT_SIDE = '-10';

const VIRTUAL: ReadonlyMap<string, NodeKind> = new Map<string, NodeKind>([
  ['Reroute', 'reroute'],
  ['PrimitiveNode', 'primitive'],
  ['Note', 'note'],
  ['MarkdownNote', 'note'],
]);
/** Former names of node types. */
const RENAMED: ReadonlyMap<string, string> = new Map(
  Object.entries({
    T2IAdapterLoader: 'ControlNetLoader',
    'ConditioningAverage ': 'ConditioningAverage',
    SDV_img2vid_Conditioning: 'SVD_img2vid_Conditioning',
  }),
);

/** Prompts name a node inside a subgraph by the ids of all its ancestors. */
const LONGEST_ID = 200;

/** What a canvas belongs to. */
export interface Surroundings {
  readonly defs: NodeDefs;
  /** The inputs and outputs of a subgraph with this id; undefined if there is none. */
  readonly shellOf: (
    type: string,
  ) => { readonly inputs: readonly SubgraphInput[]; readonly outputs: readonly string[] } | undefined;
  /** The sockets and outputs of a group node of this type. */
  readonly groupOf: (
    node: Fields,
  ) => { readonly sockets: readonly Socket[]; readonly outputs: readonly string[] } | undefined;
}

/** @param ids of the nodes, in the order of the file. */
export function* netOf(raw: Fields, ids: readonly string[], around: Surroundings): Generator<void, Net, void> {
  const nodes: DrawnNode[] = [];
  for (const node of itemsOf(raw['nodes']).filter(isDrawn)) {
    nodes.push(drawnNode(node, nodes.length, ids[nodes.length] ?? '', around));
    yield;
  }
  const renamed = new Map(nodes.map(({ id, raw: { id: old } }) => [String(old), id]));
  return {
    nodes,
    byId: new Map(nodes.map((node) => [node.id, node])),
    links: linksOf(itemsOf(raw['links']), renamed),
    targets: targetsOf(nodes),
    inputs: subgraphInputs(raw),
    outputs: itemsOf(raw['outputs']).map((output) => itemsOf(fieldsOf(output)['linkIds']).map(String)),
  };
}

export function isDrawn(node: unknown): node is Fields {
  return isFields(node) && typeof node['type'] === 'string' && isId(node['id']);
}

export function targetsOf(nodes: readonly DrawnNode[]): Net['targets'] {
  return new Map(
    nodes.flatMap((node) =>
      node.sockets.flatMap(({ link }, slot) => (link === undefined ? [] : [[link, { node, slot }] as const])),
    ),
  );
}

export function subgraphInputs(raw: Fields): readonly SubgraphInput[] {
  return itemsOf(raw['inputs']).map((input) => {
    const { name, type, linkIds } = { name: '', type: '*', linkIds: [], ...fieldsOf(input) };
    return { name: textOr(name, ''), type: textOr(type, '*'), links: itemsOf(linkIds).map(String) };
  });
}

export function drawnNode(raw: Fields, index: number, id: string, around: Surroundings): DrawnNode {
  const named = textOr(raw['type'], '');
  const type = RENAMED.get(named) ?? named;
  const def = around.defs.of(type);
  const shell = around.shellOf(type);
  const group = shell ? undefined : around.groupOf(raw);
  const kind = VIRTUAL.get(type) ?? (shell ? 'shell' : group ? 'group' : def ? 'plain' : 'missing');
  const title = raw['title'];
  const { 'Node name for S&R': alias } = fieldsOf(raw['properties']);
  const widgets = kind === 'plain' && def ? readWidgets(def, raw['widgets_values']) : [];
  const given = givenSockets(raw);
  return {
    index,
    id,
    type,
    kind,
    raw,
    widgets,
    def: kind === 'plain' ? def : undefined,
    widgetOf: finderOf(widgets),
    mode: typeof raw['mode'] === 'number' ? raw['mode'] : 0,
    title: typeof title === 'string' && title !== '' ? title : undefined,
    alias: alias ?? (def ? type : undefined),
    sockets:
      group?.sockets ??
      (shell ? shellSockets(shell.inputs, given) : kind === 'plain' && def ? nodeSockets(def, widgets, given) : given),
    outputs: group?.outputs ?? shell?.outputs ?? outputsOf(raw, def),
  };
}

function givenSockets(raw: Fields): readonly Socket[] {
  return itemsOf(raw['inputs']).flatMap((input) => {
    if (!isFields(input)) return [];
    const { name, type, link, widget } = input;
    const ofWidget = fieldsOf(widget)['name'];
    return {
      name: textOr(name, ''),
      type: textOr(type, '*'),
      link: isId(link) ? String(link) : undefined,
      widget: typeof ofWidget === 'string' ? ofWidget : undefined,
    };
  });
}

/** The sockets of the definition, matched with the file by name, before any others in the file. */
function nodeSockets(def: NodeDef, widgets: readonly Widget[], given: readonly Socket[]): readonly Socket[] {
  const inFile = new Map(given.map((socket) => [socket.name, socket]));
  const defined: Socket[] = [];
  const add = (name: string, type: string, widget?: string) => {
    defined.push({ name, type, link: inFile.get(name)?.link, widget });
    inFile.delete(name);
  };
  for (const { name, type } of ownSockets(def)) add(name, type);
  for (const {
    def: { name, input },
    held,
  } of widgets) {
    if (!input) continue;
    add(name, input.type, name);
    for (const inner of chosenInputs(input, name, held.value))
      if (!isWidget(inner)) add(inner.name, plainType(inner.type));
  }
  if (inFile.size === 0) return defined;
  const names = new Set(widgets.map((widget) => widget.def.name));
  return [
    ...defined,
    ...withoutStale(
      given.filter(({ name }) => inFile.has(name)),
      names,
    ),
  ];
}

/** The sockets that replace no widget. */
const ownSockets = onceFor(({ inputs }) =>
  inputs
    .filter((input) => !isWidget(input) && input.type !== 'COMFY_AUTOGROW_V3')
    .map(({ name, type }) => ({ name, type: plainType(type) })),
);

/** Accepts any type, or types that match each other. */
function plainType(type: string): string {
  return type.startsWith('COMFY_MATCHTYPE') ? '*' : type;
}

/** The page drops a socket for a widget that the node does not have, and then skips the next one. */
function withoutStale(sockets: readonly Socket[], widgets: ReadonlySet<string>): readonly Socket[] {
  let isPassed = false;
  return sockets.filter(({ widget }) => {
    const isStale = !isPassed && widget !== undefined && !widgets.has(widget);
    isPassed = isStale;
    return !isStale;
  });
}

/** In the order of the subgraph's inputs, matched by name. */
function shellSockets(inputs: readonly SubgraphInput[], given: readonly Socket[]): readonly Socket[] {
  const byName = new Map(given.toReversed().map((socket) => [socket.name, socket]));
  return inputs.map(({ name, type }) => ({ name, type, link: byName.get(name)?.link, widget: name }));
}

function outputsOf(raw: Fields, def: NodeDef | undefined): readonly string[] {
  const given = itemsOf(raw['outputs']);
  const known = def?.outputs ?? [];
  if (known.length > 0 && given.length <= known.length) return known;
  return [...known, ...given.slice(known.length).map((output) => textOr(fieldsOf(output)['type'], '*'))];
}

/** @param renamed the new ids of nodes. */
function linksOf(raw: readonly unknown[], renamed: ReadonlyMap<string, string>): ReadonlyMap<string, Link> {
  const links = new Map<string, Link>();
  for (const one of raw) {
    const [id, origin, slot] = Array.isArray(one) ? itemsOf(one) : namedLink(one);
    if (!isId(id) || !isId(origin)) continue;
    links.set(String(id), { origin: renamed.get(String(origin)) ?? String(origin), slot: Number(slot) });
  }
  return links;
}

function namedLink(one: unknown): readonly unknown[] {
  const { id, origin_id, origin_slot } = {
    id: undefined,
    origin_id: undefined,
    origin_slot: undefined,
    ...fieldsOf(one),
  };
  return [id, origin_id, origin_slot];
}

export function isId(value: unknown): value is string | number {
  return typeof value === 'number' || (typeof value === 'string' && value.length <= LONGEST_ID);
}
