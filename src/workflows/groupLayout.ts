import type { Link } from './drawnGraph';
import {
  fieldsOf,
  isFields,
  itemsOf,
  textOr,
  type Fields,
  type InputDef,
  type NodeDef,
  type NodeDefs,
} from './nodeDefs';
import { comboControls, isWidget, widgetDefs, type WidgetDef } from './widgets';

/** A group node, the predecessor of subgraphs: several nodes drawn as one. Stored in `extra.groupNodes` by name. */
export interface GroupLayout {
  readonly nodes: readonly Fields[];
  readonly links: InnerLinks;
  readonly sockets: readonly GroupSocket[];
  readonly outputs: readonly GroupOutput[];
  /** Of the values in the group's own node. */
  readonly places: readonly { readonly def: WidgetDef; readonly node: number }[];
}

export interface GroupSocket {
  readonly name: string;
  readonly type: string;
  readonly node: number;
  readonly input: string;
}

export interface GroupOutput {
  readonly type: string;
  readonly node: number;
  readonly slot: number;
}

/** For each inner node, the links into its sockets, by the sockets' names. */
export type InnerLinks = ReadonlyMap<number, ReadonlyMap<string, Link>>;

/** What the nodes of a group have in common. */
interface Whole {
  readonly group: Fields;
  readonly defs: NodeDefs;
  readonly nodes: readonly Fields[];
  readonly links: InnerLinks;
  /** Outputs that lead to other nodes of the group, and those of them that also lead outside. */
  readonly going: ReadonlySet<string>;
  readonly external: ReadonlySet<string>;
  /** The first inner input that a node leads to. */
  readonly fed: ReadonlyMap<string, InputDef>;
  /** The types of links, by the node that they lead to. */
  readonly pipes: ReadonlyMap<unknown, unknown>;
  /** Inputs that this group's node shows outside. */
  readonly outside: ReadonlySet<unknown>;
  readonly names: Names;
}

/** @param shell one of the nodes that represent the group. */
export function layoutOf(group: Fields, shell: Fields, defs: NodeDefs): GroupLayout | undefined {
  const nodes = nodesIn(group);
  if (nodes.some(({ type }) => !isKnown(String(type), defs))) return undefined;
  const links = linksIn(group, nodes, defs);
  const outside = new Set(itemsOf(shell['inputs']).map((input) => fieldsOf(input)['name']));
  const seen = { ...goingOut(links, nodes, defs), external: externalIn(group), pipes: pipesIn(group) };
  const whole: Whole = { group, defs, nodes, links, ...seen, outside, names: new Names() };
  const laid = nodes.map((_, index) => new GroupPart(index, whole));
  for (const part of laid) part.layEarly();
  for (const part of laid) part.layLate();
  return {
    nodes,
    links,
    sockets: [...laid.flatMap(({ early }) => early), ...laid.flatMap(({ late }) => late)],
    outputs: laid.flatMap(({ outputs }) => outputs),
    places: [
      ...laid.flatMap((part) => part.placesOf(part.places)),
      ...laid.flatMap((part) => part.placesOf(part.latePlaces)),
    ],
  };
}

export function nodesIn({ nodes }: Fields): readonly Fields[] {
  return itemsOf(nodes).map(fieldsOf);
}

export function isKnown(type: string, defs: NodeDefs): boolean {
  return ['Reroute', 'PrimitiveNode', 'Note', 'MarkdownNote'].includes(type) || defs.of(type) !== undefined;
}

/** One node of a group. */
class GroupPart {
  readonly places: WidgetDef[] = [];
  readonly latePlaces: WidgetDef[] = [];
  readonly early: GroupSocket[] = [];
  /** Of widgets that were converted to sockets: they come last. */
  readonly late: GroupSocket[] = [];
  readonly outputs: GroupOutput[] = [];
  readonly #node: Fields;
  readonly #def: NodeDef | undefined;
  readonly #coming: ReadonlyMap<string, Link>;

  constructor(
    readonly index: number,
    private readonly whole: Whole,
  ) {
    this.#node = whole.nodes[index] ?? {};
    this.#def = defOf(this.#node, index, whole);
    this.#coming = whole.links.get(index) ?? new Map<string, Link>();
  }

  layEarly(): void {
    const { inputs = [], outputs = [] } = this.#def ?? {};
    for (const input of inputs) if (isWidget(input) && !this.#coming.has(input.name)) this.#place(input);
    for (const input of inputs) if (!isWidget(input)) this.#socket(input, this.early);
    outputs.forEach((type, slot) => {
      const isVisible = customOf(this.whole.group, this.index, 'output', String(slot))['visible'];
      if (isVisible === undefined ? this.#isOutside(slot) : isVisible !== false)
        this.outputs.push({ type, node: this.index, slot });
    });
  }

  layLate(): void {
    for (const input of this.#def?.inputs ?? []) {
      if (!isWidget(input) || !this.#isConverted(input.name)) continue;
      this.latePlaces.push(...placesOf(this.#node, input));
      this.#socket(input, this.late);
    }
  }

  placesOf(defs: readonly WidgetDef[]): GroupLayout['places'] {
    return defs.map((def) => ({ def, node: this.index }));
  }

  /** Whether a widget was converted to a socket that the group shows outside. */
  #isConverted(input: string): boolean {
    if (!this.whole.outside.has(input) || this.#coming.has(input)) return false;
    return itemsOf(this.#node['inputs']).some(
      (one) => fieldsOf(one)['name'] === input && isFields(fieldsOf(one)['widget']),
    );
  }

  #isOutside(slot: number): boolean {
    const output = `${this.index} ${slot}`;
    return !this.whole.going.has(output) || this.whole.external.has(output);
  }

  #place(input: InputDef): void {
    if (this.#isConverted(input.name)) return;
    this.#name(input.name);
    this.places.push(...placesOf(this.#node, input));
  }

  #socket(input: InputDef, sockets: GroupSocket[]): void {
    if (this.#coming.has(input.name)) return;
    const name = this.#name(input.name);
    if (customOf(this.whole.group, this.index, 'input', input.name)['visible'] === false) return;
    sockets.push({ name, type: input.type, node: this.index, input: socketName(this.#node, input.name) });
  }

  #name(input: string): string {
    const { name } = customOf(this.whole.group, this.index, 'input', input);
    return this.whole.names.next(this.#node, input, name);
  }
}

/** The user's changes to a group's inputs and outputs. */
function customOf({ config }: Fields, node: number, side: 'input' | 'output', name: string): Fields {
  const named = fieldsOf(fieldsOf(fieldsOf(config)[String(node)])[side]);
  return Object.hasOwn(named, name) ? fieldsOf(named[name]) : {};
}

/** The socket of a reroute has no name of its own. */
function socketName({ type, inputs }: Fields, name: string): string {
  return type === 'Reroute' ? textOr(fieldsOf(itemsOf(inputs)[0])['name'], '') : name;
}

function placesOf({ type }: Fields, input: InputDef): readonly WidgetDef[] {
  const defs = widgetDefs(input);
  if (type !== 'PrimitiveNode' || defs.length > 1) return defs;
  if (input.type === 'COMBO') return [...defs, ...comboControls()];
  return input.type === 'INT' || input.type === 'FLOAT' ? [...defs, ...comboControls().slice(0, 1)] : defs;
}

function linksIn({ links }: Fields, nodes: readonly Fields[], defs: NodeDefs): InnerLinks {
  const found = new Map<number, Map<string, Link>>();
  for (const one of itemsOf(links)) {
    const [origin, slot, target, index] = itemsOf(one);
    const node = typeof target === 'number' ? nodes[target] : undefined;
    if (typeof origin !== 'number' || typeof target !== 'number' || typeof index !== 'number' || !node) continue;
    const sockets = defs.of(String(node['type']))?.inputs.filter((input) => !isWidget(input)) ?? [];
    const name = fieldsOf(itemsOf(node['inputs'])[index])['name'] ?? sockets[index]?.name;
    if (typeof name !== 'string') continue;
    const coming = found.get(target) ?? new Map<string, Link>();
    found.set(target, coming.set(name, { origin: String(origin), slot: Number(slot) }));
  }
  return found;
}

function goingOut(links: InnerLinks, nodes: readonly Fields[], defs: NodeDefs): Pick<Whole, 'going' | 'fed'> {
  const [going, fed] = [new Set<string>(), new Map<string, InputDef>()];
  for (const [target, inner] of links)
    for (const [name, { origin, slot }] of inner) {
      going.add(`${origin} ${slot}`);
      const input = defs.of(String(nodes[target]?.['type']))?.inputs.find((one) => one.name === name);
      if (input && !fed.has(origin)) fed.set(origin, input);
    }
  return { going, fed };
}

function externalIn({ external }: Fields): ReadonlySet<string> {
  return new Set(
    itemsOf(external).map((one) => {
      const [node, slot] = itemsOf(one);
      return `${textOr(fieldsOf(node)['index'], textOr(node, ''))} ${textOr(slot, '')}`;
    }),
  );
}

function pipesIn({ links }: Fields): ReadonlyMap<unknown, unknown> {
  const found = itemsOf(links).map(itemsOf).toReversed();
  return new Map(found.map((link) => [link[2], link[5]]));
}

/** The role of a node that exists only in the page. Undefined if it only connects inner nodes. */
function defOf(
  node: Fields,
  index: number,
  { defs, links, going, external, fed: all, pipes }: Whole,
): NodeDef | undefined {
  const type = String(node['type']);
  const made = { type, title: '', outputNames: [], readsByName: false };
  const fed = all.get(String(index));
  if (type === 'Reroute') {
    const coming = links.get(index)?.size ?? 0;
    const only = `${index} 0`;
    if (coming > 0 && going.has(only) && !external.has(only)) return undefined;
    const of = fed?.type ?? textOr(pipes.get(index), textOr(fieldsOf(itemsOf(node['outputs'])[0])['type'], '*'));
    const input = { name: of, type: of, options: {}, choices: [], isForced: true };
    return { ...made, inputs: coming > 0 ? [] : [input], outputs: [of] };
  }
  if (type !== 'PrimitiveNode') return defs.of(type);
  return fed && { ...made, inputs: [{ ...fed, name: 'value', isForced: false }], outputs: [fed.type] };
}

/** Unique names for what a group shows outside, since two nodes may have inputs with the same name. */
class Names {
  readonly #seen = new Map<string, number>();

  /** @param custom the name given by the user. */
  next({ type, title, inputs }: Fields, input: string, custom: unknown): string {
    const named = itemsOf(inputs)
      .filter(isFields)
      .find(({ name }) => name === input);
    let name = textOr(custom, textOr(named?.['label'], input));
    let key = name;
    if ((type === 'PrimitiveNode' && title) || this.#seen.has(name)) {
      const prefix = `${textOr(title, String(type))} `;
      key = name = `${prefix}${input}`;
      const count = this.#seen.get(name);
      if (count !== undefined) name = `${prefix}${count} ${input}`;
    }
    this.#seen.set(key, (this.#seen.get(key) ?? 1) + 1);
    return name;
  }
}
