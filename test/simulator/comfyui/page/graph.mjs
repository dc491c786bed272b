// Workflow formats: the editor's graph (nodes and links) and the API format (id -> class and inputs).

const WIDGET_TYPES = new Set(['INT', 'FLOAT', 'STRING', 'BOOLEAN']);

const isObject = (value) => value !== null && typeof value === 'object' && !Array.isArray(value);

export const emptyGraph = () => ({
  last_node_id: 0,
  last_link_id: 0,
  nodes: [],
  links: [],
  groups: [],
  config: {},
  extra: {},
  version: 0.4,
});

/**
 * The graph that opens for the data of `graph_load`: the default for text, an empty canvas for data that is no graph.
 */
export function opened(data, defaultGraph) {
  if (typeof data === 'string') return structuredClone(defaultGraph);
  if (!isObject(data) || !Array.isArray(data.nodes)) return emptyGraph();
  return { ...emptyGraph(), ...structuredClone(data) };
}

/** The links in the older form, whichever the graph has: [id, from, slot, to, slot, type]. */
export const linksOf = (graph) =>
  (graph.links ?? []).map((link) =>
    Array.isArray(link)
      ? link
      : [link.id, link.origin_id, link.origin_slot, link.target_id, link.target_slot, link.type],
  );

/** A node's widgets in the order of its `widgets_values`; nothing is known of a class the server lacks. */
export function widgetsOf(info) {
  const required = Object.entries(info?.input.required ?? {});
  return required.flatMap(([name, [type, settings = {}]]) => {
    if (!Array.isArray(type) && !WIDGET_TYPES.has(type)) return [];
    const widget = { name, type, settings };
    if (!settings.control_after_generate) return [widget];
    return [
      widget,
      { name: 'control_after_generate', type: ['fixed', 'increment', 'randomize'], settings: {}, local: true },
    ];
  });
}

export function widgetValue(node, info, name) {
  const index = widgetsOf(info).findIndex((widget) => widget.name === name);
  return node.widgets_values?.[index];
}

export function setWidgetValue(node, info, name, value) {
  const index = widgetsOf(info).findIndex((widget) => widget.name === name);
  if (index < 0) return;
  node.widgets_values = Object.assign([], node.widgets_values, { [index]: value });
}

/** The graph in API format: what is posted to the server. */
export function toPrompt(graph, infos) {
  const links = new Map(linksOf(graph).map((link) => [link[0], link]));
  return Object.fromEntries(
    graph.nodes.map((node) => {
      const widgets = widgetsOf(infos[node.type]).filter((widget) => !widget.local);
      const values = widgets.map(({ name }) => [name, widgetValue(node, infos[node.type], name)]);
      const linked = (node.inputs ?? [])
        .filter(({ link }) => links.has(link))
        .map(({ name, link }) => [name, [String(links.get(link)[1]), links.get(link)[2]]]);
      const inputs = Object.fromEntries([...values, ...linked]);
      return [String(node.id), { inputs, class_type: node.type, _meta: { title: titleOf(node, infos) } }];
    }),
  );
}

export const titleOf = (node, infos) => node.title ?? infos[node.type]?.display_name ?? node.type;

/** A node of a class, unconnected, with the class's own defaults. */
export function newNode(graph, type, info, pos, values) {
  const sockets = Object.entries(info?.input.required ?? {}).filter(
    ([, [kind]]) => !Array.isArray(kind) && !WIDGET_TYPES.has(kind),
  );
  graph.last_node_id = Math.max(graph.last_node_id ?? 0, ...graph.nodes.map(({ id }) => Number(id) || 0)) + 1;
  const node = {
    id: graph.last_node_id,
    type,
    pos,
    size: [280, 100],
    flags: {},
    order: graph.nodes.length,
    mode: 0,
    inputs: sockets.map(([name, [kind]]) => ({ name, type: kind, link: null })),
    outputs: (info?.output ?? []).map((name) => ({ name, type: name, links: [] })),
    properties: {},
    widgets_values:
      values ??
      widgetsOf(info).map(({ type: kind, settings }) => settings.default ?? (Array.isArray(kind) ? kind[0] : '')),
  };
  graph.nodes.push(node);
  return node;
}

/** Puts a wire in, in place of the one that led to the same input. */
export function connect(graph, [from, fromSlot], [to, toSlot]) {
  const source = graph.nodes.find(({ id }) => id === from)?.outputs?.[fromSlot];
  const target = graph.nodes.find(({ id }) => id === to)?.inputs?.[toSlot];
  if (!source || !target || (target.type !== '*' && source.type !== target.type)) return false;
  graph.last_link_id = (graph.last_link_id ?? 0) + 1;
  graph.links = linksOf(graph).filter(([id]) => id !== target.link);
  graph.links.push([graph.last_link_id, from, fromSlot, to, toSlot, source.type]);
  target.link = graph.last_link_id;
  return true;
}

export function removeNode(graph, node) {
  graph.nodes = graph.nodes.filter((each) => each !== node);
  const gone = linksOf(graph).filter(([, from, , to]) => from === node.id || to === node.id);
  const ids = new Set(gone.map(([id]) => id));
  graph.links = linksOf(graph).filter(([id]) => !ids.has(id));
  for (const input of graph.nodes.flatMap(({ inputs }) => inputs ?? [])) if (ids.has(input.link)) input.link = null;
}
