import * as z from 'zod/mini';
import { plainName } from '../platform/plainText';
import { optional } from '../platform/unread';
import { MachineId } from './model';
import { instant } from './instants';

// Workflows that ComfyDeploy keeps, with their versions.

const id = z.string().check(z.minLength(1));

export const WorkflowId = id.brand<'WorkflowId'>();
export type WorkflowId = z.infer<typeof WorkflowId>;

/** A workflow's entry in the list: without graphs. */
export const KeptWorkflowWire = z.lazy(() =>
  z.pipe(
    z.object({
      id: WorkflowId,
      name: z.string(),
      pinned: optional(z.boolean()),
      user_name: optional(z.string()),
      user_id: optional(z.string()),
      selected_machine_id: optional(MachineId),
      updated_at: optional(instant),
    }),
    z.transform((wire) => ({
      id: wire.id,
      /** As a label, which may be shorter. */
      name: plainName(wire.name),
      wholeName: wire.name,
      isPinned: wire.pinned === true,
      userId: wire.user_id,
      userName: wire.user_name === undefined ? undefined : plainName(wire.user_name, '') || undefined,
      machineId: wire.selected_machine_id,
      /** Server time, ms. */
      updatedAt: wire.updated_at,
    })),
  ),
);
export type KeptWorkflow = z.output<typeof KeptWorkflowWire>;

/**
 * Never changes. Numbers are spelled as the server keeps them; the order of keys is not the one in which they were
 * saved.
 */
export const VersionWire = z.lazy(() =>
  z.pipe(
    z.object({
      id,
      version: z.number(),
      comment: optional(z.string()),
      user_id: optional(z.string()),
      machine_id: optional(MachineId),
      /** The answer to a save writes it in a form of its own. */
      created_at: optional(instant),
      workflow: z.unknown(),
      workflow_api: z.optional(z.unknown()),
    }),
    z.transform((wire) => ({
      id: wire.id,
      /** Counts from 1. Two saves at the same time may get the same number. */
      number: wire.version,
      comment: wire.comment,
      userId: wire.user_id,
      machineId: wire.machine_id,
      /** Server time, ms. */
      createdAt: wire.created_at,
      /** As the page draws it: any JSON. */
      graph: wire.workflow,
      /** In API format: an object that may be empty, or null. */
      prompt: wire.workflow_api,
    })),
  ),
);
export type Version = z.output<typeof VersionWire>;

export const CreatedWorkflowWire = z.lazy(() => z.object({ workflow_id: WorkflowId }));
export const ClonedWire = z.lazy(() => z.object({ id: WorkflowId }));
