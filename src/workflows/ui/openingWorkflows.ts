import * as l10n from '@vscode/l10n';
import { ApiError } from '../../platform/errors';
import type { Web } from '../../comfyui/connection';
import { isVisitNoted } from '../../page/firstVisit';
import type { Loading } from '../../page/graphLoading';
import { keepInComfyUi } from '../../comfyui/userdata';
import type { Graph } from '../../comfyui/workflow';
import type { Session } from '../../comfydeploy/model';
import { sessionName } from '../../sessions/sessionText';
import { pythonWordIn } from '../pythonWords';
import {
  apiOnlyText,
  coveredText,
  goneText,
  keptText,
  notTakenText,
  openedText,
  pythonWordText,
} from '../workflowText';
import { findSession, type Snapshot } from '../../sessions/snapshot';
import { run } from '../../platform/ui/commands';
import { runOnSession } from '../../sessions/ui/runOnSession';
import { addressOf } from '../../page/ui/opening';
import { withProgress } from '../../platform/ui/pick';
import type { SessionTabs } from '../../page/ui/sessionTabs';
import { inform, note, warn } from '../../platform/ui/shown';
import type { WorkflowFile } from './workflowFile';
import type { WorkflowPlaces } from './workflowPlaces';

export interface OpeningWorkflowInput {
  readonly snapshot: Snapshot;
}

export interface OpeningWorkflowContext {
  readonly appState: () => OpeningWorkflowInput;
  readonly tabs: Pick<SessionTabs, 'loadGraph'>;
  readonly places: Pick<WorkflowPlaces, 'noteOpened'>;
  readonly web: Web;
  readonly report: (error: unknown) => void;
}

interface Opened {
  readonly loading: Loading;
  /** The page shows a window of its own over it. */
  readonly isCovered?: boolean;
  /** Its name among ComfyUI's own workflows. */
  readonly kept?: string;
}

type File = Pick<WorkflowFile, 'uri' | 'name' | 'workflow'>;

const NOTE_FOR = 5_000;

/**
 * Whether a page can draw the file's workflow; if not, the user is notified. Call it before a session is chosen or
 * started, which costs money.
 */
export function isDrawable({ uri, name, workflow }: File, report: (error: unknown) => void): boolean {
  const word = workflow.graph && pythonWordIn(workflow.graph);
  if (word) {
    void warn(pythonWordText(name, word));
    return false;
  }
  if (workflow.graph) return true;
  offer(warn(apiOnlyText(name), l10n.t('Queue Workflow in Session')), () => run('queueWorkflow', uri), report);
  return false;
}

/**
 * Shows a file's workflow in a session's page, or stores it where that page can open it.
 * @throws {ApiError} if the session or its page is gone meanwhile, and an `AbortError` if the user cancels.
 */
export async function openInSession(context: OpeningWorkflowContext, session: Session, file: File): Promise<void> {
  const { tabs, places, appState, web, report } = context;
  const { graph } = file.workflow;
  if (!graph || !isDrawable(file, report)) return;
  const { loading, isCovered, kept } = await withProgress(
    l10n.t('Opening {0} in {1}', file.name, sessionName(session, appState().snapshot)),
    async (signal): Promise<Opened> => {
      const isNoted = () => isVisitNoted(addressOf(session), web, signal);
      const wasNoted = await isNoted();
      const loading = await tabs.loadGraph(session, graph, signal);
      if (loading === 'silent') return { loading, kept: await keep(context, session, file.name, graph, signal) };
      return { loading, isCovered: wasNoted === false && (await isNoted()) === true };
    },
  );
  if (loading === 'gone') throw goneError(context, session, file.name);
  if (kept !== undefined) return offerKept(context, session, keptText(file.name, kept, 'silent'));
  if (loading === 'notTaken') return offerToKeep(context, session, file.name, graph);
  places.noteOpened(session.id, file.uri, graph);
  if (isCovered) void inform(coveredText(file.name));
  else note(openedText(file.name), NOTE_FOR);
}

function keep(
  { web }: OpeningWorkflowContext,
  session: Session,
  name: string,
  graph: Graph,
  signal: AbortSignal,
): Promise<string> {
  return keepInComfyUi(addressOf(session), web, { name, graph }, signal);
}

function goneError({ appState }: OpeningWorkflowContext, { id }: Session, name: string): ApiError {
  const isOver = findSession(appState().snapshot, id) === undefined;
  return new ApiError(isOver ? 'missing' : 'refused', goneText(name, isOver));
}

function offerKept({ report }: OpeningWorkflowContext, { id }: Session, text: string): void {
  offer(inform(text, l10n.t('Open Session')), () => runOnSession('openSession', id), report);
}

function offerToKeep(context: OpeningWorkflowContext, session: Session, name: string, graph: Graph): void {
  const keepIt = async () => {
    const title = l10n.t('Saving {0} in ComfyUI', name);
    const kept = await withProgress(title, (signal) => keep(context, session, name, graph, signal));
    offerKept(context, session, keptText(name, kept, 'notTaken'));
  };
  offer(warn(notTakenText(name), l10n.t('Save in ComfyUI')), keepIt, context.report);
}

/** Does not wait for the answer, since the work is done. */
function offer(message: Thenable<unknown>, go: () => Thenable<unknown>, report: (error: unknown) => void): void {
  message.then((chosen) => (chosen === undefined ? undefined : go())).then(undefined, report);
}
