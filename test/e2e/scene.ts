import assert from 'node:assert/strict';
import { startSimulator, type Simulator, type SimulatorOptions } from '../simulator/simulator';
import { eventually } from '../vscode/waiting';
import { startWindow, type EditorWindow, type WindowOptions } from './harness';
import type { Workbench } from './workbench';

export interface SceneOptions extends WindowOptions, Pick<SimulatorOptions, 'world' | 'startUpMs'> {
  /** The account whose key is in the environment. */
  readonly signedInAs?: 'demo' | 'studio';
  /** Runs before the window opens. */
  readonly furnish?: (simulator: Simulator) => Promise<void> | void;
}

export interface Scene {
  readonly window: EditorWindow;
  readonly simulator: Simulator;
  readonly control: Simulator['control'];
}

/** A simulated ComfyDeploy and a VS Code window connected to it, while `act` runs. */
export async function withScene(options: SceneOptions, act: (scene: Scene) => Promise<void>): Promise<void> {
  const { signedInAs, furnish, settings = {}, env = {} } = options;
  await using simulator = await startSimulator(options);
  const { control, apiUrl, url } = simulator;
  await furnish?.(simulator);
  const [personal, studio] = control.keys();
  const key = signedInAs === undefined ? undefined : signedInAs === 'demo' ? personal : studio;
  const window = await startWindow({
    ...options,
    settings: { 'comfydeploy.apiUrl': apiUrl, 'comfydeploy.dashboardUrl': url, ...settings },
    env: { ...(key === undefined ? {} : { COMFYDEPLOY_API_KEY: key.token, COMFYDEPLOY_API_URL: apiUrl }), ...env },
  });
  try {
    await window.openView();
    await act({ window, simulator, control });
  } catch (error) {
    await window.screenshot('failure');
    const shown = `    On show: ${await window.whatIsOnShow().catch(String)}`;
    const said = `    VS Code said: ${JSON.stringify(await window.said())}`;
    if (error instanceof Error) error.stack = `${error.stack ?? error.message}\n${shown}\n${said}`;
    throw error;
  } finally {
    await window.close();
  }
}

const PATIENCE_MS = 30_000;

/** Waits for what must come true. */
export async function until(what: string, condition: () => Promise<boolean> | boolean): Promise<void> {
  assert.ok(await eventually(condition, PATIENCE_MS), `${what}: waited for in vain`);
}

/** Waits until the rows read so; on failure, the last reading shows the difference. */
export async function untilRows(window: Workbench, expected: readonly (string | RegExp)[]): Promise<void> {
  const reads = async () => {
    const rows = await window.rows();
    return rows.length === expected.length && rows.every((row, index) => isLike(row, expected[index]));
  };
  if (await eventually(reads, PATIENCE_MS)) return;
  assert.deepEqual(await window.rows(), expected);
}

function isLike(row: string, expected: string | RegExp | undefined): boolean {
  return expected instanceof RegExp ? expected.test(row) : row === expected;
}
