import os from 'node:os';
import { ensureCodeServer } from '../vscode/codeServerInstall';

/** The load of the machine in the last minute, in processes. */
export const load = (): number => os.loadavg()[0] ?? 0;

/** What figures depend on, without naming the machine. */
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
