// Runs on a fresh clone with nothing but Node and npm: plain JavaScript, no dependency.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '..', '..');

const inProject = (...parts) => path.join(root, ...parts);

/** Installs what package-lock.json names, unless it is there already. Never runs a package's install script. */
export async function install() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    throw new Error(`Node 20 or newer is needed; this is ${process.versions.node}.`);
  }
  if (isInstalled()) return;
  process.stdout.write('Installing dependencies (a minute or two, once)\n');
  const script = process.env.npm_execpath;
  const direct = script?.endsWith('npm-cli.js');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const child = spawn(direct ? process.execPath : 'npm', direct ? [script, ...args] : args, {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: !direct && process.platform === 'win32', // there npm is a batch file
  });
  if ((await statusOf(child)) !== 0) throw new Error('`npm ci` failed; its reason is above.');
}

/** Waits for the child's exit status; meanwhile prints a line now and then, so that nobody thinks it hangs. */
async function statusOf(child) {
  const began = Date.now();
  const tick = setInterval(() => process.stdout.write(`  ${Math.round((Date.now() - began) / 1000)} s\n`), 10_000);
  try {
    return await new Promise((resolve) => {
      child.once('error', resolve);
      child.once('exit', resolve);
    });
  } finally {
    clearInterval(tick);
  }
}

function isInstalled() {
  const written = (file) => fs.statSync(inProject(file), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return written('node_modules/.package-lock.json') >= written('package-lock.json');
}

/** Builds only the named bundles of esbuild.js. */
export function build(...names) {
  const { status } = spawnSync(process.execPath, ['esbuild.js', `--only=${names.join(',')}`], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error(`The build of ${names.join(', ')} failed; its reason is above.`);
}

/** Gives the rest of the command line to a built program and ends as it ends. */
export function run(program) {
  const child = spawn(process.execPath, [inProject('dist', program), ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.once('exit', (code) => process.exit(code ?? 1));
  if (process.env.npm_lifecycle_event) whenOrphaned(() => child.kill('SIGTERM'));
}

/** npm passes a signal only to the shell between npm and this process: that shell's end is all we see of it. */
function whenOrphaned(act) {
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    act();
  }, 500);
}

/** Says in one sentence why nothing could start. */
export async function start(steps, lastLine) {
  try {
    await steps();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    if (lastLine) process.stdout.write(`${lastLine}\n`);
    process.exitCode = 1;
  }
}
