import { ServerTrouble } from './answers';
import { asRecord, plainText } from './json';
import { nodeClass, type InputSpec, type NodeClass } from './nodes';
import type { Prompt, PromptNode } from './queue';

export interface PromptError {
  readonly type: string;
  readonly message: string;
  readonly details: string;
  readonly extra_info: Readonly<Record<string, unknown>>;
}

export interface NodeErrors {
  readonly errors: readonly PromptError[];
  readonly dependent_outputs: readonly string[];
  readonly class_type: string;
}

export type Verdict =
  | {
      readonly kind: 'accepted';
      readonly prompt: Prompt;
      /** Those whose inputs are all valid: the rest of the prompt is not run. */
      readonly outputs: readonly string[];
      readonly nodeErrors: Readonly<Record<string, NodeErrors>>;
    }
  | {
      readonly kind: 'refused';
      readonly error: PromptError;
      readonly nodeErrors: Readonly<Record<string, NodeErrors>>;
    };

/** Checks a prompt as the server does before queueing it. `targets` narrows the outputs to run. */
export function validate(posted: unknown, targets: readonly string[] | undefined): Verdict {
  const parsed = parse(posted);
  if ('type' in parsed) return { kind: 'refused', error: parsed, nodeErrors: {} };
  const { prompt } = parsed;

  const outputs = Object.keys(prompt).filter((id) => nodeClass(prompt[id]?.class_type ?? '')?.isOutput);
  const wanted = targets ? outputs.filter((id) => targets.includes(id)) : outputs;
  if (wanted.length === 0) {
    return { kind: 'refused', error: problem('prompt_no_outputs', 'Prompt has no outputs', ''), nodeErrors: {} };
  }

  const checked = new Map<string, Checked>();
  const dependents = new Map<string, string[]>();
  const good: string[] = [];
  const reasons: string[] = [];
  for (const output of wanted) {
    if (checkNode(prompt, output, checked)) {
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

/** A number where a node should be makes the server stumble; text or a list there merely lacks a class. */
function parse(posted: unknown): { readonly prompt: Prompt } | PromptError {
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
    if (!nodeClass(name)) {
      return problem('invalid_prompt', `Cannot execute because node ${name} does not exist.`, where);
    }
    prompt[id] = { ...node, class_type: name, inputs: asRecord(node?.['inputs']) ?? {} };
  }
  return { prompt };
}

interface Checked {
  /** The node's own. */
  readonly errors: readonly PromptError[];
  /** Is it, with all that feeds it, fit to run? */
  readonly valid: boolean;
}

function checkNode(prompt: Prompt, id: string, checked: Map<string, Checked>): boolean {
  const known = checked.get(id);
  if (known) return known.valid;
  const node = prompt[id];
  const own = node && nodeClass(node.class_type);
  if (!own) return false;

  const errors: PromptError[] = [];
  let feedersValid = true;
  for (const [name, spec] of Object.entries(own.required)) {
    const value = node.inputs[name];
    if (!Array.isArray(value)) {
      const error = checkValue(name, spec, value);
      if (error) errors.push(error);
      continue;
    }
    const error = checkLink(prompt, name, spec, value);
    if (error) errors.push(error);
    else feedersValid = checkNode(prompt, String(value[0]), checked) && feedersValid;
  }
  const valid = errors.length === 0 && feedersValid;
  checked.set(id, { errors, valid });
  return valid;
}

function checkLink(
  prompt: Prompt,
  name: string,
  [wanted]: InputSpec,
  link: readonly unknown[],
): PromptError | undefined {
  const [from, slot] = link;
  if (link.length !== 2 || typeof slot !== 'number') {
    return inputProblem(
      'bad_linked_input',
      'Bad linked input, must be a length-2 list of [node_id, slot_index]',
      name,
      {
        received_value: link,
      },
    );
  }
  const feeder = prompt[String(from)];
  const feederClass: NodeClass | undefined = feeder && nodeClass(feeder.class_type);
  const given = feederClass?.outputs[slot];
  if (given === undefined) {
    return problem('exception_during_validation', 'Exception when validating node', `'${String(from)}'`);
  }
  if (wanted === '*' || given === wanted) return undefined;
  const details = `${name}, received_type(${given}) mismatch input_type(${String(wanted)})`;
  return {
    ...inputProblem('return_type_mismatch', 'Return type mismatch between linked nodes', name, {
      received_type: given,
    }),
    details,
  };
}

function checkValue(name: string, spec: InputSpec, value: unknown): PromptError | undefined {
  if (value === undefined) return inputProblem('required_input_missing', 'Required input is missing', name);
  const [type, settings = {}] = spec;
  const more = { input_config: spec, received_value: value };
  if (typeof type !== 'string') {
    if (type.some((choice) => choice === value)) return undefined;
    const details = `${name}: '${plainText(value)}' not in [${type.map((choice) => `'${choice}'`).join(', ')}]`;
    return { ...inputProblem('value_not_in_list', 'Value not in list', name, more), details };
  }
  if (type !== 'INT' && type !== 'FLOAT') return undefined;

  const number = value === '' || value === null ? NaN : Number(value);
  if (Number.isNaN(number)) {
    const exception_message = `could not convert to ${type}: '${plainText(value)}'`;
    const message = `Failed to convert an input value to a ${type} value`;
    const details = `${name}, ${plainText(value)}, ${exception_message}`;
    return { ...inputProblem('invalid_input_type', message, name, { ...more, exception_message }), details };
  }
  const { min = -Infinity, max = Infinity } = settings;
  if (number < min)
    return inputProblem('value_smaller_than_min', `Value ${number} smaller than min of ${min}`, name, more);
  if (number > max)
    return inputProblem('value_bigger_than_max', `Value ${number} bigger than max of ${max}`, name, more);
  return undefined;
}

const problem = (type: string, message: string, details: string): PromptError => ({
  type,
  message,
  details,
  extra_info: {},
});

const inputProblem = (
  type: string,
  message: string,
  name: string,
  more: Readonly<Record<string, unknown>> = {},
): PromptError => ({ type, message, details: name, extra_info: { input_name: name, ...more } });
