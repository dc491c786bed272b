import os from 'node:os';
import { ensureCodeServer } from '../vscode/codeServerInstall';

/** What figures depend on, in words that name no machine. */
export async function machineFacts(progress: (line: string) => void): Promise<string> {
  const [load = 0] = os.loadavg(); // read before anything of ours runs
  const { vscodeVersion } = await ensureCodeServer('newest', progress);
  const cores = os.availableParallelism();
  return [
    `${cores} cores`,
    `${Math.round(os.totalmem() / 2 ** 30)} GiB of memory`,
    `${os.type()} ${process.arch}`,
    `Node ${process.versions.node}`,
    `VS Code ${vscodeVersion} served to a headless Chromium`,
    `load average ${load.toFixed(1)} before the start`,
  ].join(', ');
}
