import type { Knowledge } from './core/knowledge';
import type { Disposable } from './core/state/emitter';
import type { CommandHandlers } from './ui/commands';
import { isDrawable, openInSession, type OpeningWorkflowContext } from './ui/openingWorkflows';
import { outputCommands } from './ui/outputCommands';
import { OutputFiles, type OutputFilesContext } from './ui/outputFiles';
import { Queueing, type QueueingContext } from './ui/queueing';
import { savingWorkflows, type SavingWorkflowContext } from './ui/savingWorkflows';
import { sessionForWork, type SessionForWorkContext } from './ui/sessionForWork';
import { workflowCommands } from './ui/workflowCommands';
import { WorkflowFiles, type WorkflowFilesContext } from './ui/workflowFiles';
import { WorkflowPlaces } from './ui/workflowPlaces';

export interface Workflows extends Disposable {
  readonly handlers: Pick<
    CommandHandlers,
    'openWorkflow' | 'queueWorkflow' | 'saveWorkflow' | 'openOutput' | 'saveOutput' | 'refreshOutputs'
  >;
  /** Files are looked at from the first time on that somebody is signed in. */
  redraw(): void;
}

type Context = Pick<Knowledge, 'facts' | 'outputs'> &
  SessionForWorkContext &
  OutputFilesContext &
  WorkflowFilesContext &
  Omit<QueueingContext, 'outputFiles'> &
  Omit<OpeningWorkflowContext & SavingWorkflowContext, 'places' | 'web'>;

/** What travels between files and sessions, and who talks to whom. No decision is made here. */
export function createWorkflows(context: Context): Workflows {
  const files = new WorkflowFiles(context);
  const outputFiles = new OutputFiles(context);
  const queueing = new Queueing({ ...context, outputFiles });
  const travelling = { ...context, web: context, places: new WorkflowPlaces() };
  return {
    handlers: {
      ...workflowCommands({
        files,
        isDrawable: (file) => isDrawable(file, context.report),
        sessionFor: (ask) => sessionForWork(context, ask),
        queueing,
        open: (session, file) => openInSession(travelling, session, file),
      }),
      ...savingWorkflows(travelling),
      ...outputCommands({ outputs: context.outputs, outputFiles }),
    },
    redraw: () => {
      if (context.facts().snapshot.kind !== 'ready') return;
      files.begin();
      queueing.resume();
    },
    dispose: () => [files, outputFiles, queueing].forEach((one) => one.dispose()),
  };
}
