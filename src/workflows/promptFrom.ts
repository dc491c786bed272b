import { systemClock } from '../platform/clock';
import { BYPASSED, MUTED, netOf, subgraphInputs, type DrawnNode, type Net, type Surroundings } from './drawnGraph';
import { GroupNodes, groupFace, groupNet } from './groupNodes';
import { fieldsOf, isFields, itemsOf, NodeDefs, type Fields } from './nodeDefs';
import { LinkWalk, type Instance } from './linkWalk';
import { NotConverted } from './notConverted';
import type { ChoosingText } from './choices';
import type { Unsendable } from './converted';
import { stepsOf } from '../platform/slices';
import type { Sources } from './dynamicText';
import { applyPrimitives } from './primitives';
import { put, SentValues } from './sentValues';
import { uniqueIds } from './uniqueIds';
import { ShownWidgets } from './shownWidgets';
import { isLive } from './widgets';

/** A node of a prompt. Without a class if the server does not know its type: it refuses such a prompt. */
export interface ConvertedNode {
  readonly inputs: Fields;
  readonly class_type?: string;
  readonly _meta: { readonly title?: string };
}

export type ConvertedPrompt = Readonly<Record<string, ConvertedNode>>;

export interface Conversion {
  readonly prompt: ConvertedPrompt;
  readonly unsendable: readonly Unsendable[];
  readonly choosing: readonly ChoosingText[];
  /** The drawn nodes behind the prompt's nodes, by id. */
  readonly drawn: ReadonlyMap<string, DrawnNode>;
}

/** Limit for nodes, sockets and values, more than ComfyUI runs. Nested subgraphs can make a short file very large. */
const LARGEST = 1_000_000;
/** What one use of a subgraph counts, besides its content. */
const AN_INSTANCE = 10;
const DEEPEST = 128;

const SOURCES: Sources = { random: () => Math.random(), now: () => new Date(systemClock.now()) };

/**
 * Converts a drawn workflow to the prompt that ComfyUI's page (1.45) would send: `{ID: {inputs, class_type, _meta:
 * {title}}}`. Nodes of types that the server does not know have no class, as in the page; `conversionOf` lists them.
 * @param graph parsed by `JSON.parse` or by `parsePythonJson`; with the latter, `exactJson` writes numbers such as
 * `8.0`, or with more digits than a double has, as they are in the file.
 * @param objectInfo the whole answer of `/object_info`.
 * @throws {NotConverted} if the graph is broken.
 * @public for comparisons with the page's own prompts
 */
export function promptFrom(graph: unknown, objectInfo: unknown, sources: Partial<Sources> = {}): ConvertedPrompt {
  return conversionOf(graph, objectInfo, sources).prompt;
}

/** The same, with the nodes that must not be sent. @throws {NotConverted} */
export function conversionOf(graph: unknown, objectInfo: unknown, sources: Partial<Sources> = {}): Conversion {
  return stepsOf(converting(graph, objectInfo, sources)).atOnce();
}

/** The same node by node. @throws {NotConverted} */
export function* converting(
  graph: unknown,
  objectInfo: unknown,
  sources: Partial<Sources> = {},
): Generator<void, Conversion, void> {
  if (!isFields(graph) || !Array.isArray(graph['nodes'])) throw new NotConverted({ kind: 'noGraph' });
  const canvases = yield* canvasesOf(graph, new NodeDefs(objectInfo));
  const all = { ...SOURCES, ...sources };
  return yield* new Converter(canvases, all).steps();
}

/** The graph and its subgraphs, and how they hang together. */
interface Canvases {
  readonly root: Net;
  /** By the type of the nodes that stand for them. */
  readonly nets: ReadonlyMap<string, Net>;
  readonly groups: GroupNodes;
  readonly around: Surroundings;
}

function* canvasesOf(graph: Fields, defs: NodeDefs): Generator<void, Canvases, void> {
  const groups = new GroupNodes(graph, defs);
  const subgraphs = definitionsIn(graph);
  const shells = new Map(
    subgraphs.map((one) => [one.id, { inputs: subgraphInputs(one.raw), outputs: outputTypes(one.raw) }]),
  );
  const shellOf = (type: string) => shells.get(type);
  const groupOf = (node: Fields) => {
    const layout = groups.layoutOf(node);
    return layout && groupFace(layout, node);
  };
  const around = { defs, shellOf, groupOf };
  yield;
  const [ids = [], ...inner] = uniqueIds([graph, ...subgraphs.map(({ raw }) => raw)]);
  yield;
  const nets = new Map<string, Net>();
  for (const [index, { id, raw }] of subgraphs.entries()) nets.set(id, yield* netOf(raw, inner[index] ?? [], around));
  return { root: yield* netOf(graph, ids, around), nets, groups, around };
}

class Converter {
  readonly #prompt: Record<string, ConvertedNode> = {};
  readonly #unsendable: Unsendable[] = [];
  readonly #choosing: ChoosingText[] = [];
  readonly #drawn = new Map<string, DrawnNode>();
  readonly #shown: ShownWidgets;
  readonly #walk = new LinkWalk((net, input) => this.#shown.inputOf(net, input)?.held);
  readonly #values: SentValues;
  #count = 0;

  constructor(
    private readonly canvases: Canvases,
    sources: Sources,
  ) {
    const { root, nets } = canvases;
    this.#shown = new ShownWidgets((type) => nets.get(type));
    this.#values = new SentValues(root, (node) => nets.get(node.type), sources);
  }

  /** Node by node. */
  *steps(): Generator<void, Conversion, void> {
    const { root, nets } = this.canvases;
    for (const net of [...nets.values(), root]) {
      yield;
      this.#applyPrimitives(net);
    }
    yield* this.#emit(this.#instance('', root, undefined));
    for (const { inputs } of Object.values(this.#prompt)) dropLoose(inputs, this.#prompt);
    return { prompt: this.#prompt, unsendable: this.#unsendable, choosing: this.#choosing, drawn: this.#drawn };
  }

  #applyPrimitives(net: Net): void {
    applyPrimitives(net, {
      widgetOf: (target) => this.#shown.widgetOf(target),
      replaced: (text) => this.#values.replaced(text),
    });
  }

  #instance(path: string, net: Net, shell: Instance['shell']): Instance {
    const known = new Map<DrawnNode, Instance>();
    const instance: Instance = {
      path,
      net,
      shell,
      inside: (node) => {
        const inner = known.get(node) ?? this.#inside(instance, node);
        known.set(node, inner);
        return inner;
      },
    };
    return instance;
  }

  #inside(outside: Instance, node: DrawnNode): Instance {
    const named = { node: `${outside.path}${node.id}` };
    let depth = 0;
    for (let one = outside.shell; one; one = one.outside.shell, depth++)
      if (one.node.type === node.type) throw new NotConverted({ kind: 'subgraphInItself', ...named });
    if (depth >= DEEPEST) throw new NotConverted({ kind: 'tooDeep', ...named });
    this.#count += AN_INSTANCE;
    const net = this.canvases.nets.get(node.type) ?? this.#group(outside, node);
    return this.#instance(`${named.node}:`, net, { node, outside });
  }

  #group(outside: Instance, node: DrawnNode): Net {
    const { groups, around } = this.canvases;
    const layout = groups.layoutOf(node.raw);
    if (outside.shell || !layout)
      throw new NotConverted({ kind: 'groupInSubgraph', node: `${outside.path}${node.id}` });
    const net = groupNet(layout, node, around);
    this.#applyPrimitives(net);
    return net;
  }

  *#emit(instance: Instance): Generator<void, void, void> {
    for (const node of instance.net.nodes) {
      this.#count += 1 + node.sockets.length + node.widgets.length;
      if (this.#count > LARGEST) throw new NotConverted({ kind: 'tooLarge' });
      if (node.mode === MUTED || node.mode === BYPASSED) continue;
      yield;
      if (node.kind === 'shell' || node.kind === 'group') yield* this.#emit(instance.inside(node));
      if (node.kind === 'plain' || node.kind === 'missing') this.#emitNode(instance, node);
    }
  }

  #emitNode(instance: Instance, node: DrawnNode): void {
    const id = `${instance.path}${node.id}`;
    const inputs = this.#values.inputsOf(node);
    node.sockets.forEach((socket, slot) => {
      if (socket.link === undefined) return;
      const source = this.#walk.sourceOf(instance, node, slot);
      if (!source) return;
      if ('shown' in source) inputs.set(socket.name, source.shown);
      else inputs.set(socket.name, { value: [source.id, source.slot] }, true);
    });
    for (const [input, text] of inputs.unchosen) this.#choosing.push({ nodeId: id, input, text });
    const title = node.title ?? node.def?.title;
    const _meta = title === undefined ? {} : { title };
    put(this.#prompt, id, { inputs: inputs.done(), ...(node.def ? { class_type: node.type } : {}), _meta });
    this.#drawn.set(id, node);
    this.#note(id, node);
  }

  #note(id: string, { kind, type, raw, widgets }: DrawnNode): void {
    if (kind === 'missing') {
      const inner = this.canvases.groups.unknownIn(raw);
      for (const one of inner.length > 0 ? inner : [type]) this.#unsendable.push({ id, type: one, why: 'unknown' });
    }
    if (widgets.some(({ def: { input } }) => input && isLive(input))) this.#unsendable.push({ id, type, why: 'live' });
  }
}

interface Definition {
  readonly id: string;
  readonly raw: Fields;
}

function definitionsIn(graph: Fields): readonly Definition[] {
  const found = new Map<string, Definition>();
  const open = [graph];
  for (let one = open.pop(); one; one = open.pop())
    for (const raw of itemsOf(fieldsOf(one['definitions'])['subgraphs'])) {
      const id = fieldsOf(raw)['id'];
      if (!isFields(raw) || typeof id !== 'string' || found.has(id)) continue;
      found.set(id, { id, raw });
      open.push(raw);
    }
  return [...found.values()];
}

function outputTypes({ outputs }: Fields): readonly string[] {
  return itemsOf(outputs).map((output) => {
    const { type } = { type: undefined, ...fieldsOf(output) };
    return typeof type === 'string' ? type : '*';
  });
}

/** Removes links to nodes that do not run. */
function dropLoose(inputs: Fields, prompt: ConvertedPrompt): void {
  for (const [name, value] of Object.entries(inputs))
    if (Array.isArray(value) && !Object.hasOwn(prompt, String(value[0]))) Reflect.deleteProperty(inputs, name);
}
