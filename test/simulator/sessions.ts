import { randomBytes, randomUUID } from 'node:crypto';
import type { SimulatorClock } from './clock';
import { Endings } from './endings';
import type { LogBook } from './logBook';
import type { Scope, SessionRecord } from './model';
import type { Settings } from './settings';
import { StartUp } from './startUp';

/** Where a session's ComfyUI lives. */
export interface Tunnels {
  open(session: SessionRecord): Promise<string>;
  close(sessionId: string): Promise<void>;
}

export interface NewSession {
  readonly scope: Scope;
  readonly machineId: string | null;
  readonly machineVersionId: string | null;
  readonly gpu: string | null;
  readonly timeoutMinutes: number;
  readonly keepsDeadline: boolean;
  readonly sandbox: boolean;
}

export interface Write {
  readonly kind: 'created' | 'extended' | 'timeoutFieldRaised' | 'cancelled';
  readonly sessionId: string;
  readonly at: number;
}

export interface SessionsOptions {
  readonly clock: SimulatorClock;
  readonly logs: LogBook;
  readonly tunnels: Tunnels;
  readonly settings: () => Settings;
  /** The container of a machine version crashed for that reason. */
  readonly crashed: (versionId: string, reason: string) => void;
}

const MINUTE = 60_000;
const LOGS_KEPT_MS = 10 * MINUTE;
const GAVE_UP = 'Reached timeout period 10 minutes, the session is closed.';
const AFTER_A_CRASH = [
  'Modal function failed with status: FAILURE',
  'Recommending rebuilding the machine to fix this issue.',
  'Failed to start session.',
];
const CONTAINER_LIMIT_MS = 24 * 60 * MINUTE;

/** The life of every session, from the request to the end of its container. */
export class Sessions {
  readonly #records = new Map<string, SessionRecord>();
  readonly #writes: Write[] = [];
  readonly #startUp: StartUp;
  readonly #endings: Endings;
  readonly #pending = new Set<Promise<void>>();
  /** Sessions that were closed although their containers come up or keep running. */
  readonly #leaked = new Set<string>();
  #waiting: readonly (() => boolean)[] = [];

  constructor(private readonly options: SessionsOptions) {
    this.#endings = new Endings(options.clock, (id, ending) => {
      if (ending === 'expired') this.#stop(id);
      else this.end(id);
    });
    this.#startUp = new StartUp(options, {
      called: (id, functionId) => {
        this.#change(id, { functionId: this.#records.get(id)?.functionId ?? functionId });
      },
      started: (id) => {
        const known = this.#leaked.has(id) ? undefined : this.#records.get(id)?.startedAt;
        this.#change(id, { startedAt: known ?? this.options.clock.now() });
        this.#planEnding(id);
        if (this.#leaked.has(id)) this.options.clock.after(CONTAINER_LIMIT_MS, () => this.end(id));
      },
      reachable: (id) => {
        this.#track(this.#openTunnel(id));
      },
      crashed: (id, reason) => {
        this.crash(id, reason);
      },
      gaveUp: (id) => {
        options.logs.write(id, GAVE_UP, options.clock.now());
        this.end(id);
      },
    });
  }

  all(): readonly SessionRecord[] {
    return [...this.#records.values()];
  }

  get(id: string): SessionRecord | undefined {
    return this.#records.get(id);
  }

  writes(): readonly Write[] {
    return this.#writes;
  }

  create(request: NewSession): SessionRecord {
    const { scope, timeoutMinutes, sandbox, ...input } = request;
    const now = this.options.clock.now();
    const session: SessionRecord = {
      ...scope,
      ...input,
      id: randomUUID(),
      gpuEventId: randomUUID(),
      createdAt: now,
      updatedAt: now,
      timeoutMinutes,
      deadline: request.keepsDeadline ? now + timeoutMinutes * MINUTE : null,
      functionId: null,
      startedAt: null,
      endedAt: null,
      url: null,
      stoppingAt: null,
    };
    this.#note('created', session.id);
    this.restore(session);
    this.#startUp.begin(session.id, functionIdOf(sandbox ? 'sb' : 'fc'));
    return this.#records.get(session.id) ?? session;
  }

  /** Adds a session as it is, without counting it as created by a request. */
  restore(session: SessionRecord): void {
    this.#records.set(session.id, session);
    if (session.endedAt !== null) return;
    this.options.logs.write(session.id, 'Creating session...', session.createdAt);
    this.#planEnding(session.id);
    if (session.stoppingAt !== null) this.#stopContainer(session.id);
  }

  beginStartUp(id: string): void {
    this.#startUp.begin(id, functionIdOf('fc'));
  }

  /** Makes its ComfyUI reachable without waiting for the clock. */
  async finishStartUp(id: string): Promise<void> {
    const session = this.#records.get(id);
    if (!session || session.endedAt !== null || session.url !== null) return;
    this.#startUp.finish(id, functionIdOf('fc'));
    await this.settled();
  }

  /** The container died during the start: four lines in its log report it, and the first has the reason. */
  crash(id: string, reason: string): void {
    const { logs, clock, crashed } = this.options;
    const version = this.#records.get(id)?.machineVersionId ?? undefined;
    if (version !== undefined) crashed(version, reason);
    for (const line of [`Session crashed in startup\n\n${reason}`, ...AFTER_A_CRASH]) logs.write(id, line, clock.now());
    this.#change(id, { startedAt: null }); // the row of a session that never came up has only one time
    this.end(id);
  }

  failNextStartUp(reason: string): void {
    this.#startUp.failNext(reason);
  }

  /** Moves the deadline; the session ends when it passes. */
  extend(id: string, minutes: number): void {
    const deadline = this.#records.get(id)?.deadline ?? null;
    if (deadline === null) return;
    this.#note('extended', id);
    this.#change(id, { deadline: deadline + minutes * MINUTE });
    this.#planEnding(id);
  }

  /** Raises the length asked for, which only ends sessions without a deadline. */
  raiseTimeoutField(id: string, minutes: number): void {
    const session = this.#records.get(id);
    if (!session) return;
    this.#note('timeoutFieldRaised', id);
    this.#change(id, { timeoutMinutes: (session.timeoutMinutes ?? 0) + minutes });
    this.#planEnding(id);
  }

  alter(id: string, change: Partial<SessionRecord>): void {
    this.#change(id, change);
    this.#planEnding(id);
  }

  cancel(id: string): 'stopping' | 'noContainer' {
    this.#note('cancelled', id);
    return this.#stop(id);
  }

  /** The container ends now. */
  end(id: string): void {
    const session = this.#records.get(id);
    if (!session || (session.endedAt !== null && !this.#leaked.delete(id))) return;
    this.#startUp.abandon(id);
    this.#endings.cancel(id);
    const now = this.options.clock.now();
    this.#change(id, { deadline: null, endedAt: now, startedAt: session.startedAt ?? now });
    this.options.clock.after(LOGS_KEPT_MS, () => {
      this.options.logs.forget(id);
    });
    this.#track(this.options.tunnels.close(id));
  }

  /** Resolves once the condition holds, checked after every change. */
  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const met = () => {
        if (!condition()) return false;
        resolve();
        return true;
      };
      if (!met()) this.#waiting = [...this.#waiting, met];
    });
  }

  /** Resolves once every ComfyUI that is opening or closing has finished. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #stop(id: string): 'stopping' | 'noContainer' {
    const session = this.#records.get(id);
    if (session && !session.functionId && this.options.settings().leaksEarlyCancels) return this.#leak(session);
    this.#startUp.abandon(id);
    this.#endings.cancel(id);
    this.#change(id, { deadline: null, stoppingAt: session?.stoppingAt ?? this.options.clock.now() });
    if (!session?.functionId) {
      this.end(id);
      return 'noContainer';
    }
    // A container that has not started is cancelled, and a sandbox is stopped, at once.
    if (session.startedAt === null || session.functionId.startsWith('sb-')) this.end(id);
    else if (session.stoppingAt === null) this.#stopContainer(id);
    return 'stopping';
  }

  /** The row is closed with the time of its creation; the call for the container is not cancelled. */
  #leak({ id, createdAt }: SessionRecord): 'noContainer' {
    this.#leaked.add(id);
    this.#endings.cancel(id);
    this.#change(id, { deadline: null, startedAt: createdAt, endedAt: createdAt });
    return 'noContainer';
  }

  #stopContainer(id: string): void {
    this.options.clock.after(this.options.settings().stopMs, () => {
      this.end(id);
    });
  }

  #planEnding(id: string): void {
    const session = this.#records.get(id);
    if (session) this.#endings.plan(session);
  }

  async #openTunnel(id: string): Promise<void> {
    const session = this.#records.get(id);
    if (!session) return;
    const url = await this.options.tunnels.open(session);
    const since = this.#records.get(id);
    const isUp = since?.endedAt === null && since.stoppingAt === null;
    if (isUp || this.#leaked.has(id)) return this.#change(id, { url });
    await this.options.tunnels.close(id);
  }

  #change(id: string, change: Partial<SessionRecord>): void {
    const session = this.#records.get(id);
    if (!session) return;
    this.#records.set(id, { ...session, ...change, updatedAt: this.options.clock.now() });
    this.#waiting = this.#waiting.filter((met) => !met());
  }

  #note(kind: Write['kind'], sessionId: string): void {
    this.#writes.push({ kind, sessionId, at: this.options.clock.now() });
  }

  #track(work: Promise<void>): void {
    this.#pending.add(work);
    void work.finally(() => this.#pending.delete(work));
  }
}

function functionIdOf(prefix: 'fc' | 'sb'): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}
