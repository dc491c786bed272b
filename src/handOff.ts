import type { App } from './app';
import type { Web } from './comfyui/client';
import type { Memory } from './platform/memory';
import type { CreateFlow } from './sidebar/ui/createCommands';
import type { EndContext } from './sidebar/ui/endSessions';
import type { RunTask } from './sidebar/ui/handedIn';
import { followLink } from './sidebar/ui/links';
import { tasksOf } from './sidebar/ui/tasks';
import type { Surfaces } from './surfaces';
import type { Workflows } from './workflows';
import type * as vscode from 'vscode';

export interface HandOff {
  /** A link that the system passes to VS Code. */
  readonly follow: (uri: vscode.Uri) => Promise<void>;
  readonly runTask: RunTask;
}

interface Flows {
  readonly creating: CreateFlow;
  readonly workflows: Pick<Workflows, 'tools'>;
  readonly ending: EndContext;
}

interface Context {
  readonly web: Web;
  readonly workspaceMemory: Memory;
  readonly report: (error: unknown) => void;
}

/** What others ask for: links and tasks. No decision is made here. */
export function createHandOff(
  { appState, store, acts }: App,
  { tabs, browsers }: Surfaces,
  { creating, workflows: { tools }, ending }: Flows,
  { web, workspaceMemory: memory, report }: Context,
): HandOff {
  return {
    follow: (uri) => followLink(uri, { store, creating, tabs, browsers }).catch(report),
    runTask: tasksOf({ web, appState, store, creating, tools, acts, ending, memory }),
  };
}
