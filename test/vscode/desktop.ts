import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { onPath } from './processes';
import { patient } from './slowness';
import { reachable } from './waiting';

const DOWNLOADS = 'https://update.code.visualstudio.com/api/releases/stable';
const EDITORS = ['code', 'codium', 'code-insiders', 'cursor'];

/** Whether there is a screen that a person may look at. */
export function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

/**
 * Whether a desktop program started here shows up before the person: not in a terminal of a remote VS Code, nor in WSL,
 * where `code` is the Windows one and cannot use folders of this side.
 */
export const isDesktop = (): boolean =>
  hasDisplay() && !process.env['VSCODE_IPC_HOOK_CLI'] && !process.env['WSL_DISTRO_NAME'];

/** An installed desktop VS Code, or one of its close relatives. */
export const findEditor = (): string | undefined => EDITORS.map(onPath).find((file) => file !== undefined);

export const canDownloadVSCode = async (): Promise<boolean> => reachable(DOWNLOADS);

export interface Display {
  readonly env: NodeJS.ProcessEnv;
  close(): void;
}

/** A display for a desktop VS Code: the existing one, or a virtual one where Xvfb is installed. */
export async function openDisplay(): Promise<Display | undefined> {
  if (hasDisplay()) return { env: {}, close: () => undefined };
  const xvfb = onPath('Xvfb');
  if (!xvfb) return undefined;
  // Xvfb picks a free display and writes its number to this descriptor once it is ready.
  const child = spawn(xvfb, ['-displayfd', '1', '-screen', '0', '1400x900x24'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ready = once(child.stdout, 'data', { signal: AbortSignal.timeout(patient(10_000)) });
  const number = await ready.then(([chunk]) => String(chunk).trim()).catch(() => undefined);
  if (number) return { env: { DISPLAY: `:${number}` }, close: () => void child.kill() };
  child.kill();
  return undefined;
}
