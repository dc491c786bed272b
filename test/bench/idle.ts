import fs from 'node:fs';
import path from 'node:path';
import { filesIn } from '../../src/platform/node/journalFile';
import type { Clock } from '../../src/platform/clock';
import type { Files } from '../../src/platform/journal';
import { Freezer } from '../fakes/freezer';
import { startSimulator } from '../simulator/simulator';
import { furnish, stillClock } from './account';
import { inWorld } from './editor';
import { atMost, milliseconds, type Figure, type Measurement } from './figure';

const MINUTE = 60_000;
/** Work that is done once after the start is finished by then. */
const WARM_UP = 15 * MINUTE;
const MEASURED = 60 * MINUTE;
const TEN_MINUTES = 10 * MINUTE;
const LIMITS = { requests: 0, writes: 100, cpuMs: 50 };

interface State {
  readonly name: string;
  readonly isSignedIn: boolean;
  readonly sessions: number;
}

const STATES: readonly State[] = [
  { name: 'Signed out', isSignedIn: false, sessions: 0 },
  { name: 'Nothing runs', isSignedIn: true, sessions: 0 },
  { name: 'A session runs', isSignedIn: true, sessions: 1 },
];

/** The work of a window in the measured time. */
interface Done {
  requests: number;
  writes: number;
  timers: number;
  /** ms. */
  shortest: number;
  cpuMs: number;
}

export const idle: Measurement = {
  name: 'idle',
  title: 'A window that nobody looks at',
  method:
    'The whole extension, in an editor without a screen, with its view hidden and its files on a real disk; requests, ' +
    'timers and writes (files opened to be written, renamed or touched, and what VS Code is given to keep) are counted ' +
    'over an hour of simulated time that begins a quarter of an hour after the start. Processor time is that of ten ' +
    'minutes of it; while a session runs it is that of the simulated server, too.',
  async measure({ folder }) {
    const figures: Figure[] = [];
    for (const [index, state] of STATES.entries())
      figures.push(...figuresOf(state, await live(state, path.join(folder, `idle${index}`))));
    return figures;
  },
};

async function live({ isSignedIn, sessions }: State, folder: string): Promise<Done> {
  const done = { requests: 0, writes: 0, timers: 0, shortest: Infinity, cpuMs: 0 };
  const clock = stillClock();
  await using simulator = await startSimulator({ clock, comfyUi: false });
  await furnish(simulator, { machines: 10, sessions, minutesLeft: 600 });
  const watched = new Watched(folder, done);
  const stop = watchDisk(done);
  try {
    return await inWorld(
      simulator,
      clock,
      async (world) => {
        if (isSignedIn) await world.keepKey(world.keys.mine);
        await world.activate();
        world.view.setVisible(false);
        await world.advance(WARM_UP);
        const update = world.memory.update.bind(world.memory);
        world.memory.update = (key, value) => (done.writes++, update(key, value));
        simulator.control.clearRequests();
        Object.assign(done, { writes: 0, timers: 0, shortest: Infinity });
        const before = process.cpuUsage();
        await world.advance(MEASURED);
        const { user, system } = process.cpuUsage(before);
        const cpuMs = ((user + system) / 1_000) * (TEN_MINUTES / MEASURED);
        return { ...done, cpuMs, requests: simulator.control.requests().length };
      },
      watched,
    );
  } finally {
    stop();
  }
}

/** Counts timers that go off (a cancelled one wakes nothing), and keeps files on a disk. */
class Watched extends Freezer {
  constructor(
    private readonly folder: string,
    private readonly done: Pick<Done, 'timers' | 'shortest'>,
  ) {
    super();
  }

  override clockOf(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after: (ms, run) =>
        clock.after(ms, () => {
          this.done.timers++;
          this.done.shortest = Math.min(this.done.shortest, ms);
          run();
        }),
    };
  }

  override filesOf(): Files {
    return filesIn(this.folder);
  }
}

/** @returns a function that stops counting. */
function watchDisk(done: Pick<Done, 'writes'>): () => void {
  const { open, writeFile, rename, lutimes } = fs.promises;
  const counted =
    <A extends readonly unknown[], R>(work: (...args: A) => R, isWrite: (...args: A) => boolean = () => true) =>
    (...args: A): R => {
      if (isWrite(...args)) done.writes++;
      return work(...args);
    };
  const { O_RDONLY, O_WRONLY, O_RDWR } = fs.constants;
  const isForWriting = (_: unknown, flags: unknown = O_RDONLY) =>
    typeof flags === 'number' ? (flags & (O_WRONLY | O_RDWR)) !== 0 : flags !== 'r';
  Object.assign(fs.promises, {
    open: counted(open, isForWriting),
    writeFile: counted(writeFile),
    rename: counted(rename),
    lutimes: counted(lutimes),
  });
  return () => void Object.assign(fs.promises, { open, writeFile, rename, lutimes });
}

function figuresOf({ name, sessions }: State, done: Done): readonly Figure[] {
  const hasTargets = sessions === 0;
  const { requests, writes, timers, shortest, cpuMs } = done;
  const wait = Number.isFinite(shortest) ? `${(shortest / 1_000).toFixed(0)} s` : 'none';
  return [
    row(`${name}: requests an hour`, requests, hasTargets ? LIMITS.requests : undefined),
    row(`${name}: writes an hour`, writes, hasTargets ? LIMITS.writes : undefined),
    {
      name: `${name}: shortest timer`,
      value: wait,
      note: `${timers} timers an hour`,
      ...(hasTargets ? { target: { text: 'none under 60 s', isMet: shortest >= MINUTE } } : {}),
    },
    {
      name: `${name}: processor time in ten minutes`,
      value: milliseconds(cpuMs),
      ...(hasTargets ? { target: atMost(cpuMs, LIMITS.cpuMs, milliseconds(LIMITS.cpuMs)) } : {}),
    },
  ];
}

function row(name: string, value: number, limit: number | undefined): Figure {
  return { name, value: `${value}`, ...(limit === undefined ? {} : { target: atMost(value, limit, `${limit}`) }) };
}
