import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { ApiError } from '../../platform/errors';
import { ComfyUi } from '../../comfyui/client';
import type { Web } from '../../comfyui/connection';
import { stableWorkflow } from '../../comfyui/stableJson';
import { workflowIn, type Workflow } from '../../comfyui/workflow';
import type { Session } from '../../comfydeploy/model';
import type { Snapshot } from '../../sessions/snapshot';
import { sessionName } from '../../sessions/sessionText';
import { nothingToSave, savedFromText, type Origin } from '../workflowText';
import type { CommandHandlers } from '../../platform/ui/commands';
import { addressOf } from '../../page/ui/opening';
import { withLateProgress } from '../../platform/ui/pick';
import type { SessionTabs } from '../../page/ui/sessionTabs';
import { askWhereToSave, inform, note } from '../../platform/ui/shown';
import { nameOf, overwrite } from './workflowFile';
import type { WorkflowPlaces } from './workflowPlaces';

export interface SavingWorkflowInput {
  readonly snapshot: Snapshot;
}

interface SessionTargets {
  /** The session that the command is about, or one that the user picks among those that can do this. */
  session(target: unknown, capability: string, ask: string): Promise<Session | undefined>;
}

export interface SavingWorkflowContext {
  readonly appState: () => SavingWorkflowInput;
  readonly targets: SessionTargets;
  readonly tabs: Pick<SessionTabs, 'graphOf'>;
  readonly places: Pick<WorkflowPlaces, 'noteOpened' | 'noteSaved' | 'proposal'>;
  readonly web: Web;
}

interface Found {
  readonly origin: Origin;
  readonly workflow: Workflow;
}

const NOTE_FOR = 5_000;

/** Saves workflows of sessions to files. */
export function savingWorkflows(context: SavingWorkflowContext): Pick<CommandHandlers, 'saveWorkflow'> {
  return {
    async saveWorkflow(target) {
      const session = await context.targets.session(target, '+url', l10n.t('Save the workflow of which session?'));
      if (session) await save(context, session);
    },
  };
}

async function save(context: SavingWorkflowContext, session: Session): Promise<void> {
  const { appState, places, web } = context;
  const name = sessionName(session, appState().snapshot);
  const title = l10n.t('Save Workflow from {0}', name);
  const reading = l10n.t('Reading the workflow of {0}', name);
  const found = await withLateProgress(web.clock, reading, (signal) => find(context, session, signal));
  if (!found) throw new ApiError('missing', nothingToSave());
  const { graph, prompt } = found.workflow;
  const defaultUri = places.proposal(
    session.id,
    graph,
    l10n.t({ message: '{0} workflow', args: [name], comment: ['The proposed name of a file; {0} is a session.'] }),
  );
  const filters = { [l10n.t('ComfyUI workflow')]: ['json'] };
  const place = await askWhereToSave({ title, filters, ...(defaultUri ? { defaultUri } : {}) });
  if (!place) return;
  await overwrite(place, stableWorkflow(graph ?? prompt), {
    unsaved: l10n.t(
      '{0} is open with unsaved changes and was not overwritten. Save or revert it, then save the workflow again.',
      nameOf(place),
    ),
    failed: l10n.t("The workflow couldn't be written there. Choose another place."),
  });
  places.noteSaved(place);
  if (graph) places.noteOpened(session.id, place, graph);
  await vscode.window.showTextDocument(place, { preview: false });
  const hint = savedFromText(found.origin, nameOf(place));
  if (hint !== undefined) return void inform(hint);
  note(l10n.t('Workflow saved'), NOTE_FOR);
}

/** What the page shows, or else what was queued last. */
async function find(
  { tabs, web }: SavingWorkflowContext,
  session: Session,
  signal: AbortSignal,
): Promise<Found | undefined> {
  const graph = await tabs.graphOf(session.id, signal);
  if (graph) return { origin: 'page', workflow: { graph, prompt: undefined, leftOut: [] } };
  const last = await new ComfyUi(addressOf(session), web).lastRun(signal);
  const workflow = last && workflowIn({ workflow: last.graph, prompt: last.prompt });
  return workflow && { origin: workflow.graph ? 'lastGraph' : 'lastPrompt', workflow };
}
