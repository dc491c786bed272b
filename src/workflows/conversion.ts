import { withChoices } from './choices';
import { compactNodes } from './compactNodes';
import { UNLIMITED } from '../platform/jsonLimits';
import { exactJsonInSlices } from '../platform/jsonText';
import { readJsonInSlices } from '../platform/pythonJson';
import { stepsOf, type Slices } from '../platform/slices';
import type { CheckedPrompt } from './checkPrompt';
import { checkingWorkflow, type MachineFacts } from './checkWorkflow';
import type { Finding } from './findings';
import { fieldsOf, isFields, type Fields } from './nodeDefs';
import { NotConverted } from './notConverted';
import { NodeHelp } from './nodeHelp';
import { converting } from './promptFrom';
import type { Converted } from './converted';
import type { Settings } from './manyRuns';

/** Both as texts, since only the parser knows how their numbers are written. */
export interface DrawnTexts {
  readonly graph: string;
  /** The answer of `/object_info`. */
  readonly nodes: string;
}

/**
 * Converts a drawn workflow to the text of a prompt. A bundle of its own, loaded when first needed. Long texts are read
 * in slices.
 * @throws an `AbortError`.
 */
export async function convertDrawn({ graph, nodes }: DrawnTexts, slices: Slices): Promise<Converted> {
  const objectInfo = await readJsonInSlices(nodes, UNLIMITED, slices);
  if (typeof objectInfo !== 'object' || objectInfo === null) return { kind: 'noNodes' };
  const drawn = await readJsonInSlices(graph, UNLIMITED, slices);
  try {
    const { prompt, unsendable } = await stepsOf(converting(drawn, objectInfo)).inSlices(slices);
    if (unsendable.length > 0) return { kind: 'unsendable', nodes: unsendable };
    return { kind: 'converted', prompt: await exactJsonInSlices(prompt, slices) };
  } catch (error) {
    if (error instanceof NotConverted) return { kind: 'broken', reason: error.reason };
    throw error;
  }
}

/**
 * Runs of a drawn workflow with choices of their own. Without, if only the page can convert it.
 * @param random in [0, 1).
 * @throws an `AbortError`.
 */
export async function chooseForRuns(
  runs: readonly Settings[],
  { graph, nodes }: DrawnTexts,
  random: () => number,
  slices: Slices,
): Promise<readonly Settings[]> {
  const objectInfo = await readJsonInSlices(nodes, UNLIMITED, slices);
  const drawn = await readJsonInSlices(graph, UNLIMITED, slices);
  try {
    const { choosing } = await stepsOf(converting(drawn, objectInfo)).inSlices(slices);
    return withChoices(runs, choosing, random);
  } catch (error) {
    if (error instanceof NotConverted) return runs;
    throw error;
  }
}

/** A drawn workflow or a prompt as text, and the answer of `/object_info`. */
export interface CheckedTexts {
  readonly text: string;
  readonly isDrawn: boolean;
  readonly nodes: string;
}

/**
 * What is wrong with a workflow on a machine. Undefined if the list of nodes cannot be read. Long texts are read in
 * slices.
 * @throws an `AbortError`.
 */
export async function checkTexts(
  { text, isDrawn, nodes }: CheckedTexts,
  machine: MachineFacts,
  slices: Slices,
): Promise<readonly Finding[] | undefined> {
  const objectInfo = await readJsonInSlices(nodes, UNLIMITED, slices);
  if (!isFields(objectInfo)) return undefined;
  const read = fieldsOf(await readJsonInSlices(text, UNLIMITED, slices));
  const workflow = isDrawn ? { graph: read } : { prompt: promptIn(read) };
  return stepsOf(checkingWorkflow(workflow, objectInfo, machine)).inSlices(slices);
}

function promptIn(read: Fields): CheckedPrompt {
  const nodes = Object.entries(read).map(([id, node]) => {
    const { class_type, inputs } = { class_type: undefined, inputs: undefined, ...fieldsOf(node) };
    return [id, { inputs: fieldsOf(inputs), ...(typeof class_type === 'string' ? { class_type } : {}) }] as const;
  });
  return Object.fromEntries(nodes);
}

/** A list of nodes without what is not needed. Undefined if it cannot be read. @throws an `AbortError`. */
export async function shortNodes(nodes: string, slices: Slices): Promise<string | undefined> {
  const objectInfo = await readJsonInSlices(nodes, UNLIMITED, slices);
  if (!isFields(objectInfo)) return undefined;
  compactNodes(objectInfo);
  return exactJsonInSlices(objectInfo, slices);
}

/** Explains values by a list of nodes; by none, where there is none or it cannot be read. @throws an `AbortError`. */
export async function nodeHelp(nodes: string | undefined, slices: Slices): Promise<NodeHelp> {
  return new NodeHelp(nodes === undefined ? undefined : await readJsonInSlices(nodes, UNLIMITED, slices));
}
