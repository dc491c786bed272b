import { workflowIn, type Workflow } from '../comfyui/workflow';
import { readForeignJson } from '../platform/pythonJson';
import type { Slices } from '../platform/slices';
import type { Carried } from './carried';
import { fieldsOf } from './nodeDefs';

/** The workflow in a file; undefined if there is none. */
export async function workflowOf(
  { workflow, prompt, comment }: Carried,
  slices: Slices,
): Promise<Workflow | undefined> {
  const read = (value: unknown) => (typeof value === 'string' ? readForeignJson(value, slices) : value);
  const both = async (one: unknown, other: unknown) =>
    workflowIn({ workflow: await read(one), prompt: await read(other) });
  const own = await both(workflow, prompt);
  if (own || comment === undefined) return own;
  const value = await read(comment);
  const { workflow: drawn, prompt: run } = fieldsOf(value); // some nodes write the prompt as a text inside the text
  return (await both(drawn, run)) ?? workflowIn(value);
}
