import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Presence } from '../../src/windows/leaderElection';
import type { PreferencesChange } from '../../src/sessions/preferences';
import { MachineId, type SessionId } from '../../src/comfydeploy/model';
import { NO_SPENDING_LIMITS } from '../../src/spending/spendingLimits';
import { findSession, sessionsOf } from '../../src/sessions/snapshot';
import { StormyDisk } from '../fakes/stormyDisk';
import { sessionId } from '../fakes/setup';
import { turn } from '../fakes/until';
import { assertBilled } from './billed';
import { GuardJudge } from './guardJudge';
import { PERSON } from './start';
import { mishap, trouble, Troubles } from './troubles';
import { userOf, Windows, type User, type Window } from './windows';
import { USUAL_SETTINGS } from '../fakes/guardSettings';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Not a full second, since the server leaves out the seconds of such times. */
const MORNING = Date.UTC(2030, 0, 1, 12) + 123;
const MOST_SESSIONS = 4;
/** The longest that an end takes without faults: readings, heartbeats, the countdown, and one retry. */
const END_TAKES = 5 * MINUTE;
const COUNTDOWN = MINUTE;

/** A freeze right after the guardian has written its decision. */
const ambush = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  {
    weight: 2,
    arbitrary: fc.record(
      {
        /** How many moments after the write. */
        moments: fc.nat(30),
        seconds: fc.constantFrom(4, 9, 25, 70, 600),
        /** Whether somebody queues a prompt in a browser meanwhile. */
        isUsed: fc.boolean(),
      },
      { noNullPrototype: true },
    ),
  },
);

const quietTape = fc.constant<readonly never[]>([]);
const stormyTape = fc.array(mishap, { minLength: 2, maxLength: 16 });

export const guardedStep = fc.record(
  {
    what: fc.constantFrom(
      ...(['render', 'render', 'render', 'wait', 'wait', 'keep', 'use', 'lookAway', 'extend', 'prefer'] as const),
      ...(['save', 'create', 'cancel', 'restart', 'unreadable'] as const),
    ),
    window: fc.nat(1),
    session: fc.nat(2),
    /** The length of a render, of a saving, or of a time in which the queue cannot be read. */
    seconds: fc.constantFrom(5, 20, 45, 150, 400, 1_200),
    minutes: fc.constantFrom(0, 1, 3),
    isPreferred: fc.boolean(),
    /** Seconds until the next step. */
    wait: fc.constantFrom(1, 12, 40, 75, 140, 300),
    tape: fc.oneof({ weight: 2, arbitrary: quietTape }, { weight: 1, arbitrary: stormyTape }),
    trouble,
    ambush,
  },
  { noNullPrototype: true },
);
export type GuardedStep = typeof guardedStep extends fc.Arbitrary<infer T> ? T : never;

const usual = fc.record(
  {
    keepAlive: fc.constantFrom(true, true, false),
    endWhenIdle: fc.constantFrom(undefined, undefined, 1, 3),
    finishThenEnd: fc.constantFrom(false, false, false, false, true),
    endAt: fc.constant(undefined),
    lease: fc.constant(undefined),
  },
  { noNullPrototype: true },
);

/** The user's settings in each of two editors. */
export const settings = fc.record(
  {
    usual: fc.tuple(usual, usual),
    keepAliveUpTo: fc.constantFrom(0, 4, 7, 15, 60),
    /** Dollars for a session. */
    spendingLimit: fc.constantFrom(undefined, undefined, 0.2, 0.5),
    saveBeforeEnd: fc.boolean(),
    /** For the sessions that run in the morning. */
    minutesLeft: fc.array(fc.constantFrom(4, 8, 8, 20, 60), { minLength: 1, maxLength: 2 }),
    /** Their work at that time, seconds. */
    rendering: fc.constantFrom(0, 100, 500, 1_500),
    /** Windows of one editor, or of two that have a folder in common, or none. */
    are: fc.constantFrom('oneEditor', 'editors', 'apart'),
  },
  { noNullPrototype: true },
);
export type GuardSettings = typeof settings extends fc.Arbitrary<infer T> ? T : never;

interface Guarded extends Window {
  readonly user: User;
  /** Its user turns to it, or away. */
  readonly turn: () => void;
}

/** Two windows of one user whose guardians keep sessions that render and end those that do not. */
export class GuardedDay {
  readonly #machineId: MachineId;
  readonly #disks: readonly [StormyDisk, StormyDisk];
  readonly #common: StormyDisk | undefined;
  readonly #open: [Guarded, Guarded];
  readonly #troubles: Troubles;
  readonly #judge: GuardJudge;
  #ambush: GuardedStep['ambush'];
  #presses = 0;

  private constructor(
    readonly windows: Windows,
    private readonly set: GuardSettings,
  ) {
    this.#machineId = MachineId.parse(windows.simulator.control.addMachine({ ...PERSON, name: 'sd-box' }).id);
    this.#disks = [windows.disk, set.are === 'oneEditor' ? windows.disk : new StormyDisk(windows.clock)];
    this.#common = set.are === 'editors' ? new StormyDisk(windows.clock) : undefined;
    const disks = this.#common ? ([this.#common, this.#common] as const) : this.#disks;
    this.#troubles = new Troubles(windows, disks, (nth) => this.#open[nth]!);
    this.#judge = new GuardJudge(windows, this.#troubles, { ...set, isApart: set.are === 'apart' });
    windows.onLeaving = (request) => this.#judge.leaving(request);
    windows.onWritten = (name, life) => name.startsWith('guard') && void this.#spring(life);
    this.#open = [this.#another(0), this.#another(1)];
  }

  static async begin(set: GuardSettings): Promise<GuardedDay> {
    const windows = await Windows.start({ comfyUi: 'inMemory', frozenAt: MORNING });
    const day = new GuardedDay(windows, set);
    for (const minutesLeft of set.minutesLeft) {
      const { control } = windows.simulator;
      const { id } = await control.addSession({ machineId: day.#machineId, minutesLeft, gpu: 'A10G' });
      if (set.rendering > 0) windows.renders.of(id)?.render(set.rendering * SECOND);
    }
    await windows.advance(5 * SECOND);
    return day;
  }

  async live({ tape, trouble: befalls, ambush: laid, wait, ...step }: GuardedStep): Promise<void> {
    if (tape.length > 0) this.windows.record(tape);
    this.#ambush = laid;
    void this.#troubles.befall(befalls);
    await this.#act(step);
    this.windows.record([]);
    await this.windows.advance(wait * SECOND);
    this.#ambush = undefined;
    this.#judge.assertRight();
  }

  /** To be called without faults, when nobody does anything any more. */
  async assertAllIsWell(): Promise<void> {
    const { clock, simulator, renders } = this.windows;
    await this.#troubles.pass();
    for (const [nth, { user }] of this.#open.entries()) {
      Object.assign(user, { isFocused: false, isWatched: false, inUse: [], saving: [] });
      this.#judge.gone(nth);
    }
    for (const work of renders.all) {
      work.comfyUi.failing = 'nothing';
      work.finishAll();
    }
    await this.windows.advance(3 * MINUTE + COUNTDOWN + END_TAKES);
    this.#judge.assertRight();
    for (const { id, endedAt, deadline } of simulator.control.sessions()) {
      if (endedAt !== null || (deadline !== null && deadline - clock.now() < 2 * MINUTE)) continue;
      for (const { app } of this.#open) {
        const { endWhenIdle, finishThenEnd } = app.appState().preferencesOf(sessionId(id));
        // An editor that nobody looks at, and that has not heard of the session, does not ask the server.
        const isKnown = findSession(app.store.snapshot, sessionId(id)) !== undefined;
        assert.ok(!isKnown || (!finishThenEnd && endWhenIdle === undefined), 'what was idle for so long has ended');
      }
    }
    assert.ok(simulator.control.bill().created <= this.#presses, 'no session without a request');
    assert.deepEqual(this.windows.failures, []);
    await this.#assertBilled();
  }

  async end(): Promise<void> {
    for (const { crash } of this.#open) crash();
    await this.windows.close();
  }

  /** The receipts of every editor, read by a window that saw nothing of this day. */
  async #assertBilled(): Promise<void> {
    const { control } = this.windows.simulator;
    for (const { crash } of this.#open) crash();
    for (const { id, endedAt } of control.sessions()) if (endedAt === null) await control.endSession(id);
    await control.advance(5 * MINUTE);
    for (const disk of new Set(this.#disks)) {
      const last = this.windows.open({}, disk, { common: this.#common });
      last.guard(); // it must keep the lead, since only the leader compares with the bill
      await assertBilled(this.windows, last);
      last.crash();
    }
  }

  /** Freezes the window that has just written a decision, a few moments later. */
  async #spring(life: Window['life']): Promise<void> {
    const laid = this.#ambush;
    if (!laid) return;
    this.#ambush = undefined;
    for (let n = 0; n < laid.moments; n++) await turn();
    this.windows.mishaps++;
    this.#troubles.freeze({ life }, laid.seconds * SECOND);
    if (laid.isUsed)
      this.windows.clock.after(2 * SECOND, () => this.windows.renders.all.forEach((work) => work.render(5 * MINUTE)));
  }

  async #act({
    what,
    window: nth,
    session,
    seconds,
    minutes,
    isPreferred,
  }: Omit<GuardedStep, 'tape' | 'trouble' | 'ambush' | 'wait'>): Promise<void> {
    const window = this.#open[nth]!;
    const id = sessionsOf(window.app.store.snapshot).filter(({ phase }) => phase === 'ready')[session]?.id;
    if (what === 'create') return this.#create(window, seconds);
    if (what === 'restart') return this.#restart(nth);
    if (what === 'lookAway') return this.#turn(nth, { isFocused: false, isWatched: false, inUse: [] });
    if (id === undefined) return;
    const work = this.windows.renders.of(id);
    if (what === 'render') work?.render(seconds * SECOND);
    if (what === 'unreadable') this.#judge.fail(id, seconds, isPreferred);
    if (what === 'use') this.#use(nth, id);
    if (what === 'save') this.#save(nth, id, seconds);
    if (what === 'keep') await this.#keep(nth, id);
    if (what === 'prefer') await this.#prefer(nth, id, { endWhenIdle: minutes, keepAlive: isPreferred });
    if (what === 'extend') await this.#extend(window, id, Math.max(1, minutes));
    if (what === 'cancel') await this.#cancel(window, id);
  }

  async #create({ app }: Guarded, seconds: number): Promise<void> {
    const { control } = this.windows.simulator;
    if (control.sessions().filter(({ endedAt }) => endedAt === null).length >= MOST_SESSIONS) return;
    this.#presses++;
    const request = { machineId: this.#machineId, gpu: 'T4', minutes: seconds < 100 ? 6 : 30 };
    await this.windows.finish(app.store.create(request));
  }

  #restart(nth: number): void {
    this.#judge.gone(nth);
    this.#open[nth]!.crash();
    this.#open[nth] = this.#another(nth);
  }

  #use(nth: number, id: SessionId): void {
    this.#turn(1 - nth, { isFocused: false, isWatched: false, inUse: [] });
    this.#turn(nth, { isFocused: true, isWatched: true, inUse: [id] });
  }

  #turn(nth: number, presence: Partial<User>): void {
    const { user, turn: react } = this.#open[nth]!;
    Object.assign(user, presence);
    this.#judge.uses(nth, user.inUse);
    react();
  }

  #save(nth: number, id: SessionId, seconds: number): void {
    const { user } = this.#open[nth]!;
    user.saving = [id];
    this.#judge.saves(nth, user.saving);
    this.windows.clock.after(seconds * SECOND, () => {
      user.saving = [];
      this.#judge.saves(nth, []);
    });
  }

  async #keep(nth: number, id: SessionId): Promise<void> {
    const { guardian } = this.#open[nth]!.app;
    const done = this.#judge.kept(nth, id);
    if (await this.windows.finish(guardian.keep(id).then(() => true))) done();
  }

  async #prefer(nth: number, id: SessionId, change: PreferencesChange): Promise<void> {
    const { guardian } = this.#open[nth]!.app;
    const done = this.#judge.preferred(nth, id, change);
    if (await this.windows.finish(guardian.prefer(id, change).then(() => true))) done();
  }

  /** As the command does. */
  async #extend({ app: { store, money } }: Guarded, id: SessionId, minutes: number): Promise<void> {
    this.#judge.extended(id, minutes);
    if (await this.windows.finish(store.extend(id, minutes)))
      await this.windows.finish(money.recorder.note(id, { kind: 'extended', by: 'you' }));
    this.#judge.handsOff(id);
  }

  async #cancel({ app: { store, money }, life }: Guarded, id: SessionId): Promise<void> {
    this.#judge.cancelled(id, life);
    void money.recorder.note(id, { kind: 'ended', by: 'you' });
    await this.windows.finish(store.end(id));
  }

  #another(nth: number): Guarded {
    const { keepAliveUpTo, saveBeforeEnd, spendingLimit } = this.set;
    const user = userOf();
    const session = spendingLimit === undefined ? undefined : BigInt(Math.round(spendingLimit * 1e9));
    const window = this.windows.open(
      {
        guardSettings: () => ({
          ...USUAL_SETTINGS,
          usual: this.set.usual[this.set.are === 'apart' ? nth : 0]!,
          keepAliveUpTo,
          saveBeforeEnd,
        }),
        display: () => ({
          showUnavailable: true,
          warnAt: [15, 5, 1],
          spendingLimits: { ...NO_SPENDING_LIMITS, session },
        }),
        presence: (): Presence => user,
      },
      this.#disks[nth],
      { common: this.#common },
    );
    this.#judge.opened(nth, window);
    return { ...window, user, turn: window.guard() };
  }
}
