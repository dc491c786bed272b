import { workflowIn, type Workflow } from '../comfyui/workflow';
import { parsePythonJson } from '../platform/pythonJson';
import type { Carried } from './carried';
import { fieldsOf } from './nodeDefs';

/** The workflow that a picture carries; undefined if it is none. */
export function workflowOf({ workflow, prompt, comment }: Carried): Workflow | undefined {
  const both = { workflow: read(workflow), prompt: read(prompt) };
  return workflowIn(both) ?? inComment(read(comment));
}

/** Some nodes write the prompt as a text within the text. */
function inComment(value: unknown): Workflow | undefined {
  const { workflow, prompt } = fieldsOf(value);
  return workflowIn({ workflow: readText(workflow), prompt: readText(prompt) }) ?? workflowIn(value);
}

function readText(value: unknown): unknown {
  return typeof value === 'string' ? read(value) : value;
}

function read(text: string | undefined): unknown {
  return text === undefined ? undefined : parsePythonJson(text);
}
