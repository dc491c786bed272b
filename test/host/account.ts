import * as vscode from 'vscode';
import type { Control } from '../simulator/control';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { eventually } from '../vscode/waiting';

const PATIENCE_MS = 15_000;
export const ME = { userId: 'user_demo', orgId: null } as const;

/** A ComfyDeploy with quick starts; the extension uses it until `close`. */
export async function startAccount(): Promise<Simulator> {
  const simulator = await startSimulator({ startUpMs: 300 });
  await configure({ apiUrl: simulator.apiUrl, dashboardUrl: simulator.url });
  const close = async () => {
    await configure({ apiUrl: undefined, dashboardUrl: undefined });
    await simulator.close();
  };
  return { ...simulator, close };
}

export async function configure(settings: Readonly<Record<string, unknown>>): Promise<void> {
  const configuration = vscode.workspace.getConfiguration('comfydeploy');
  for (const [name, value] of Object.entries(settings))
    await configuration.update(name, value, vscode.ConfigurationTarget.Global);
}

/** @throws {Error} that names what was waited for. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  if (!(await eventually(condition, PATIENCE_MS))) throw new Error(`Waited in vain: ${what}.`);
}

/** Signs in with the browser. There is no person to accept, so the test accepts at the server. */
export async function signIn({ control }: Simulator): Promise<void> {
  const { token: api_key } = control.keys()[0]!;
  control.fault({
    path: '/api/platform/comfyui/auth-response',
    effect: { kind: 'answer', status: 200, body: { api_key, name: null } },
  });
  const signedIn = vscode.commands.executeCommand('comfydeploy.signIn');
  await until('the choice of a way to sign in', async () => {
    await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
    return asked(control, '/api/platform/comfyui/auth-response') > 0;
  });
  await signedIn;
  control.clearFaults();
}

/**
 * Refreshes and returns the requests it made. Starting a session requests the public prices first: once those have
 * arrived, the refresh has made its own requests as well.
 */
export async function askedByRefresh({ control }: Simulator): Promise<readonly string[]> {
  control.clearRequests();
  await vscode.commands.executeCommand('comfydeploy.refresh');
  await vscode.commands.executeCommand('comfydeploy.createSession');
  return control.requests().map(({ path }) => path);
}

/** How often this was requested and granted. */
export const answered = (control: Control, path: string): number =>
  control.requests().filter((request) => request.path === path && request.status === 200).length;

export const asked = (control: Control, path: string): number =>
  control.requests().filter((request) => request.path === path).length;
