import type { DrawnNode, Net, Target } from './drawnGraph';
import type { Widget } from './widgets';

/** The deepest supported nesting. */
const DEEPEST = 128;

/** The widgets that subgraphs show outside: each is an inner widget, or one that an inner subgraph shows. */
export class ShownWidgets {
  readonly #known = new Map<Net, Map<number, Widget | undefined>>();

  /** @param netOf returns a subgraph of this type; undefined if there is none. */
  constructor(private readonly netOf: (type: string) => Net | undefined) {}

  /** The widget that a subgraph's input shows: the first one that it leads to. */
  inputOf(net: Net, input: number, depth = 0): Widget | undefined {
    const known = this.#known.get(net) ?? new Map<number, Widget | undefined>();
    this.#known.set(net, known);
    if (!known.has(input)) known.set(input, this.#found(net, input, depth));
    return known.get(input);
  }

  /** The widget that a socket replaces. */
  widgetOf(target: Target, depth = 0): Widget | undefined {
    const { node, slot } = target;
    const net = node.kind === 'shell' ? this.netOf(node.type) : undefined;
    return net ? this.inputOf(net, slot, depth + 1) : ofSocket(node, slot);
  }

  #found(net: Net, input: number, depth: number): Widget | undefined {
    if (depth > DEEPEST) return undefined;
    for (const link of net.inputs[input]?.links ?? []) {
      const target = net.targets.get(link);
      const widget = target && this.widgetOf(target, depth);
      if (widget) return widget;
    }
    return undefined;
  }
}

function ofSocket({ sockets, widgetOf }: DrawnNode, slot: number): Widget | undefined {
  const name = sockets[slot]?.widget;
  return name === undefined ? undefined : widgetOf(name);
}
