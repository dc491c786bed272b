import fc from 'fast-check';
import { MachineId, type SessionId } from '../../src/comfydeploy/model';
import { shortfallOf } from '../../src/guardian/queueCover';
import { NO_SPENDING_LIMITS } from '../../src/spending/spendingLimits';
import { findSession } from '../../src/sessions/snapshot';
import { StormyDisk } from '../fakes/stormyDisk';
import { sessionId } from '../fakes/setup';
import { PERSON } from './start';
import { mishap } from './troubles';
import { userOf, Windows, type User, type Window } from './windows';
import { NO_PREFERENCES, USUAL_SETTINGS } from '../fakes/guardSettings';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const MORNING = Date.UTC(2030, 0, 1, 12) + 123;
export const LEASE = 15 * MINUTE;
/** How often a queue is read, and so how much later the end of a render is seen. */
const READING = 20 * SECOND;
/** A session that is stopped at its deadline is billed for some more seconds. */
const STOPPING = 30 * SECOND;
/** A run here takes at most this many times the mean. The guardian allows a tenth more, and a minute. */
const SPARE = 1.1;

export const scene = fc.record(
  {
    /** What the user does in this scene. */
    what: fc.constantFrom('use', 'use', 'leave', 'queue', 'queue', 'wait', 'unreadable'),
    runs: fc.integer({ min: 1, max: 9 }),
    seconds: fc.constantFrom(10, 45, 120, 300, 600, 1_200),
    tape: fc.oneof(
      { weight: 4, arbitrary: fc.constant<readonly never[]>([]) },
      { weight: 1, arbitrary: fc.array(mishap, { minLength: 1, maxLength: 6 }) },
    ),
  },
  { noNullPrototype: true },
);

export const lifeOfLaptop = fc.record(
  {
    scenes: fc.array(scene, { minLength: 3, maxLength: 9 }),
    /**
     * When it dies, within the time of the scenes: mostly after some renewals, or while the session is being requested.
     */
    dies: fc.oneof(
      { weight: 4, arbitrary: fc.double({ min: 0, max: 1, noNaN: true }) },
      { weight: 5, arbitrary: fc.double({ min: 0.6, max: 1, noNaN: true }) },
      { weight: 1, arbitrary: fc.constant(0) },
    ),
    milliseconds: fc.nat(15_000),
    windows: fc.constantFrom(1, 1, 2),
    /** Windows of one editor, or of two that have a folder in common, or none. */
    are: fc.constantFrom('oneEditor', 'editors', 'apart'),
    /** How long a run takes, seconds. */
    run: fc.constantFrom(20, 90, 200, 420),
  },
  { noNullPrototype: true },
);
export type LifeOfLaptop = typeof lifeOfLaptop extends fc.Arbitrary<infer T> ? T : never;

export interface Death {
  /** Time that was paid for after the last sign of use, ms. */
  readonly overpaid: number;
  /**
   * The limit for that: one lease, or as far as a queue was covered, or one more lease where the queue could not be
   * read.
   */
  readonly allowed: number;
  /** Runs that the guardian reported as covered, and how many of them were lost. */
  readonly covered: number;
  readonly lost: number;
  readonly renewals: number;
}

/** One session on a lease; all windows that look after it die at one moment. */
export class Laptop {
  readonly #common: StormyDisk;
  readonly #users: User[] = [];
  readonly #open: Window[] = [];
  readonly #turns: (() => void)[] = [];
  #id: SessionId | undefined;
  #usedAt = MORNING;
  #unreadableAt = Number.NEGATIVE_INFINITY;
  #coveredTo = Number.NEGATIVE_INFINITY;

  private constructor(
    readonly windows: Windows,
    private readonly life: LifeOfLaptop,
  ) {
    this.#common = new StormyDisk(windows.clock);
  }

  static async live(life: LifeOfLaptop): Promise<Death> {
    const windows = await Windows.start({ comfyUi: 'inMemory', frozenAt: MORNING });
    const laptop = new Laptop(windows, life);
    try {
      await laptop.#begin();
      return await laptop.#die();
    } finally {
      for (const { crash } of laptop.#open) crash();
      await windows.close();
    }
  }

  async #begin(): Promise<void> {
    const { windows, life } = this;
    const machineId = MachineId.parse(windows.simulator.control.addMachine({ ...PERSON, name: 'sd-box' }).id);
    for (let nth = 0; nth < life.windows; nth++) this.#another(nth);
    const [first] = this.#open;
    const preferences = { lease: windows.clock.now() };
    const created = first?.app.store.create({ machineId, gpu: 'A10G', minutes: 15, preferences });
    created?.catch(() => undefined);
    const total = life.scenes.reduce((sum, { seconds }) => sum + seconds * SECOND, 0);
    let left = Math.round(life.dies * total) + life.milliseconds;
    await this.#pass(Math.min(left, 12 * SECOND));
    left -= 12 * SECOND;
    for (const one of life.scenes) {
      if (left <= 0) return;
      this.#act(one);
      await this.#pass(Math.min(left, one.seconds * SECOND));
      left -= one.seconds * SECOND;
    }
  }

  #act({ what, runs, seconds, tape }: LifeOfLaptop['scenes'][number]): void {
    const work = this.#id && this.windows.renders.of(this.#id);
    if (tape.length > 0) this.windows.record(tape);
    if (what === 'use' && this.#id) this.#look([this.#id]);
    if (what === 'leave') this.#look([]);
    if (what === 'queue') for (let n = 0; n < runs; n++) work?.queue(this.life.run * SECOND * (1 + (n % 3) / 40));
    if (what === 'unreadable' && work) {
      work.comfyUi.failing = 'everything';
      this.windows.clock.after(seconds * SECOND, () => (work.comfyUi.failing = 'nothing'));
    }
  }

  /** In small steps, so that the judge sees every sign of use. */
  async #pass(ms: number): Promise<void> {
    const end = this.windows.clock.now() + ms;
    while (this.windows.clock.now() < end) {
      await this.windows.advance(Math.min(5 * SECOND, end - this.windows.clock.now()));
      const [record] = this.windows.simulator.control.sessions();
      this.#id = record && sessionId(record.id);
      this.#see();
    }
  }

  #see(): void {
    const now = this.windows.clock.now();
    const work = this.#id && this.windows.renders.of(this.#id);
    if (this.#users.some(({ inUse }) => inUse.length > 0)) this.#usedAt = now;
    if (!work) return;
    if (work.comfyUi.failing !== 'nothing') this.#unreadableAt = now;
    if (!work.isBusy) return;
    this.#usedAt = now;
    const longest = this.life.run * SECOND * 1.05;
    this.#coveredTo = Math.max(this.#coveredTo, now + work.comfyUi.remaining * longest * SPARE + MINUTE);
  }

  async #die(): Promise<Death> {
    const { windows } = this;
    const { control } = windows.simulator;
    const diedAt = windows.clock.now();
    const promise = this.#promised();
    for (const { crash } of this.#open) crash();
    windows.record([]);
    const work = this.#id && windows.renders.of(this.#id);
    const done = () => work?.comfyUi.history.size ?? 0;
    const doneBefore = promise?.done ?? 0;
    // Requests that are on their way still arrive, or not.
    await windows.advance(2 * MINUTE);
    for (let hours = 0; hours < 6 && control.sessions().some(({ endedAt }) => endedAt === null); hours++) {
      const last = Math.max(...control.sessions().map(({ deadline }) => deadline ?? 0));
      await windows.advance(Math.max(SECOND, last - windows.clock.now()) + MINUTE);
    }
    const ends = control.sessions().map(({ endedAt, deadline }) => endedAt ?? deadline ?? 0);
    const end = Math.max(MORNING, ...ends);
    const rendered = work?.lastWorkBefore(Number.POSITIVE_INFINITY) ?? 0;
    const lastUse = Math.min(end, Math.max(this.#usedAt, rendered === Infinity ? end : rendered));
    const started = Math.max(MORNING, ...control.sessions().map(({ createdAt }) => createdAt));
    const allowed =
      STOPPING +
      Math.max(
        LEASE + READING,
        started + LEASE - lastUse,
        this.#coveredTo + READING - lastUse,
        Math.min(this.#unreadableAt, diedAt) + LEASE + READING - lastUse,
      );
    const covered = promise?.covered ?? 0;
    const lost = Math.max(0, covered - (done() - doneBefore));
    return { overpaid: end - lastUse, allowed, covered, lost, renewals: control.bill().extended };
  }

  /**
   * What an informed window would have reported in its last moment: how many runs will be done even without anybody.
   */
  #promised(): { readonly covered: number; readonly done: number } | undefined {
    const id = this.#id;
    if (!id) return undefined;
    for (const { app } of this.#open) {
      if (!app.windows.editors.isLeader) continue;
      const { work, now, snapshot } = app.appState();
      const read = work.get(id);
      const session = findSession(snapshot, id);
      if (!read || !session || !('endsAt' in session)) continue;
      const short = shortfallOf(read, session.endsAt, now);
      const finished = [...(this.windows.renders.of(id)?.comfyUi.history.values() ?? [])];
      const done = finished.filter((at) => at !== undefined && at <= read.readAt).length;
      return short && { covered: short.of - short.runs, done };
    }
    return undefined;
  }

  #look(inUse: readonly SessionId[]): void {
    const isThere = inUse.length > 0;
    for (const user of this.#users) Object.assign(user, { isFocused: isThere, isWatched: isThere, inUse });
    for (const turn of this.#turns) turn();
  }

  #another(nth: number): void {
    const user = userOf({ isWatched: true, isFocused: nth === 0 });
    const [isFirst, { are }] = [nth === 0, this.life];
    const disk = isFirst || are === 'oneEditor' ? this.windows.disk : new StormyDisk(this.windows.clock);
    const common = are === 'editors' ? this.#common : undefined;
    const lease = { minutes: LEASE / MINUTE, mostHours: 4 };
    const usual = { ...NO_PREFERENCES, ...(!isFirst && are === 'apart' ? { lease: { since: MORNING } } : {}) };
    const window = this.windows.open(
      {
        guardSettings: () => ({ ...USUAL_SETTINGS, usual, lease }),
        display: () => ({ warnAt: [15, 5, 1], spendingLimits: NO_SPENDING_LIMITS }),
        presence: () => user,
      },
      disk,
      { common },
    );
    this.#users.push(user);
    this.#open.push(window);
    this.#turns.push(window.guard());
  }
}
