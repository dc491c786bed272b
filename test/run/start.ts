import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startBrowserEditor } from './browserEditor';
import { buildBundles } from './build';
import { demoFolder } from './demoFolder';
import { desktopExecutable } from './desktopChoice';
import { startDesktopEditor } from './desktopEditor';
import type { Editor, EditorOptions, Progress } from './editor';
import { startSimulatorProcess, type SimulatorProcess } from './simulatorProcess';
import { HELP, parseStartOptions, type StartOptions } from './startOptions';

const print: Progress = (line) => void process.stdout.write(`${line}\n`);

/** What was started so far; it ends in the opposite order. */
class Started {
  readonly #steps: (() => Promise<void> | void)[] = [];
  #ending: Promise<void> | undefined;

  endBy(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  async end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) await step();
  }
}

async function start(options: StartOptions, started: Started): Promise<Editor> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'comfy-'));
  started.endBy(() => fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const simulator = await startSimulatorProcess(options.world);
  started.endBy(() => simulator.close());
  const editor = await openEditor(options, forSimulator(simulator, folder, options.signedIn));
  started.endBy(() => editor.close());
  print('Ctrl+C ends everything.');
  print(`(The extension talks to a simulated ComfyDeploy at ${simulator.url}: not for opening.)`);
  return editor;
}

async function openEditor(options: StartOptions, editor: EditorOptions): Promise<Editor> {
  const executable = await desktopExecutable(options, print);
  if (!executable) {
    const { port, open, preset = 'newest' } = options;
    return startBrowserEditor({ ...editor, preset, port, open, progress: print });
  }
  await buildBundles('extension');
  print(`Opening ${executable}`);
  return startDesktopEditor(executable, editor);
}

const forSimulator = ({ url, apiUrl, key }: SimulatorProcess, folder: string, signedIn: boolean): EditorOptions => ({
  folder,
  workspace: demoFolder(path.join(folder, 'workflows')),
  settings: { 'comfydeploy.apiUrl': apiUrl, 'comfydeploy.dashboardUrl': url },
  env: signedIn ? { COMFYDEPLOY_API_KEY: key, COMFYDEPLOY_API_URL: apiUrl } : {},
});

async function main(): Promise<void> {
  const options = parseStartOptions(process.argv.slice(2));
  if (options === 'help') return print(HELP);
  const started = new Started();
  const starting = start(options, started);
  // Lets a start that is in progress finish, so that it can be ended properly.
  const stop = () => void starting.then(noop, noop).then(() => started.end().finally(() => process.exit(0)));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  try {
    const editor = await starting;
    await editor.closed;
  } finally {
    await started.end();
  }
}

const noop = (): void => undefined;

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
