import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { State } from '../processes/messages';
import { WindowProcess } from '../processes/windowProcess';
import type { Control } from '../simulator/control';
import { startSimulator } from '../simulator/simulator';
import { PERSON } from './start';

const SECOND = 1_000;
/** The longest that no window leads. */
const LONGEST_GAP = 10 * SECOND;
const WINDOWS = 5;
/** How often the server is asked while a session starts. */
const PACE = 3 * SECOND;
const OBSERVED = 4 * PACE;

/** Announcements about what runs since earlier, and about its coming end. */
const SAID = ['remind', 'warn'];

const NOT_HERE = process.platform === 'win32' && 'Windows cannot freeze a process';

test(
  'five windows ask and warn as one, and another one takes over when it is killed or frozen',
  { skip: NOT_HERE },
  async (t) => {
    const { control, windows } = await setupProcesses(t);

    const first = await untilOneHolds(windows);
    await until(windows, 'all show what there is', (states) => states.every(({ sessions }) => sessions === 2));
    control.clearRequests();
    await pause(OBSERVED);
    const asked = control.counts()['GET /api/sessions'] ?? 0;
    const states = await askAll(windows);
    t.diagnostic(
      `${WINDOWS} windows asked ${asked} times in ${OBSERVED / SECOND} s; one may ask every ${PACE / SECOND} s`,
    );
    assert.ok(asked >= 2 && asked <= OBSERVED / PACE + 1, `${asked} requests`);
    assert.ok(
      states.every(({ age }) => age <= 2 * PACE + 2 * SECOND),
      'and all know what it learnt',
    );
    assert.deepEqual(noticesOf(states), SAID);

    const { notices: saidByFirst } = await first.ask();
    first.kill();
    const second = await measureGap(t, 'killed', windows);
    second.freeze();
    const third = await measureGap(t, 'frozen', windows);
    assert.equal(new Set([first, second, third]).size, 3);

    second.thaw();
    const woken = [await second.ask(), await second.ask(true)].map(({ isLeader }) => isLeader);
    assert.deepEqual(woken, [false, false], 'who wakes up and was replaced steps down');
    const after = await askAll(windows, true);
    assert.equal(after.filter(({ isLeader }) => isLeader).length, 1);
    assert.deepEqual(noticesOf([...after, { notices: saidByFirst }]), SAID, 'what one has said, no other says again');
    assert.deepEqual(
      after.flatMap(({ failures }) => failures),
      [],
    );
  },
);

async function setupProcesses(t: TestContext): Promise<{ control: Control; windows: readonly WindowProcess[] }> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'windows-'));
  const simulator = await startSimulator({ startUpMs: 600 * SECOND });
  const { control, apiUrl } = simulator;
  const { id: machineId } = control.addMachine({ ...PERSON, name: 'sd-box' });
  await control.addSession({ machineId, minutesLeft: 4.5 });
  await control.addSession({ machineId, state: 'starting' });
  const windows = Array.from({ length: WINDOWS }, () => new WindowProcess(folder, apiUrl, control.keys()[0]!.token));
  t.after(async () => {
    for (const window of windows) window.kill();
    await simulator.close();
    fs.rmSync(folder, { recursive: true, force: true });
  });
  return { control, windows };
}

const askAll = (windows: readonly WindowProcess[], confirms?: boolean): Promise<State[]> =>
  Promise.all(windows.filter(({ canAnswer }) => canAnswer).map((window) => window.ask(confirms)));

const noticesOf = (states: readonly Pick<State, 'notices'>[]) => states.flatMap(({ notices }) => notices).sort();

async function until(windows: readonly WindowProcess[], what: string, is: (states: readonly State[]) => boolean) {
  const giveUpAt = performance.now() + 2 * LONGEST_GAP;
  while (!is(await askAll(windows))) {
    assert.ok(performance.now() < giveUpAt, what);
    await pause(100);
  }
}

/** The leader. The windows get no other question, so that heartbeats are only their own. */
async function untilOneHolds(windows: readonly WindowProcess[]): Promise<WindowProcess> {
  const giveUpAt = performance.now() + 2 * LONGEST_GAP;
  for (;;) {
    const able = windows.filter(({ canAnswer }) => canAnswer);
    const states = await askAll(able);
    const holders = able.filter((_, n) => states[n]?.isLeader);
    assert.ok(holders.length <= 1, 'never two');
    if (holders[0]) return holders[0];
    assert.ok(performance.now() < giveUpAt, 'one of them leads');
    await pause(50);
  }
}

async function measureGap(t: TestContext, fate: string, windows: readonly WindowProcess[]): Promise<WindowProcess> {
  const since = performance.now();
  const next = await untilOneHolds(windows);
  const gap = performance.now() - since;
  t.diagnostic(`after the one that led was ${fate}, another one had it ${(gap / SECOND).toFixed(1)} s later`);
  assert.ok(gap < LONGEST_GAP);
  return next;
}
