import { BYPASSED, INPUT_SIDE, MUTED, type DrawnNode, type Net, type Socket } from './drawnGraph';
import { NotConverted } from './notConverted';
import type { Held } from './widgets';

/** One use of a canvas: the graph itself, or a subgraph at one of its places. */
export interface Instance {
  /** The ids of its ancestors, with a colon after each. */
  readonly path: string;
  readonly net: Net;
  /** The node that represents it. */
  readonly shell: { readonly node: DrawnNode; readonly outside: Instance } | undefined;
  readonly inside: (shell: DrawnNode) => Instance;
}

/** What feeds an input: an output of a node that runs, or the value of a widget that a subgraph shows outside. */
export type Source = { readonly id: string; readonly slot: number } | { readonly shown: Held };

/** The value that a subgraph's input shows outside. */
export type ShownValue = (net: Net, input: number) => Held | undefined;

/** The current position: at a socket with an incoming link, or at an output. */
interface Step {
  readonly at: Instance;
  readonly node: DrawnNode;
  readonly slot: number;
  readonly isOutput: boolean;
  /** The type that the last socket accepts. */
  readonly type: string;
}

/** Later sockets are not considered as a bypass: checking all sockets of many nodes would take too long. */
const MOST_SOCKETS = 1_000;

/** Follows links backwards, through all nodes that only pass values on. Each path is walked once. */
export class LinkWalk {
  readonly #known = new Map<Instance, Map<string, Source | undefined>>();
  readonly #types = new Map<string, number>();

  constructor(private readonly shown: ShownValue) {}

  /** @throws {NotConverted} if links lead nowhere, or in a circle. */
  sourceOf(at: Instance, node: DrawnNode, slot: number): Source | undefined {
    const trail = new Map<Map<string, Source | undefined>, Set<string>>();
    let step: Step | Source | undefined = this.#into(at, node, slot);
    while (step && 'isOutput' in step) {
      const [known, key] = [this.#knownOf(step.at), `${step.node.index} ${step.slot} ${this.#numberOf(step.type)}`];
      if (known.has(key)) {
        step = known.get(key);
        break;
      }
      const keys = trail.get(known) ?? new Set();
      if (keys.has(key)) throw new NotConverted({ kind: 'circle', node: `${step.at.path}${step.node.id}` });
      trail.set(known, keys.add(key));
      step = this.#outOf(step);
    }
    for (const [known, keys] of trail) for (const key of keys) known.set(key, step);
    return step;
  }

  /** Numbers for types, which may be long texts. */
  #numberOf(type: string): number {
    const number = this.#types.get(type) ?? this.#types.size;
    this.#types.set(type, number);
    return number;
  }

  #knownOf(at: Instance): Map<string, Source | undefined> {
    const known = this.#known.get(at) ?? new Map<string, Source | undefined>();
    this.#known.set(at, known);
    return known;
  }

  /** Follows the link, leaving subgraphs if necessary. @param wanted the type that the socket should give. */
  #into(at: Instance, node: DrawnNode, slot: number, wanted?: string): Step | Source | undefined {
    for (let [place, one, index, type] = [at, node, slot, wanted]; ;) {
      const socket: Socket | undefined = one.sockets[index];
      if (socket?.link === undefined) return undefined;
      const link = place.net.links.get(socket.link);
      const named = { node: `${place.path}${one.id}`, input: socket.name };
      if (!link || !Number.isInteger(link.slot)) throw new NotConverted({ kind: 'noLink', ...named });
      if (link.origin !== INPUT_SIDE || !place.shell) {
        const origin = place.net.byId.get(link.origin);
        if (!origin) throw new NotConverted({ kind: 'noOrigin', ...named, origin: link.origin });
        return { at: place, node: origin, slot: link.slot, isOutput: true, type: type ?? socket.type };
      }
      const outer: Socket | undefined = place.shell.node.sockets[link.slot];
      if (outer && outer.link === undefined) {
        const shown = this.shown(place.net, link.slot);
        return shown && { shown };
      }
      [one, place, index, type] = [place.shell.node, place.shell.outside, link.slot, undefined];
    }
  }

  #outOf({ at, node, slot, type }: Step): Step | Source | undefined {
    if (node.mode === MUTED) return undefined;
    if (node.mode === BYPASSED) {
      const around = wayAround(node, slot, type);
      return around === undefined ? undefined : this.#into(at, node, around);
    }
    switch (node.kind) {
      case 'plain':
      case 'missing':
        return { id: `${at.path}${node.id}`, slot };
      case 'reroute':
      case 'primitive':
      case 'note':
        return this.#into(at, node, slot, type);
      case 'shell':
      case 'group':
        return this.#outOfShell(at.inside(node), slot, type);
    }
  }

  #outOfShell(inside: Instance, slot: number, type: string): Step | Source | undefined {
    const { net, shell } = inside;
    const link = net.outputs[slot]?.map((id) => net.links.get(id)).find((one) => one !== undefined);
    if (!link || !shell) return undefined;
    if (link.origin === INPUT_SIDE) return this.#into(shell.outside, shell.node, link.slot);
    const origin = net.byId.get(link.origin);
    const named = { node: `${shell.outside.path}${shell.node.id}`, input: '', origin: link.origin };
    if (!origin) throw new NotConverted({ kind: 'noOrigin', ...named });
    return { at: inside, node: origin, slot: link.slot, isOutput: true, type };
  }
}

/** The socket of a bypassed node that replaces one of its outputs. @param wanted the type that the target accepts. */
function wayAround({ sockets, outputs, kind }: DrawnNode, slot: number, wanted: string): number | undefined {
  const near = sockets.slice(0, MOST_SOCKETS);
  const opposite = sockets[slot];
  if (kind === 'group') {
    if (opposite?.type === wanted) return slot;
    return found(near.findIndex(({ type }) => type === wanted));
  }
  if (wanted === '*' || wanted === '') return sockets.length > slot ? slot : 0;
  const own = outputs[slot] ?? '*';
  if (opposite && fits(opposite.type, own) && fits(opposite.type, wanted)) return slot;
  const same = found(near.findIndex(({ type }) => type === wanted));
  return same ?? found(near.findIndex(({ type }) => fits(type, own) && fits(type, wanted)));
}

function found(index: number): number | undefined {
  return index === -1 ? undefined : index;
}

/** Types may be lists separated by commas, in any case. */
function fits(first: string, second: string): boolean {
  const isAny = (type: string) => type === '' || type === '*' || type === '0';
  if (isAny(first) || isAny(second) || first === second) return true;
  const others = new Set(second.toLowerCase().split(','));
  return first
    .toLowerCase()
    .split(',')
    .some((type) => others.has(type));
}
