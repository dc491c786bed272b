import type { Knowledge } from './core/knowledge';
import type { Disposable } from './core/state/emitter';
import type { CommandHandlers } from './ui/commands';
import { outputCommands } from './ui/outputCommands';
import { OutputFiles, type OutputFilesContext } from './ui/outputFiles';
import { Queueing, type QueueingContext } from './ui/queueing';
import { sessionForWork, type SessionForWorkContext } from './ui/sessionForWork';
import type { SessionTabs } from './ui/sessionTabs';
import { workflowCommands } from './ui/workflowCommands';
import { WorkflowFiles, type WorkflowFilesContext } from './ui/workflowFiles';

export interface Workflows extends Disposable {
  readonly handlers: Pick<
    CommandHandlers,
    'openWorkflow' | 'queueWorkflow' | 'openOutput' | 'saveOutput' | 'refreshOutputs'
  >;
  /** Files are looked at from the first time on that somebody is signed in. */
  redraw(): void;
}

type Context = Pick<Knowledge, 'facts' | 'outputs'> &
  SessionForWorkContext &
  OutputFilesContext &
  WorkflowFilesContext &
  Omit<QueueingContext, 'outputFiles'> & { readonly tabs: Pick<SessionTabs, 'show'> };

/** What travels between files and sessions, and who talks to whom. No decision is made here. */
export function createWorkflows(context: Context): Workflows {
  const files = new WorkflowFiles(context);
  const outputFiles = new OutputFiles(context);
  const queueing = new Queueing({ ...context, outputFiles });
  return {
    handlers: {
      ...workflowCommands({
        files,
        sessionFor: (ask) => sessionForWork(context, ask),
        queueing,
        open: (session) => Promise.resolve(context.tabs.show(session)),
      }),
      ...outputCommands({ outputs: context.outputs, outputFiles }),
    },
    redraw: () => context.facts().snapshot.kind === 'ready' && files.begin(),
    dispose: () => [files, outputFiles, queueing].forEach((one) => one.dispose()),
  };
}
