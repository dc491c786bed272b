import fs from 'node:fs';

let pending = 0;

/** Files are read and written outside the event loop: whoever waits for all work to finish must wait for them too. */
export const isDiskPending = (): boolean => pending > 0;

type Work = (...args: unknown[]) => unknown;

/** The same work, counted while it runs. */
function counted(work: Work): Work {
  return async (...args) => {
    pending++;
    try {
      return await work(...args);
    } finally {
      pending--;
    }
  };
}

function countIn(owner: object, name: string, real: unknown): void {
  if (typeof real !== 'function') return;
  Object.defineProperty(owner, name, { value: counted(real.bind(owner) as Work), configurable: true, writable: true });
}

const IN_A_FILE = ['read', 'readFile', 'write', 'truncate', 'stat', 'sync', 'datasync', 'close'] as const;

const { open } = fs.promises;
for (const [name, real] of Object.entries(fs.promises)) if (name !== 'watch') countIn(fs.promises, name, real);
countIn(fs.promises, 'open', async (...args: Parameters<typeof open>) => {
  const file = await open(...args);
  for (const name of IN_A_FILE) countIn(file, name, Reflect.get(file, name));
  return file;
});
