import { patient } from '../vscode/slowness';

/** Generous, ms: only a failing test waits this long. */
const PATIENCE_MS = 20_000;

/** One turn of the event loop: everything that was ready to run has run. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Resolves with the first value; looks again after every turn of the event loop. */
export async function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  const giveUpAt = performance.now() + patient(PATIENCE_MS);
  while (performance.now() < giveUpAt) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    await turn();
  }
  throw new Error(`Waited in vain: ${what}.`);
}

/** The result of the work, or a failure if it never settles: a test must not hang. */
export async function soon<T>(what: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`Waited in vain: ${what}.`)), patient(PATIENCE_MS));
  });
  return Promise.race([work, over]).finally(() => clearTimeout(timer));
}
