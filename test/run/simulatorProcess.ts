import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline/promises';
import * as z from 'zod';
import { inProject } from '../vscode/project';
import { patient } from '../vscode/slowness';

const Announcement = z.object({ url: z.string(), apiUrl: z.string(), key: z.string() });

export interface SimulatorProcess extends z.output<typeof Announcement> {
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 20_000;

/** A simulated ComfyDeploy on a free loopback port, in a process of its own. */
export async function startSimulatorProcess(world: string): Promise<SimulatorProcess> {
  const program = inProject('dist', 'test', 'simulator.js');
  const child = spawn(process.execPath, [program, '--json', '--world', world], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: process.platform !== 'win32', // so that the terminal's Ctrl+C reaches only us; we end it last
  });
  const close = () => endOf(child);
  try {
    return { ...(await announcementOf(child)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function announcementOf(child: ChildProcess & { readonly stdout: NodeJS.ReadableStream }) {
  const timeout = setTimeout(() => child.kill(), patient(START_TIMEOUT_MS));
  try {
    for await (const line of createInterface({ input: child.stdout })) return Announcement.parse(JSON.parse(line));
    throw new Error('The simulator did not start.');
  } finally {
    clearTimeout(timeout);
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => {
    child.once('exit', resolve);
    child.kill();
  });
}
