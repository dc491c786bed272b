/** A graph as the page saves it. */
export interface DrawnGraph {
  readonly nodes: readonly object[];
  readonly links: readonly (readonly (string | number)[])[];
  readonly definitions?: object;
  readonly extra?: object;
}

/** What ComfyUI says of the nodes in these graphs. */
export const DRAWN_INFO = {
  Load: { input: { required: { name: [['a', 'b']] } }, output: ['MODEL', 'CLIP'], display_name: 'Load' },
  Patch: {
    input: { required: { model: ['MODEL'], clip: ['CLIP'], name: [['a', 'b']], strength: ['FLOAT', { step: 0.01 }] } },
    output: ['MODEL', 'CLIP'],
    display_name: 'Patch',
  },
  Text: { input: { required: { text: ['STRING', { dynamicPrompts: true }], clip: ['CLIP'] } }, output: ['TEXT'] },
  Sample: {
    input: {
      required: {
        model: ['MODEL'],
        seed: ['INT', {}],
        steps: ['INT', { default: 20 }],
        text: ['TEXT'],
        cfg: ['FLOAT', {}],
      },
    },
    output: ['IMAGE'],
  },
};

/** Rows of five: a model, patched or not, through a reroute, a text, and a run of both. */
export function rowsOfNodes(size: number): DrawnGraph {
  const links: (string | number)[][] = [];
  const nodes = Array.from({ length: size }, (_, at) => {
    const id = at + 1;
    const socket = (name: string, type: string, from: number, slot: number) => {
      links.push([links.length + 1, from, slot, id, 0, type]);
      return { name, type, link: links.length };
    };
    switch (at % 5) {
      case 0:
        return { id, type: 'Load', mode: 0, widgets_values: ['a'] };
      case 1:
        return {
          id,
          type: 'Patch',
          mode: (at % 2) * 4,
          inputs: [socket('model', 'MODEL', id - 1, 0), socket('clip', 'CLIP', id - 1, 1)],
          widgets_values: ['a', 1],
        };
      case 2:
        return { id, type: 'Reroute', mode: 0, inputs: [socket('', '*', id - 1, 0)] };
      case 3:
        return {
          id,
          type: 'Text',
          mode: 0,
          inputs: [socket('clip', 'CLIP', id - 2, 1)],
          widgets_values: ['a {red|green} cat'],
        };
      default:
        return {
          id,
          type: 'Sample',
          mode: 0,
          inputs: [socket('model', 'MODEL', id - 2, 0), socket('text', 'TEXT', id - 1, 0)],
          widgets_values: [at, 'fixed', 20, 8],
        };
    }
  });
  return { nodes, links };
}

/** Each reroute feeds the next one and a node of its own. @param isRound the last one feeds the first. */
export function chainOfReroutes(size: number, isRound = false): DrawnGraph {
  const first = isRound ? size : 0;
  const reroute = (id: number) => ({ id, type: 'Reroute', mode: 0, inputs: [{ name: '', type: '*', link: id }] });
  const user = (id: number) => ({
    id: -id,
    type: 'Patch',
    mode: id % 2 === 0 ? 0 : 4,
    inputs: [{ name: 'model', type: 'MODEL', link: -id }],
  });
  const ids = Array.from({ length: size }, (_, at) => at + 1);
  return {
    nodes: [{ id: 0, type: 'Load', mode: 0 }, ...ids.map(reroute), ...ids.map(user)],
    links: ids.flatMap((id) => [
      [id, id === 1 ? first : id - 1, 0, id, 0, 'MODEL'],
      [-id, id, 0, -id, 0, 'MODEL'],
    ]),
  };
}

/** A subgraph whose nodes each have a value that is shown outside, each fed by a primitive. */
export function shownValues(size: number): DrawnGraph {
  const ids = Array.from({ length: size }, (_, at) => at + 1);
  const seed = (link: number) => ({ name: 'seed', type: 'INT', link, widget: { name: 'seed' } });
  const subgraph = {
    id: 'sub',
    inputs: [
      { name: 'all', type: 'INT', linkIds: ids.map((id) => -id) },
      ...ids.map((id) => ({ name: `s${id}`, type: 'INT', linkIds: [id] })),
    ],
    nodes: ids.flatMap((id) => [
      { id, type: 'Sample', inputs: [seed(id)] },
      { id: -id, type: 'Patch', inputs: [{ name: 'model', type: 'MODEL', link: -id }] },
    ]),
    links: ids.flatMap((id) => [
      { id, origin_id: -10, origin_slot: id },
      { id: -id, origin_id: -10, origin_slot: 0 },
    ]),
  };
  const primitive = (id: number) => ({ id, type: 'PrimitiveNode', outputs: [{ links: [id] }], widgets_values: [id] });
  return {
    nodes: [
      { id: 0, type: 'sub', inputs: ids.map((id) => ({ name: `s${id}`, type: 'INT', link: id })) },
      ...ids.map(primitive),
    ],
    links: ids.map((id) => [id, id, 0, 0, id, 'INT']),
    definitions: { subgraphs: [subgraph] },
  };
}

/** A group of many nodes, drawn many times. */
export function groupOfMany(size: number): DrawnGraph {
  const times = Math.ceil(Math.sqrt(size));
  const inner = Array.from({ length: times }, (_, index) =>
    index % 2 === 0
      ? { type: 'PrimitiveNode', widgets_values: [1], index }
      : {
          type: 'Sample',
          inputs: [{ name: 'seed', type: 'INT', widget: { name: 'seed' } }],
          widgets_values: [1, 'fixed'],
          index,
        },
  );
  const links = Array.from({ length: Math.floor(times / 2) }, (_, at) => [2 * at, 0, 2 * at + 1, 0, 0, 'INT']);
  return {
    nodes: Array.from({ length: times }, (_, id) => ({ id, type: 'workflow>many', widgets_values: [5] })),
    links: [],
    extra: { groupNodes: { many: { nodes: inner, links, external: [] } } },
  };
}
