import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { QUIET_SETTINGS } from '../vscode/codeServer';
import { PROJECT_ROOT } from '../vscode/project';
import { eventually } from '../vscode/waiting';
import type { Editor, EditorOptions } from './editor';
import { frontView } from './frontView';

const STOP_TIMEOUT_MS = 5_000;

/** Opens a desktop VS Code of its own, apart from the person's windows, with the extension as it is built. */
export function startDesktopEditor(executable: string, { folder, workspace, settings, env }: EditorOptions): Editor {
  const userData = path.join(folder, 'user');
  fs.mkdirSync(path.join(userData, 'User'), { recursive: true });
  fs.writeFileSync(
    path.join(userData, 'User', 'settings.json'),
    JSON.stringify({ ...QUIET_SETTINGS, ...settings }, null, 2),
  );
  const args = [
    workspace,
    `--extensionDevelopmentPath=${PROJECT_ROOT}`,
    `--extensionDevelopmentPath=${frontView(path.join(folder, 'front-view'))}`,
    `--user-data-dir=${userData}`,
    `--extensions-dir=${path.join(folder, 'extensions')}`,
    ...['--new-window', '--skip-welcome', '--skip-release-notes', '--disable-workspace-trust'],
    '--verbose', // keeps the command line tool running until VS Code has quit; its output is dropped
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
  const shell = process.platform === 'win32'; // there the command line tool is a batch file
  const child = spawn(shell ? `"${executable}"` : executable, shell ? args.map((arg) => `"${arg}"`) : args, {
    env: { ...outsideOfVSCode(), XDG_STATE_HOME: path.join(folder, 'state'), ...env },
    stdio: 'ignore',
    shell,
  });
  const closed = once(child, 'exit').then(() => undefined);
  const running = () => child.exitCode === null && child.signalCode === null;
  return {
    closed,
    async close() {
      if (!running()) return;
      terminate(mainProcess(userData) ?? child.pid);
      if (!(await eventually(() => !running(), STOP_TIMEOUT_MS))) child.kill('SIGKILL');
    },
  };
}

/** A terminal inside VS Code sets variables that mark its programs as belonging to that VS Code. */
function outsideOfVSCode(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VSCODE|ELECTRON|COMFYDEPLOY)_/.test(name)),
  );
}

/**
 * VS Code writes down which process owns a user data folder; the command line tool that started it is another process.
 */
function mainProcess(userData: string): number | undefined {
  const lock = path.join(userData, 'code.lock');
  if (!fs.existsSync(lock)) return undefined;
  return z.coerce.number().int().positive().safeParse(fs.readFileSync(lock, 'utf8')).data;
}

function terminate(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(pid);
  } catch {
    // It has quit by itself.
  }
}
