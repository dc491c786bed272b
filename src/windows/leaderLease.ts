import type { Logger } from '../platform/logger';
import type { SessionId } from '../comfydeploy/model';
import type { Clock } from '../platform/clock';
import { Emitter, type Disposable, type Event } from '../platform/emitter';
import {
  elect,
  isHeartbeatDue,
  isNews,
  LEASE,
  NOBODY,
  observe,
  parseRegister,
  presenceOf,
  type Me,
  type Presence,
  type Register,
  type SeenHeartbeats,
} from './leaderElection';
import type { Heartbeats, Journal } from '../platform/journal';
import { MINUTE } from '../platform/units';

/** The leader of all windows asks the server, warns and acts. */
export interface Leadership {
  /** As of the last heartbeat, and only while that is fresh. */
  readonly isLeader: boolean;
  /**
   * Checks with the others: true only if this window still leads, and then nobody takes over for some seconds. Call it
   * before every act and notice.
   */
  confirm(): Promise<boolean>;
  readonly onDidChange: Event<boolean>;
  /** What the living windows report: whether the user looks, sessions in use, and sessions being saved. */
  readonly presence: {
    readonly isWatched: boolean;
    readonly inUse: ReadonlySet<SessionId>;
    readonly saving: ReadonlySet<SessionId>;
  };
}

/** Whether this window needs a leader, only news of others, or nothing because nobody is signed in. */
export type Need = 'guard' | 'hear' | 'nothing';

export interface LeaderLeaseOptions {
  /** The register of the windows of the account in use. */
  readonly journal: () => Promise<Journal>;
  readonly presence: () => Presence;
  /** The readings to share while this window leads. */
  readonly work: () => string | undefined;
  readonly need: () => Need;
  /** Reads what other windows have begun, while this window knows of nothing to guard. */
  readonly hear: () => Promise<unknown>;
  readonly clock: Clock;
  readonly log: Logger;
}

const HEARTBEAT = 2_000;
/** With nothing to guard, how often to check what other windows have begun, ms. */
const GLANCE = 10_000;
/** The same while the view is not visible here, ms. */
const RARE_GLANCE = MINUTE;
/** How long the lead is kept after the last end, which still has to be announced and recorded, ms. */
const LINGER = 30_000;
/** After so many failures of the disk in a row, the election is given up. */
const FAILURES = 3;
/** Timers are late and clocks differ by less, ms, unless the computer slept, the window froze, or a clock was set. */
const JUMP = 3_000;

/** This window's part in the election. Does nothing before `start`. */
export class LeaderLease implements Leadership, Disposable {
  readonly #changed = new Emitter<boolean>();
  readonly onDidChange = this.#changed.event;
  readonly #jumped = new Emitter<void>();
  /** Time has passed unnoticed, or a clock was set: what is known may be wrong. */
  readonly onDidJump = this.#jumped.event;
  readonly #looked = new Emitter<Register>();
  /** Fires after every reading of the register. */
  readonly onDidLook = this.#looked.event;
  readonly #id = crypto.randomUUID();
  #heartbeats = 0;
  #beatAt = Number.NEGATIVE_INFINITY;
  #neededAt = Number.NEGATIVE_INFINITY;
  /** Of the first reading. */
  #joinedAt = Number.POSITIVE_INFINITY;
  #need: Need = 'nothing';
  #register: Register = NOBODY;
  #seen: SeenHeartbeats = new Map();
  #journal: Journal | undefined;
  #failures = 0;
  #hasWarned = false;
  #wasLeader = false;
  #running: Promise<void> | undefined;
  #timer: Disposable | undefined;
  #isOver = false;
  #epoch = 0;

  constructor(private readonly options: LeaderLeaseOptions) {}

  get isLeader(): boolean {
    if (!this.isWorking) return this.#isNeeded; // rather every window guards than none
    return this.#register.holder === this.#id && this.#now - this.#beatAt < LEASE;
  }

  /** Whether no other window is known. */
  get isAlone(): boolean {
    return this.#register.windows.every(({ id }) => id === this.#id);
  }

  /** Whether the windows can elect one of them; false once the disk has failed too often. */
  get isWorking(): boolean {
    return this.#failures < FAILURES;
  }

  /** Whether another window is known to lead. */
  get isTaken(): boolean {
    const { holder } = this.#register;
    return this.isWorking && holder !== undefined && holder !== this.#id;
  }

  get presence(): Leadership['presence'] {
    const { isWatched, inUse, saving } = presenceOf(this.#register, this.#me(), this.#seen, this.#now);
    return { isWatched, inUse: new Set(inUse), saving: new Set(saving) };
  }

  /** Whether another window is alive; undefined while a registered one may still be alive or gone. */
  get hasCompany(): boolean | undefined {
    const isAlive = ({ id }: { readonly id: string }) => this.#now - (this.#seen.get(id)?.at ?? this.#now) < LEASE;
    if (!this.#register.windows.some((one) => one.id !== this.#id && isAlive(one))) return false;
    return this.#now - this.#joinedAt >= LEASE ? true : undefined;
  }

  /** What each of the other editors is set to do. */
  get wanted(): readonly string[] {
    return presenceOf(this.#register, this.#me(), this.#seen, this.#now).wanted;
  }

  /** False if this window did not lead when asked, even if it takes over now: another window may just have acted. */
  async confirm(): Promise<boolean> {
    const wasLeader = this.isLeader;
    while (this.#running) await this.#running; // it may have begun long ago
    await this.#begin(true);
    return wasLeader && this.isLeader;
  }

  /** The need may have changed. */
  replan(): void {
    if (this.options.need() !== this.#need) void this.look();
  }

  /** Reads the register and updates this window's entry. Never rejects. */
  look(): Promise<void> {
    return this.#running ?? this.#begin(false);
  }

  /** @param isConfirming holds the lock, so that no other window can take the lead at the same moment. */
  #begin(isConfirming: boolean): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    this.#running = this.#lookOnce(isConfirming).finally(() => {
      this.#running = undefined;
      this.#plan();
    });
    return this.#running;
  }

  /**
   * Changes the shared register; counts as a heartbeat. Short work only, no requests.
   * @throws what the disk throws.
   */
  async alter(change: (register: Register) => Register | Promise<Register>): Promise<void> {
    const epoch = this.#epoch;
    const journal = await this.options.journal();
    await journal.exclusively(async () => {
      const now = this.#now;
      const before = parseRegister(await journal.read());
      const register = await change(before);
      const heartbeats = await heartbeatsOf(register, journal);
      if (epoch !== this.#epoch) return;
      this.#seen = observe(register, heartbeats, this.#seen, now);
      const isNew = register !== before || isNews(register, this.#me(), this.#seen, now);
      const next = isNew ? elect(register, this.#me(++this.#heartbeats), this.#seen, now) : register;
      if (isNew) await journal.replace(JSON.stringify(next), false);
      if (next.windows.some(({ id }) => id === this.#id)) await journal.heartbeat(this.#id);
      if (epoch !== this.#epoch) return void this.#leave(journal);
      this.#beatAt = now;
      this.#learn(next);
    });
  }

  /** Another account is in use: the lead of this one is given up. */
  reset(): void {
    this.#epoch++;
    if (this.#journal) void this.#leave(this.#journal);
    this.#journal = undefined;
    this.#register = NOBODY;
    this.#seen = new Map();
    this.#beatAt = this.#neededAt = Number.NEGATIVE_INFINITY;
    this.#joinedAt = Number.POSITIVE_INFINITY;
    this.#need = 'nothing';
    this.#notify();
  }

  dispose(): void {
    this.#isOver = true;
    this.#timer?.dispose();
    for (const emitter of [this.#changed, this.#jumped, this.#looked]) emitter.dispose();
    this.reset();
  }

  get #isNeeded(): boolean {
    return this.#now - this.#neededAt < LINGER;
  }

  get #now(): number {
    return this.options.clock.monotonic();
  }

  #me(beat = this.#heartbeats): Me {
    const { presence, work } = this.options;
    return { id: this.#id, beat, isNeeded: this.#isNeeded, work: work(), ...presence() };
  }

  async #lookOnce(isConfirming: boolean): Promise<void> {
    try {
      await this.#exchange(isConfirming);
      this.#failures = 0;
    } catch (error) {
      this.#failures++;
      if (this.#failures === FAILURES) this.#warn(error);
    }
    if (!this.#isOver) this.#notify();
  }

  async #exchange(isConfirming: boolean): Promise<void> {
    const { journal, need, hear } = this.options;
    const epoch = this.#epoch;
    if (need() === 'hear') await hear();
    this.#need = need();
    if (this.#need === 'guard') this.#neededAt = this.#now;
    if (this.#need === 'nothing') return;
    const file = await journal();
    const now = this.#now;
    // A window that checks us after this sees the heartbeat; one that took the lead before is seen below.
    const isBeating = isHeartbeatDue(this.#register, this.#me(), now - this.#beatAt);
    if (isBeating) await file.heartbeat(this.#id);
    const register = parseRegister(await file.read());
    const heartbeats = await heartbeatsOf(register, file);
    if (epoch !== this.#epoch) return;
    this.#journal = file;
    this.#seen = observe(register, heartbeats, this.#seen, this.#now);
    if (isConfirming || isNews(register, this.#me(), this.#seen, this.#now)) return this.alter((same) => same);
    if (isBeating) this.#beatAt = now;
    this.#learn(register);
  }

  #learn(register: Register): void {
    this.#joinedAt = Math.min(this.#joinedAt, this.#now);
    this.#register = register;
    this.#looked.fire(register);
  }

  #warn(error: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.options.log.warn(`Windows cannot tell each other what they do, so each of them guards for itself: ${reason}`);
  }

  #notify(): void {
    const { isLeader } = this;
    if (isLeader === this.#wasLeader) return;
    this.#wasLeader = isLeader;
    this.#changed.fire(isLeader);
  }

  #plan(): void {
    this.#timer?.dispose();
    if (this.#isOver || this.#need === 'nothing') return;
    const { clock } = this.options;
    const ms = this.#isNeeded ? Math.min(HEARTBEAT, this.#untilFree()) : this.#glance;
    const due = clock.monotonic() + ms;
    const lead = clock.now() - clock.monotonic();
    this.#timer = clock.after(ms, () => {
      const isLate = clock.monotonic() - due > JUMP || Math.abs(clock.now() - clock.monotonic() - lead) > JUMP;
      void this.look().then(() => isLate && !this.#isOver && this.#jumped.fire());
    });
  }

  get #glance(): number {
    return this.options.presence().isWatched ? GLANCE : RARE_GLANCE;
  }

  /** When the lead may be taken from a silent window, ms from now. After a failed reading, nothing is taken. */
  #untilFree(): number {
    if (this.#failures > 0) return HEARTBEAT;
    const { holder } = this.#register;
    const seen = holder === undefined || holder === this.#id ? undefined : this.#seen.get(holder);
    return seen ? Math.max(1, seen.at + LEASE - this.#now) : HEARTBEAT;
  }

  /** Leaves at once, so that nobody has to wait for our silence. */
  async #leave(journal: Journal): Promise<void> {
    const me = { ...this.#me(), isNeeded: false };
    const seen = this.#seen;
    const leave = async () => {
      const register = parseRegister(await journal.read());
      if (!register.windows.some(({ id }) => id === me.id)) return;
      await journal.replace(JSON.stringify(elect(register, me, seen, this.#now)), false);
      await journal.rest(me.id);
    };
    await journal.exclusively(leave).catch(() => undefined); // then they wait for our silence
  }
}

function heartbeatsOf({ windows }: Register, journal: Journal): Promise<Heartbeats> {
  return journal.heartbeats(windows.map(({ id }) => id));
}
