import { stepsOf } from '../../src/platform/slices';
import type { CheckedNodes } from '../../src/workflows/checkedNodes';
import { checkingPrompt, type CheckedPrompt } from '../../src/workflows/checkPrompt';
import { checkingWorkflow, type CheckedWorkflow, type MachineFacts } from '../../src/workflows/checkWorkflow';

/** A whole check in one go. */
export const checkPrompt = (prompt: CheckedPrompt, nodes: CheckedNodes) =>
  stepsOf(checkingPrompt(prompt, nodes)).atOnce();

/** The same of a workflow file. */
export const checkWorkflow = (workflow: CheckedWorkflow, objectInfo: unknown, machine: MachineFacts) =>
  stepsOf(checkingWorkflow(workflow, objectInfo, machine)).atOnce();
