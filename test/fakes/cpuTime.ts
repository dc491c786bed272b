import fs from 'node:fs';

// Times are held against each other only, never against a number of seconds, and only time on a processor counts: a slow
// machine stretches both, and a busy one neither.

/** Where Linux tells how long this thread has been on a processor, in ns; other threads clear away memory meanwhile. */
const OWN_TIME = '/proc/thread-self/schedstat';
const ownTime = fs.existsSync(OWN_TIME) ? fs.openSync(OWN_TIME, 'r') : undefined;
const line = Buffer.alloc(128);

/** Of this thread so far, ms; elsewhere than on Linux that of all threads of the process. */
export function cpuTime(): number {
  if (ownTime !== undefined) {
    const length = fs.readSync(ownTime, line, 0, line.length, 0);
    return Number.parseInt(line.toString('latin1', 0, length), 10) / 1_000_000;
  }
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
