import type { CheckedNode, CheckedNodes, TakenInput } from './checkedNodes';
import { valueProblem } from './checkValue';
import type { Finding, Fix, Found, Wrong } from './findings';
import { isFields, type Fields } from './nodeDefs';

/** A prompt, or a converted one: nodes of unknown types may lack a class. */
export type CheckedPrompt = Readonly<Record<string, { readonly class_type?: string; readonly inputs: Fields }>>;

/** More findings are not shown. */
const MOST_FINDINGS = 1_000;
/** The most inputs that are checked: node types may define any number, and a workflow may have many nodes. */
const MOST_INPUTS = 1_000_000;
/** Characters; a longer text is not a list of types. */
const LONGEST_TYPE = 1_000;

/**
 * What ComfyUI (0.3.64) would report about a prompt, and what costs money elsewhere, node by node. Like ComfyUI it
 * checks the types of all nodes, then the values of those that outputs need, through links that fit; unlike ComfyUI also
 * if types are unknown, so that everything that is missing is named at once. Checks in a node's own code are not known.
 */
export function checkingPrompt(prompt: CheckedPrompt, nodes: CheckedNodes): Generator<void, readonly Finding[], void> {
  return new PromptCheck(prompt, nodes).steps();
}

const TOO_LARGE: Finding = {
  nodeId: '',
  classType: undefined,
  input: undefined,
  wrong: { kind: 'broken', reason: { kind: 'tooLarge' } },
};

class PromptCheck {
  readonly #findings: Finding[] = [];
  /** Nodes that run: `open` while the nodes that feed them are checked. */
  readonly #seen = new Map<string, 'open' | 'done'>();
  #inputs = 0;

  constructor(
    private readonly prompt: CheckedPrompt,
    private readonly nodes: CheckedNodes,
  ) {}

  *steps(): Generator<void, readonly Finding[], void> {
    const outputs: string[] = [];
    for (const id of Object.keys(this.prompt)) {
      yield;
      const node = this.#nodeOf(id);
      if (!node) this.#add(id, undefined, { wrong: { kind: 'unknown', pack: undefined, isOrdered: undefined } });
      if (node?.isOutput !== false) outputs.push(id); // one of an unknown type may be an output
    }
    if (outputs.length === 0 && this.#findings.length === 0) this.#add('', undefined, { wrong: { kind: 'noOutputs' } });
    for (const id of outputs) yield* this.#walk(id);
    if (this.#inputs > MOST_INPUTS) this.#findings.unshift(TOO_LARGE);
    return this.#findings.slice(0, MOST_FINDINGS);
  }

  #nodeOf(id: string): CheckedNode | undefined {
    const type = Object.hasOwn(this.prompt, id) ? this.prompt[id]?.class_type : undefined;
    return type === undefined ? undefined : this.nodes.of(type);
  }

  /** Not recursive: chains of nodes may have any length. */
  *#walk(output: string): Generator<void, void, void> {
    const open = [{ id: output, feeders: this.#enter(output) }];
    for (let one = open.at(-1); one; one = open.at(-1)) {
      yield;
      const feeder = one.feeders.pop();
      if (!feeder) {
        this.#seen.set(one.id, 'done');
        open.pop();
      } else if (this.#seen.get(feeder.from) === 'open') {
        this.#add(one.id, feeder.input, { wrong: { kind: 'circle' } });
      } else open.push({ id: feeder.from, feeders: this.#enter(feeder.from) });
    }
  }

  /** @returns the nodes that feed it. */
  #enter(id: string): { readonly from: string; readonly input: string }[] {
    if (this.#seen.has(id)) return [];
    this.#seen.set(id, 'open');
    const node = this.#nodeOf(id);
    const inputs = this.prompt[id]?.inputs ?? {};
    this.#inputs += node ? node.required.length + node.optional.length : Object.keys(inputs).length;
    if (this.#inputs > MOST_INPUTS) return [];
    if (!node) return this.#linksIn(inputs);
    if (node.isPaid) this.#add(id, undefined, { wrong: { kind: 'paid' } });
    const feeders: { from: string; input: string }[] = [];
    const look = (taken: TakenInput, isRequired: boolean) => {
      const { name } = taken.def;
      if (!Object.hasOwn(inputs, name)) {
        // The server generates inputs of these types before it checks.
        if (isRequired && !taken.def.type.startsWith('COMFY_')) this.#add(id, name, { wrong: { kind: 'missing' } });
        return;
      }
      const value = inputs[name];
      const found = Array.isArray(value) ? this.#linkProblem(taken, value) : valueProblem(taken, inputs);
      if (typeof found === 'string') feeders.push({ from: found, input: name });
      else if (found) this.#add(id, name, found);
    };
    for (const taken of node.required) look(taken, true);
    for (const taken of node.optional) look(taken, false);
    return feeders.reverse();
  }

  /** Whatever feeds a node of an unknown type is needed, too. */
  #linksIn(inputs: Fields): { from: string; input: string }[] {
    return Object.entries(inputs).flatMap(([input, link]) => {
      const from: unknown = Array.isArray(link) ? link[0] : undefined;
      return typeof from === 'string' && Object.hasOwn(this.prompt, from) ? [{ from, input }] : [];
    });
  }

  /** The node that feeds the input, or the problem. */
  #linkProblem({ def }: TakenInput, link: readonly unknown[]): Found | string | undefined {
    const [from, slot] = link;
    if (link.length !== 2) return { wrong: { kind: 'badLink' } };
    const isThere = typeof from === 'string' && Object.hasOwn(this.prompt, from);
    const node = isThere ? this.#nodeOf(from) : undefined;
    if (isThere && !node) return from; // its type is unknown, which is already reported
    const index = typeof slot === 'number' && slot < 0 ? slot + (node?.outputs.length ?? 0) : slot;
    const hasOutput = node && typeof index === 'number' && Object.hasOwn(node.outputs, index);
    if (!isThere || !node || !hasOutput) return { wrong: { kind: 'noOrigin', origin: nameOf(from, slot) } };
    const given = node.outputs[index] ?? '*';
    if (fits(given, def.type)) return from;
    return { wrong: { kind: 'mismatch', given, taken: def.type } };
  }

  #add(nodeId: string, input: string | undefined, { wrong, fix }: { wrong: Wrong; fix?: Fix | undefined }): void {
    const classType = this.prompt[nodeId]?.class_type;
    this.#findings.push({ nodeId, classType, input, wrong, ...(fix ? { fix } : {}) });
  }
}

function nameOf(from: unknown, slot: unknown): string {
  const [id, index] = [from, slot].map((part) => (isFields(part) || Array.isArray(part) ? '…' : String(part)));
  return `${id}, ${index}`;
}

/** Types may be lists separated by commas. Lists of choices are not compared, nor types that only the page knows. */
function fits(given: string, taken: string): boolean {
  if (given.length + taken.length > LONGEST_TYPE) return true;
  if (given === taken || [given, taken].some((type) => type.startsWith('COMFY_'))) return true;
  const [outs, ins] = [given, taken].map((type) => new Set(type.split(',').map((one) => one.trim())));
  if (!outs || !ins || outs.has('*') || ins.has('*')) return true;
  return [...outs].some((type) => ins.has(type));
}
