import { ServerTrouble } from './answers';
import { asRecord, plainText } from './json';
import { nodeClass, type InputSpec, type NodeClass } from './nodes';
import type { Prompt, PromptNode } from './queue';
import { checkValue, inputProblem, problem, type PromptError } from './validateValue';

export interface NodeErrors {
  readonly errors: readonly PromptError[];
  readonly dependent_outputs: readonly string[];
  readonly class_type: string;
}

export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly prompt: Prompt;
      /** The outputs whose inputs are all valid; the rest of the prompt does not run. */
      readonly outputs: readonly string[];
      readonly nodeErrors: Readonly<Record<string, NodeErrors>>;
    }
  | {
      readonly kind: 'refused';
      readonly error: PromptError;
      readonly nodeErrors: Readonly<Record<string, NodeErrors>>;
    };

/** The parts of a node's class that the server checks. */
export type ClassOf = (name: string) => Pick<NodeClass, 'required' | 'optional' | 'outputs' | 'isOutput'> | undefined;

/**
 * Checks a prompt as the server does before queueing it. `targets` narrows the outputs to run. Checks in the own code
 * of nodes are left out.
 */
export function validate(
  posted: unknown,
  targets: readonly string[] | undefined,
  classOf: ClassOf = nodeClass,
): Verdict {
  const parsed = parse(posted, classOf);
  if ('type' in parsed) return { kind: 'refused', error: parsed, nodeErrors: {} };
  const { prompt } = parsed;

  const outputs = Object.keys(prompt).filter((id) => classOf(prompt[id]?.class_type ?? '')?.isOutput);
  const wanted = targets ? outputs.filter((id) => targets.includes(id)) : outputs;
  if (wanted.length === 0) {
    return { kind: 'refused', error: problem('prompt_no_outputs', 'Prompt has no outputs', ''), nodeErrors: {} };
  }

  const checked = new Map<string, Checked>();
  const dependents = new Map<string, string[]>();
  const good: string[] = [];
  const reasons: string[] = [];
  for (const output of wanted) {
    if (checkOutput(prompt, output, { checked, classOf })) {
      good.push(output);
      continue;
    }
    reasons.push(...(checked.get(output)?.errors ?? []).map(({ message, details }) => `${message}: ${details}`));
    for (const [id, { errors }] of checked) {
      if (errors.length > 0) dependents.set(id, [...(dependents.get(id) ?? []), output]);
    }
  }

  const nodeErrors = Object.fromEntries(
    [...dependents].map(([id, dependent_outputs]) => [
      id,
      { errors: checked.get(id)?.errors ?? [], dependent_outputs, class_type: prompt[id]?.class_type ?? '' },
    ]),
  );
  if (good.length > 0) return { kind: 'accepted', prompt, outputs: good, nodeErrors };
  const error = problem('prompt_outputs_failed_validation', 'Prompt outputs failed validation', reasons.join('\n'));
  return { kind: 'refused', error, nodeErrors };
}

/** A number where a node should be crashes the server; text or a list there is reported as a node without a class. */
function parse(posted: unknown, classOf: ClassOf): { readonly prompt: Prompt } | PromptError {
  const nodes = asRecord(posted);
  if (!nodes) throw new ServerTrouble('a prompt is an object');

  const prompt: Record<string, PromptNode> = {};
  for (const [id, value] of Object.entries(nodes)) {
    if (value === null || typeof value === 'number' || typeof value === 'boolean') throw new ServerTrouble('no node');
    const node = asRecord(value);
    const name = node?.['class_type'];
    const where = `Node ID '#${id}'`;
    if (typeof name !== 'string') {
      return problem('invalid_prompt', 'Cannot execute because a node is missing the class_type property.', where);
    }
    if (!classOf(name)) {
      return problem('invalid_prompt', `Cannot execute because node ${name} does not exist.`, where);
    }
    prompt[id] = { ...node, class_type: name, inputs: asRecord(node?.['inputs']) ?? {} };
  }
  return { prompt };
}

interface Checked {
  /** Errors of this node only. */
  readonly errors: readonly PromptError[];
  /** Whether this node and everything that feeds it can run. */
  readonly valid: boolean;
}

interface Check {
  readonly checked: Map<string, Checked>;
  readonly classOf: ClassOf;
  /** The nodes whose inputs are being checked. */
  readonly visiting?: readonly string[];
}

/** An exception of the server's own code during a check. */
class Exception extends Error {}

const checkOutput = (prompt: Prompt, output: string, check: Check): boolean =>
  checkGuarded(prompt, output, check, ['exception_during_validation', 'Exception when validating node']);

const checkFeeder = (prompt: Prompt, id: string, check: Check): boolean =>
  checkGuarded(prompt, id, check, ['exception_during_inner_validation', 'Exception when validating inner node']);

/** @param words of the problem to report when the server's own code throws. */
function checkGuarded(
  prompt: Prompt,
  id: string,
  check: Check,
  words: readonly [type: string, message: string],
): boolean {
  try {
    return checkNode(prompt, id, check);
  } catch (error) {
    if (!(error instanceof Exception)) throw error;
    check.checked.set(id, { errors: [problem(...words, error.message)], valid: false });
    return false;
  }
}

function checkNode(prompt: Prompt, id: string, check: Check): boolean {
  const { checked, classOf, visiting = [] } = check;
  const known = checked.get(id);
  if (known) return known.valid;
  if (visiting.includes(id)) return noteCycle(prompt, visiting.slice(visiting.indexOf(id)), checked);
  const node = prompt[id];
  const own = node && classOf(node.class_type);
  if (!own) return false;

  const errors: PromptError[] = [];
  let feedersValid = true;
  for (const [name, spec] of Object.entries({ ...own.required, ...own.optional })) {
    const value = node.inputs[name];
    if (value === undefined) {
      if (name in own.required) errors.push(inputProblem('required_input_missing', 'Required input is missing', name));
    } else if (!Array.isArray(value)) {
      const error = checkValue(name, spec, value);
      if (error) errors.push(error);
    } else {
      const error = checkLink(prompt, name, spec, value, classOf);
      if (error) errors.push(error);
      else
        feedersValid = checkFeeder(prompt, String(value[0]), { ...check, visiting: [...visiting, id] }) && feedersValid;
    }
  }
  const earlier = checked.get(id); // a cycle through this node may have added errors
  const valid = errors.length === 0 && feedersValid && earlier?.valid !== false;
  checked.set(id, { errors: [...(earlier?.errors ?? []), ...errors], valid });
  return valid;
}

/** What newer servers answer to a cycle; older ones crash. */
function noteCycle(prompt: Prompt, cycle: readonly string[], checked: Map<string, Checked>): false {
  const path = [...cycle, cycle[0] ?? ''].map((id) => `${id} (${prompt[id]?.class_type})`).join(' -> ');
  for (const node_id of cycle) {
    const problemFound = problem('dependency_cycle', 'Dependency cycle detected', path);
    checked.set(node_id, { errors: [{ ...problemFound, extra_info: { node_id, cycle_nodes: cycle } }], valid: false });
  }
  return false;
}

function checkLink(
  prompt: Prompt,
  name: string,
  spec: InputSpec,
  link: readonly unknown[],
  classOf: ClassOf,
): PromptError | undefined {
  const [wanted] = spec;
  const [from, slot] = link;
  if (link.length !== 2) {
    const message = 'Bad linked input, must be a length-2 list of [node_id, slot_index]';
    return inputProblem('bad_linked_input', message, name, { input_config: spec, received_value: link });
  }
  const feeder = typeof from === 'string' ? prompt[from] : undefined;
  if (!feeder) throw new Exception(typeof from === 'string' ? `'${from}'` : plainText(from));
  const outputs = classOf(feeder.class_type)?.outputs ?? [];
  if (typeof slot !== 'number' || !Number.isInteger(slot))
    throw new Exception('tuple indices must be integers or slices, not str');
  const given = outputs.at(slot);
  if (given === undefined) throw new Exception('tuple index out of range');
  if (fits(given, wanted)) return undefined;
  const details = `${name}, received_type(${given}) mismatch input_type(${String(wanted)})`;
  const more = { input_config: spec, received_type: given, linked_node: link };
  return { ...inputProblem('return_type_mismatch', 'Return type mismatch between linked nodes', name, more), details };
}

function fits(given: unknown, wanted: unknown): boolean {
  if (given === wanted || given === '*' || wanted === '*') return true;
  if (typeof given !== 'string' || typeof wanted !== 'string') return JSON.stringify(given) === JSON.stringify(wanted);
  const types = given.split(',').map((type) => type.trim());
  const others = wanted.split(',').map((type) => type.trim());
  return types.includes('*') || others.includes('*') || types.some((type) => others.includes(type));
}
