import os from 'node:os';
import { ensureCodeServer } from '../vscode/codeServerInstall';

/** How much the machine had to do in the last minute, in processes. */
export const load = (): number => os.loadavg()[0] ?? 0;

/** What figures depend on, in words that name no machine. */
export async function machineText(progress: (line: string) => void): Promise<string> {
  const { vscodeVersion } = await ensureCodeServer('newest', progress);
  return [
    `${os.availableParallelism()} cores`,
    `${Math.round(os.totalmem() / 2 ** 30)} GiB of memory`,
    `${os.type()} ${process.arch}`,
    `Node ${process.versions.node}`,
    `VS Code ${vscodeVersion} served to a headless Chromium`,
  ].join(', ');
}
