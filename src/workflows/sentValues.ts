import { spell, spellingOf, wordOf } from '../platform/spelling';
import type { DrawnNode, Net } from './drawnGraph';
import { dynamicText, replacedText, type Sources } from './dynamicText';
import { itemsOf } from './nodeDefs';
import type { Held, Widget } from './widgets';

/** Their file names may contain the values of widgets. */
const SAVERS = new Set([
  ...['SaveImage', 'SaveVideo', 'SaveAnimatedWEBP', 'SaveAnimatedPNG', 'SaveWEBM', 'SaveAudio', 'SaveGLB'],
  ...['SaveLatent', 'CLIPSave', 'VAESave', 'ModelSave', 'LoraSave'],
]);

/** The values of nodes as they are sent. */
export class SentValues {
  #named: ReadonlyMap<string, DrawnNode> | undefined;

  /** @param insideOf returns the nodes in a subgraph. */
  constructor(
    private readonly root: Net,
    private readonly insideOf: (shell: DrawnNode) => Net | undefined,
    private readonly sources: Sources,
  ) {}

  inputsOf(node: DrawnNode): Inputs {
    const inputs = new Inputs();
    if (node.kind === 'missing') {
      const last = unknownValue(node.raw['widgets_values']);
      if (last !== undefined) inputs.set('UNKNOWN', last);
    }
    for (const widget of node.widgets) if (widget.def.isSent) inputs.set(widget.def.name, this.#sent(node, widget));
    return inputs;
  }

  /** Inserts the values of widgets. */
  replaced(text: string): string {
    const find = (name: string, widget: string) => {
      const found = this.#byName().get(name)?.widgetOf(widget);
      return found && { value: found.held.value };
    };
    return replacedText(text, find, this.sources.now);
  }

  #sent({ type, widgetOf }: DrawnNode, { def: { name, input }, held }: Widget): Held {
    const { value } = held;
    if (input?.type === 'AUDIO_UI')
      return { value: type === 'LoadAudio' ? audioAddress(widgetOf('audio'), this.sources.random) : '' };
    if (typeof value !== 'string') return held;
    if (name === 'filename_prefix' && SAVERS.has(type)) return { value: this.replaced(value) };
    if (name === 'sampler_name' && /^KSampler(?:Advanced)?$/.test(type))
      return { value: value.replace(/^sample_/, '') };
    return input?.options['dynamicPrompts'] === true
      ? { value: dynamicText(value, this.sources.random), unchosen: value }
      : held;
  }

  /** By the name used in files, or else by title; the first one counts. */
  #byName(): ReadonlyMap<string, DrawnNode> {
    if (this.#named) return this.#named;
    const [aliases, titles] = [new Map<string, DrawnNode>(), new Map<string, DrawnNode>()];
    for (const node of this.#nodesIn(this.root, new Set())) {
      const title = node.title ?? node.def?.title;
      if (typeof node.alias === 'string' && !aliases.has(node.alias)) aliases.set(node.alias, node);
      if (title !== undefined && !titles.has(title)) titles.set(title, node);
    }
    this.#named = new Map([...titles, ...aliases]);
    return this.#named;
  }

  /** Nodes inside a subgraph come before its own node. A subgraph has the same nodes in all its places. */
  *#nodesIn(net: Net, seen: Set<Net>): Generator<DrawnNode> {
    if (seen.has(net)) return;
    seen.add(net);
    for (const node of net.nodes) {
      const inside = node.kind === 'shell' ? this.insideOf(node) : undefined;
      if (inside) yield* this.#nodesIn(inside, seen);
      yield node;
    }
  }
}

/** The address from which the page would play it. */
function audioAddress(widget: Widget | undefined, random: () => number): string {
  const path = widget?.held.value;
  if (typeof path !== 'string' || path === '') return '';
  const slash = path.lastIndexOf('/');
  const name = encodeURIComponent(path.slice(slash + 1).replace(/\p{Surrogate}/gu, '\ufffd'));
  const folder = slash === -1 ? '' : path.slice(0, slash);
  return `/api/view?filename=${name}&type=input&subfolder=${folder}&rand=${random()}`;
}

/** The page shows the values of an unknown node under one name, and the last one wins. */
function unknownValue(values: unknown): Held | undefined {
  const list = itemsOf(values);
  if (list.length === 0) return undefined;
  const key = list.length - 1;
  const value = list[key];
  if (typeof value === 'object') return { value: JSON.stringify(value) };
  return { value, from: { container: list, key: String(key) } };
}

/** Collects the inputs of a prompt's node. */
export class Inputs {
  readonly #inputs: Record<string, unknown> = {};
  readonly #numbers = new Map<string, string>();
  /** Texts in which the page chose, by name, as they were before. */
  readonly unchosen = new Map<string, string>();

  /** A later value replaces an earlier one. Lists are wrapped, unless they are links. */
  set(name: string, { value, from, unchosen }: Held, isLink = false): void {
    if (value === undefined) return;
    const isList = Array.isArray(value) && !isLink;
    put(this.#inputs, name, isList ? { __value__: value } : value);
    const spelled = from && this.#spelling(value, from);
    if (spelled === undefined) this.#numbers.delete(name);
    else this.#numbers.set(name, spelled);
    if (unchosen === undefined) this.unchosen.delete(name);
    else this.unchosen.set(name, unchosen);
  }

  done(): Record<string, unknown> {
    if (this.#numbers.size > 0) spell(this.#inputs, { numbers: this.#numbers, keys: undefined });
    return this.#inputs;
  }

  #spelling(value: unknown, { container, key }: NonNullable<Held['from']>): string | undefined {
    if (value === null) return wordOf(container, key);
    return typeof value === 'number' ? spellingOf(container, key, value) : undefined;
  }
}

/** Sets a member with any name, including names that objects have by default. */
export function put(object: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') object[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
