import type { Workflow } from '../comfyui/workflow';
import { spellingOf } from '../platform/spelling';
import { fieldsOf, itemsOf, NodeDefs, onceFor, textOr, type Fields, type InputDef } from './nodeDefs';
import type { Placed } from './places';
import { readWidgets } from './widgets';

/** What the definition of an input says. Values are JSON texts: numbers may have more digits than JavaScript has. */
export interface InputHelp {
  readonly type: string;
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly step: string | undefined;
  readonly usual: string | undefined;
  readonly choices: readonly string[];
}

/** One value in a workflow file, or a node itself (`input` is undefined), with what the node definitions say of it. */
export interface FileValue extends Placed {
  readonly help: InputHelp | undefined;
  /** Of a node: its display name and the types of its outputs. */
  readonly node?: { readonly title: string; readonly outputs: readonly string[] };
  /** What can be done with it: `seed` can be randomized, `text` edited. */
  readonly role?: 'seed' | 'text';
}

const SEEDS = new Set(['seed', 'noise_seed']);
/** The values of larger workflows beyond these get no help. */
const MOST_VALUES = 20_000;
const MOST_CHOICES = 1_000;

/** Explains the values of workflow files by the node definitions of a machine. */
export class NodeHelp {
  readonly #defs: NodeDefs;
  readonly #helps = new Map<InputDef, InputHelp>();

  /** @param objectInfo the answer of `/object_info`; with anything else, little is known. */
  constructor(objectInfo: unknown) {
    this.#defs = new NodeDefs(objectInfo);
  }

  /** In the order of the file. Of a file with both forms, the prompt, which is what is queued. */
  valuesOf({ graph, prompt }: Pick<Workflow, 'graph' | 'prompt'>): readonly FileValue[] {
    const values: FileValue[] = [];
    const nodes = prompt ? Object.entries(prompt) : [];
    for (const [nodeId, { class_type, inputs }] of nodes) {
      if (values.length > MOST_VALUES) break;
      for (const value of this.#queued(nodeId, class_type, inputs)) values.push(value);
    }
    const drawn = prompt || !graph ? [] : drawnNodes(graph);
    for (const [nodeId, node] of drawn) {
      if (values.length > MOST_VALUES) break;
      for (const value of this.#drawn(nodeId, node)) values.push(value);
    }
    return values;
  }

  #queued(nodeId: string, classType: string, inputs: Fields): readonly FileValue[] {
    const def = this.#defs.of(classType);
    const defs = def && inputsOf(def);
    const values = Object.entries(inputs).map(([input, value]) => {
      const known = defs?.get(input);
      return { nodeId, classType, input, help: this.#help(known), ...roleOf(input, value, known) };
    });
    return [...this.#node(nodeId, classType), ...values];
  }

  #drawn(nodeId: string, node: Fields): readonly FileValue[] {
    const classType = textOr(node['type'], '');
    const def = this.#defs.of(classType);
    const given = node['widgets_values'];
    const widgets = def ? readWidgets(def, given) : [];
    const values = widgets.flatMap(({ def: { name, input }, held: { value, from } }) => {
      if (!input || !from || from.container !== given) return []; // a default, or a value at another place
      return [
        { nodeId, classType, input: name, valueKey: from.key, help: this.#help(input), ...roleOf(name, value, input) },
      ];
    });
    return [...this.#node(nodeId, classType), ...values];
  }

  #node(nodeId: string, classType: string): readonly FileValue[] {
    const def = this.#defs.of(classType);
    if (!def) return [];
    return [{ nodeId, classType, input: undefined, help: undefined, node: { title: def.title, outputs: def.outputs } }];
  }

  #help(def: InputDef | undefined): InputHelp | undefined {
    if (!def) return undefined;
    const known = this.#helps.get(def) ?? helpOf(def);
    this.#helps.set(def, known);
    return known;
  }
}

const inputsOf = onceFor(({ inputs }) => new Map(inputs.map((input) => [input.name, input])));

function helpOf({ type, options, choices }: InputDef): InputHelp {
  const [min, max, step, usual] = ['min', 'max', 'step', 'default'].map((key) => jsonOf(options, key));
  const shown = choices.slice(0, MOST_CHOICES).flatMap((_, index) => choiceOf(choices, index) ?? []);
  return { type, min, max, step, usual, choices: type === 'BOOLEAN' ? ['true', 'false'] : shown };
}

/** Dynamic lists name their choices by a key. */
function choiceOf(choices: readonly unknown[], index: number): string | undefined {
  return jsonOf(choices, String(index)) ?? jsonOf(fieldsOf(choices[index]), 'key');
}

/** As it was written; undefined for what is no plain value. */
function jsonOf(container: object, key: string): string | undefined {
  const value: unknown = Object.hasOwn(container, key) ? Reflect.get(container, key) : undefined;
  if (typeof value === 'number') return spellingOf(container, key, value) ?? String(value);
  return typeof value === 'string' || typeof value === 'boolean' ? JSON.stringify(value) : undefined;
}

/** Without a definition, only the usual names are recognized. */
function roleOf(name: string, value: unknown, def: InputDef | undefined): Pick<FileValue, 'role'> {
  if (typeof value === 'number' && SEEDS.has(name)) return { role: 'seed' };
  const isText = typeof value === 'string' && (def ? def.options['multiline'] === true : name === 'text');
  return isText ? { role: 'text' } : {};
}

/** Nodes of the canvas, and those of subgraphs whose id no other subgraph uses: only these can be found in the file. */
function drawnNodes(graph: Fields): readonly (readonly [string, Fields])[] {
  const own = itemsOf(graph['nodes']).map((node) => [textOr(fieldsOf(node)['id'], ''), fieldsOf(node)] as const);
  const subgraphs = itemsOf(fieldsOf(graph['definitions'])['subgraphs']);
  const inner = subgraphs.flatMap((net) => itemsOf(fieldsOf(net)['nodes']).map(fieldsOf));
  const counts = new Map<string, number>();
  for (const node of inner) counts.set(textOr(node['id'], ''), (counts.get(textOr(node['id'], '')) ?? 0) + 1);
  const only = inner.filter((node) => counts.get(textOr(node['id'], '')) === 1);
  return [...own, ...only.map((node) => [`:${textOr(node['id'], '')}`, node] as const)];
}
