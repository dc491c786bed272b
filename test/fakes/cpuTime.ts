import fs from 'node:fs';

// Times are compared only with each other, never with a number of seconds, and only time on a processor counts: a slow
// machine stretches both times alike, and a busy one changes neither.

/**
 * Linux reports here how long this thread has been on a processor, in ns. The process's time would include garbage
 * collection on other threads.
 */
const OWN_TIME = '/proc/thread-self/schedstat';
const file = fs.existsSync(OWN_TIME) ? fs.openSync(OWN_TIME, 'r') : undefined;
const line = Buffer.alloc(128);
/** Some systems have the file but always report 0. */
const isCounted = ownTime() > 0;

/** Of this thread so far, ms; elsewhere than on Linux that of all threads of the process. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage(); // with this the system brings its figures up to date
  return isCounted ? ownTime() : (user + system) / 1_000;
}

function ownTime(): number {
  if (file === undefined) return 0;
  const length = fs.readSync(file, line, 0, line.length, 0);
  return Number.parseInt(line.toString('latin1', 0, length), 10) / 1_000_000;
}
