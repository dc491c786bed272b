import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { patient } from './slowness';

const POLL_MS = 50;

/** Polls until the condition holds; returns false after `timeoutMs` of a quiet machine. */
export async function eventually(condition: () => Promise<boolean> | boolean, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + patient(timeoutMs);
  while (!(await condition())) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

const STILL_MS = 10_000;

/** During long work, prints now and then that it is still running. */
export async function saying<T>(progress: (line: string) => void, work: Promise<T>): Promise<T> {
  const began = performance.now();
  const tick = setInterval(() => progress(`  ${Math.round((performance.now() - began) / 1000)} s`), STILL_MS);
  return work.finally(() => clearInterval(tick));
}

/** A loopback port that nothing listens on at the moment. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('No free loopback port.')),
      );
    });
  });
}

/**
 * Whether the address answers at all. False if the network refuses, or is silent for `timeoutMs` of a quiet machine.
 */
export async function reachable(url: string, timeoutMs = 4_000): Promise<boolean> {
  try {
    const response = await fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(patient(timeoutMs)) });
    return response.status < 400;
  } catch {
    return false;
  }
}
