import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { patient } from './slowness';

export interface Finished {
  /** `undefined` when a signal or the time limit ended it, or when it could not be started. */
  readonly code: number | undefined;
  readonly output: string;
}

export interface RunOptions extends Pick<SpawnOptions, 'cwd' | 'env'> {
  /** Longest run time on a quiet machine. */
  readonly timeoutMs?: number;
  /** Longest time without output on a quiet machine. */
  readonly silenceMs?: number;
}

/** A process that does not end on request within this time, ms, is killed. */
const LAST_WORDS_MS = 5_000;

/** Runs a program to its end and keeps its output. Never throws, whatever the program does. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return new Promise((resolve) => {
    const { cwd, env, timeoutMs, silenceMs } = options;
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const endWithUs = () => void child.kill();
    process.prependOnceListener('exit', endWithUs);
    const limits = [limit(child, timeoutMs), limit(child, silenceMs)] as const;
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        limits[1].refresh();
      });
    const finish = (finished: Finished) => {
      process.off('exit', endWithUs);
      for (const one of limits) one.clear();
      resolve(finished);
    };
    child.once('error', (error) => finish({ code: undefined, output: error.message }));
    child.once('close', (code) => finish({ code: code ?? undefined, output: Buffer.concat(chunks).toString() }));
  });
}

function limit(child: ChildProcess, ms: number | undefined): { refresh(): void; clear(): void } {
  if (ms === undefined) return { refresh: () => undefined, clear: () => undefined };
  let last: NodeJS.Timeout | undefined;
  const timer = setTimeout(() => {
    child.kill();
    last = setTimeout(() => child.kill('SIGKILL'), patient(LAST_WORDS_MS));
  }, patient(ms));
  return {
    refresh: () => last ?? timer.refresh(),
    clear: () => [timer, last].forEach(clearTimeout),
  };
}

/** `run` that throws if the program fails. */
export async function mustRun(program: string, args: readonly string[], options?: RunOptions): Promise<string> {
  const { code, output } = await run(program, args, options);
  if (code === 0) return output;
  throw new Error(`${[path.basename(program), ...args].join(' ')} failed.\n${output.trim()}`);
}

/** How to start npm: program and first arguments, without a shell where npm's own script is known. */
export function npmCommand(): readonly [string, ...string[]] {
  const script = process.env['npm_execpath'];
  return script?.endsWith('npm-cli.js') ? [process.execPath, script] : ['npm'];
}

/** Where a program of that name lies on PATH. */
export function onPath(name: string): string | undefined {
  const suffixes = process.platform === 'win32' ? ['.exe', '.cmd'] : [''];
  return (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => folder !== '')
    .flatMap((folder) => suffixes.map((suffix) => path.join(folder, name + suffix)))
    .find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false; // not there, or not executable for us: the same to the caller
  }
}
