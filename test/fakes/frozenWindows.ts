import type { Presence } from '../../src/windows/leaderElection';
import type { Journal } from '../../src/platform/journal';
import { patientFiles } from '../../src/platform/patience';
import { LeaderLease, type Need } from '../../src/windows/leaderLease';
import type { Clock } from '../../src/platform/clock';
import type { ManualClock } from './manualClock';
import { LogBook } from './setup';

/** After this time, ms, a lock may be taken away. */
const STALE = 4_000;
const RETRY = 10;

/** A file on a slow disk, with a lock that a frozen owner loses. */
export class SharedFile {
  text = '';
  lock: { readonly owner: symbol; readonly since: number } | undefined;
  isBroken = false;
  isSilent = false;
  readonly heartbeats = new Map<string, number>();
  /** How often the file was read or its lock renewed, and how often it was written. */
  asked = 0;
  writes = 0;
}

/** A window that can freeze between any two steps of its work, wake up, die, and be closed. */
export class FrozenWindow {
  readonly log = new LogBook();
  readonly leadership: LeaderLease;
  presence: Presence = { isWatched: false, isFocused: false, inUse: [], saving: [] };
  need: Need = 'guard';
  work: string | undefined;
  /** How far the wall clock is ahead, ms. */
  wallOffset = 0;
  isDead = false;
  isFrozen = false;
  #parked: (() => void)[] = [];

  constructor(
    private readonly world: ManualClock,
    private readonly file: SharedFile,
    /** How long each step at the disk takes, ms. */
    private readonly latency = 0,
    /** Steady clocks start at different values. */
    private readonly steadyOffset = 0,
  ) {
    const files = patientFiles(() => this.#journal(), this.#clock);
    this.leadership = new LeaderLease({
      journal: () => Promise.resolve(files('windows')),
      presence: () => this.presence,
      work: () => this.work,
      need: () => this.need,
      hear: () => Promise.resolve(),
      clock: this.#clock,
      log: this.log,
    });
    this.leadership.replan();
  }

  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
    for (const run of this.#parked.splice(0)) run();
  }

  die(): void {
    this.isDead = true;
  }

  close(): void {
    this.isDead = true;
    this.leadership.dispose();
  }

  /** Runs once this window is awake; never if it is dead. */
  #whenAwake(run: () => void): void {
    if (this.isDead) return;
    if (this.isFrozen) this.#parked.push(() => this.#whenAwake(run));
    else run();
  }

  #step(): Promise<void> {
    return new Promise((resolve) => {
      if (this.file.isSilent) return;
      if (this.latency === 0) return this.#orLeaving(resolve);
      this.world.after(this.latency, () => this.#orLeaving(resolve));
    });
  }

  /** A window that is being closed still finishes its last work. */
  #orLeaving(run: () => void): void {
    if (this.isDead && !this.isFrozen) run();
    else this.#whenAwake(run);
  }

  get #clock(): Clock {
    return {
      now: () => this.world.now() + this.wallOffset,
      monotonic: () => this.world.now() + this.steadyOffset,
      after: (ms, run) => this.world.after(ms, () => this.#whenAwake(run)),
    };
  }

  #journal(): Journal {
    const { file, world } = this;
    const me = Symbol('owner');
    let isInside = false;
    const failing = () => (file.isBroken ? Promise.reject(new Error('EIO')) : Promise.resolve());
    return {
      read: async () => {
        file.asked++;
        await this.#step();
        await failing();
        return file.text;
      },
      append: () => Promise.reject(new Error('not here')),
      replace: async (text) => {
        await this.#step();
        await failing();
        if (file.lock?.owner !== me) throw new Error('the lock was taken away');
        file.text = text;
        file.writes++;
      },
      heartbeat: async (who) => {
        file.asked++;
        await this.#step();
        await failing();
        file.heartbeats.set(who, (file.heartbeats.get(who) ?? 0) + 1);
        if (isInside && file.lock?.owner !== me) throw new Error('the lock was taken away');
      },
      heartbeats: async () => {
        await this.#step();
        await failing();
        return new Map(file.heartbeats);
      },
      rest: async (who) => {
        await failing();
        file.heartbeats.delete(who);
      },
      exclusively: async (work) => {
        await failing();
        while (file.lock && world.now() - file.lock.since <= STALE)
          await new Promise<void>((resolve) => world.after(RETRY, () => this.#orLeaving(resolve)));
        file.lock = { owner: me, since: world.now() };
        try {
          await this.#step();
          isInside = true;
          return await work();
        } finally {
          isInside = false;
          if (file.lock.owner === me) file.lock = undefined;
        }
      },
    };
  }
}
