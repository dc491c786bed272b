import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import type { Files, Journal } from '../../src/platform/journal';
import { filesIn } from '../../src/platform/node/journalFile';
import { Day, step } from './day';
import { guardedStep, GuardedDay, settings } from './guardedDay';
import { isWanted, liveThrough } from './manyLives';
import type { Storage, Windows } from './windows';

/** How many lives share one that uses a real disk, which is slow and as loaded as the machine. */
const ON_DISK_ONE_IN = 40;

const household = fc.record({
  kind: fc.constantFrom('together', 'shared', 'apart', 'apartAndAlone'),
  storage: fc.nat(ON_DISK_ONE_IN - 1),
});

/** Half of the lives are about the user's requests, and half about the guardian's. */
const asked = fc.record({
  kind: fc.constant('asked' as const),
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
  household,
});
const guarded = fc.record({
  kind: fc.constant('guarded' as const),
  steps: fc.array(guardedStep, { minLength: 2, maxLength: 9 }),
  settings,
});
const life = fc.oneof(asked, guarded);
type Life = typeof life extends fc.Arbitrary<infer T> ? T : never;

test('whatever is lost, cut, late, frozen or killed: no session is billed twice or unseen, and no render ended', async (t) => {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'lives-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const total = { lives: 0, guarded: 0, mishaps: 0, created: 0, ended: 0, extended: 0 };
  const live = async (one: Life) => {
    const windows = one.kind === 'asked' ? await liveAsAsked(one, root) : await liveGuarded(one);
    const bill = windows.simulator.control.bill();
    total.lives++;
    total.mishaps += windows.mishaps;
    total.created += bill.created;
    if (one.kind === 'asked') return;
    total.guarded++;
    total.ended += bill.cancelled;
    total.extended += bill.extended;
  };
  const summary = () =>
    `${total.lives} lives, ${total.mishaps} mishaps, ${total.created} sessions created; ` +
    `${total.guarded} with guardians, ${total.ended} ends, ${total.extended} extensions`;
  const longestMs = Number(process.env['LIVES_SECONDS'] ?? (isWanted ? Infinity : 90)) * 1_000;
  await liveThrough(t, life, live, { lives: 120, longestMs, path: process.env['LIVES_PATH'], summary });
});

async function liveAsAsked(
  { steps, household: one }: Extract<Life, { kind: 'asked' }>,
  root: string,
): Promise<Windows> {
  const isOnDisk = one.storage === 0;
  const day = await Day.begin({
    // thousands of heartbeats are slow on a real disk
    isShared: !isOnDisk && (one.kind === 'shared' || one.kind === 'apart'),
    isApart: !isOnDisk && one.kind.startsWith('apart'),
    ...(isOnDisk ? { storage: onDisk(fs.mkdtempSync(path.join(root, 'life-'))) } : {}),
  });
  try {
    for (const step of steps) await day.live(step);
    await day.assertNoPhantoms();
    return day.windows;
  } finally {
    await day.end();
  }
}

async function liveGuarded({ steps, settings: wanted }: Extract<Life, { kind: 'guarded' }>): Promise<Windows> {
  const day = await GuardedDay.begin(wanted);
  try {
    for (const step of steps) await day.live(step);
    await day.assertAllIsWell();
    return day.windows;
  } finally {
    await day.end();
  }
}

/** Real files; the clock waits for them. */
function onDisk(folder: string): (windows: Windows) => Storage {
  return (windows) => ({ filesOf: () => awaited(filesIn(folder), windows) });
}

function awaited(files: Files, windows: Windows): Files {
  const during = <T>(work: () => Promise<T>) => windows.during(work);
  return (name) => {
    const file = files(name);
    const door = new Door(windows);
    return {
      read: () => during(() => file.read()),
      append: (line) => during(() => file.append(line)),
      replace: (text, isLasting) => during(() => file.replace(text, isLasting)),
      heartbeat: (who) => during(() => file.heartbeat(who)),
      heartbeats: (whom) => during(() => file.heartbeats(whom)),
      rest: (who) => during(() => file.rest(who)),
      exclusively: (work) => door.pass(file, work),
    };
  };
}

/**
 * A window that waits for a real lock waits in real time, so the clock must wait, too: otherwise it would run on for
 * minutes, and every waiting window would give up. The clock does not wait behind a holder of the same window: the
 * holder's work may take the clock's time.
 */
class Door {
  #waiting = 0;
  #inside = 0;
  #release: (() => void) | undefined;

  constructor(private readonly windows: Windows) {}

  async pass<T>(file: Journal, work: () => Promise<T>): Promise<T> {
    const enter = async () => {
      this.#move(-1, 1);
      return work().finally(() => this.#move(1, -1)); // it leaves
    };
    this.#move(1, 0);
    return file.exclusively(enter).finally(() => this.#move(-1, 0));
  }

  #move(waiting: number, inside: number): void {
    this.#waiting += waiting;
    this.#inside += inside;
    const isHeld = this.#waiting > 0 && this.#inside === 0;
    if (!isHeld) this.#release?.();
    if (!isHeld) this.#release = undefined;
    else if (!this.#release) void this.windows.during(() => new Promise<void>((open) => (this.#release = open)));
  }
}
