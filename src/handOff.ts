import { agentsOf } from './agents/ui/agents';
import type { Agents } from './agents/ui/registering';
import { Wallet } from './agents/wallet';
import type { App } from './app';
import type { Web } from './comfyui/client';
import type { Memory } from './platform/memory';
import type { Secrets } from './platform/secrets';
import type { SettingsReader } from './platform/settings';
import type { CreateFlow } from './sidebar/ui/createCommands';
import type { EndContext } from './sidebar/ui/endSessions';
import type { RunTask } from './sidebar/ui/handedIn';
import { followLink } from './sidebar/ui/links';
import { tasksOf } from './sidebar/ui/tasks';
import { spendingLimitFrom } from './spending/spendingLimits';
import type { Surfaces } from './surfaces';
import type { Workflows } from './workflows';
import type * as vscode from 'vscode';

export interface HandOff {
  /** A link that the system passes to VS Code. */
  readonly follow: (uri: vscode.Uri) => Promise<void>;
  readonly runTask: RunTask;
  readonly agents: Agents;
}

interface Flows {
  readonly creating: CreateFlow;
  readonly workflows: Pick<Workflows, 'tools'>;
  readonly ending: EndContext;
}

interface Context {
  readonly web: Web & { readonly log: { readonly secrets: Pick<Secrets, 'hide'> } };
  readonly workspaceMemory: Memory;
  readonly settings: SettingsReader;
  readonly report: (error: unknown) => void;
}

/** What others ask for: links, tasks and agents. No decision is made here. */
export function createHandOff(
  { appState, store, acts, money, outputs: { bytes }, windows }: App,
  { tabs, browsers }: Surfaces,
  { creating, workflows: { tools }, ending }: Flows,
  { web, workspaceMemory: memory, settings, report }: Context,
): HandOff {
  const mostADay = () => spendingLimitFrom(settings.get<unknown>('agents.most', 5)) ?? 0n;
  const wallet = new Wallet(windows.common('agents.json'), () => ({ ...appState(), mostADay: mostADay() }));
  const hide = (text: string) => web.log.secrets.hide(text);
  const sessions = { web, appState, store, creating, tools, acts, ending };
  return {
    follow: (uri) => followLink(uri, { store, creating, tabs, browsers }).catch(report),
    runTask: tasksOf({ ...sessions, memory }),
    agents: agentsOf({ ...sessions, money, bytes, wallet, mostADay, hide }),
  };
}
