import type { Files, Journal } from '../../src/platform/journal';
import { createApp, type App, type Ports } from '../../src/app';
import { NO_SPENDING_LIMITS } from '../../src/spending/spendingLimits';
import type { SessionId } from '../../src/comfydeploy/model';
import type { Disposable } from '../../src/platform/emitter';
import { Rounds } from '../../src/windows/round';
import { LogBook } from '../fakes/setup';
import { FakeKeyRing } from '../fakes/keys';
import { isCryptoPending } from '../fakes/pendingCrypto';
import { FakeMemento } from '../fakes/vscode/storage';
import { StormyDisk } from '../fakes/stormyDisk';
import { turn } from '../fakes/until';
import { createGuarding } from '../../src/timers';
import { SimulatorClock } from '../simulator/clock';
import type { FaultEffect } from '../simulator/faults';
import { startSimulator, type Simulator } from '../simulator/simulator';
import { ServerClock } from '../ui/serverClock';
import { Life } from './life';
import { Renders } from './renders';
import { USUAL_SETTINGS } from '../fakes/guardSettings';

/** Who sits before a window: what it says of itself to the others. */
export interface User {
  isWatched: boolean;
  isFocused: boolean;
  inUse: readonly SessionId[];
  saving: readonly SessionId[];
}

export const userOf = (there: Partial<User> = {}): User => ({
  isWatched: false,
  isFocused: false,
  inUse: [],
  saving: [],
  ...there,
});

/** The fate of one request. `silent`: it gets no answer. `late`: it is carried out when nobody waits any longer. */
export type Mishap =
  | { readonly kind: 'none' }
  | { readonly kind: 'simulated'; readonly effect: FaultEffect }
  | { readonly kind: 'silent'; readonly when: 'before' | 'after' }
  | { readonly kind: 'late' };

const NONE: Mishap = { kind: 'none' };
const LATE_MS = 40_000;
const LONGEST_WORK_MS = 30 * 60_000;
/** Between an answer and the request that follows from it there may be a turn of the event loop. */
const QUIET_TURNS = 4;
/** The longest real time without any answer while some are pending. */
const NO_PROGRESS_MS = 60_000;

/** One window of the editor: the whole core, until it is closed or crashes. */
export interface Window {
  readonly app: App;
  readonly life: Life;
  /** From now on it asks the server by itself, and receives what other windows share. */
  readonly join: () => void;
  /** The same from its first look on, and it looks after sessions. Call the result when its user turns to it, or away. */
  readonly guard: () => () => void;
  /** From now on nothing it does has an effect, and nothing it waits for arrives. */
  readonly crash: () => void;
}

/** The files of a window, with locks that are taken away from it when it freezes or dies. */
export type Storage = Pick<StormyDisk, 'filesOf'>;

/** A request as it leaves a window, before its fate is decided. */
export interface Leaving {
  readonly method: string;
  /** Below the API's base address. */
  readonly path: string;
  readonly life: Life;
}

/** Several windows with one ComfyDeploy and one ledger, on one clock, and a tape of mishaps. */
export class Windows {
  readonly clock: ServerClock;
  readonly disk: StormyDisk;
  #tape: readonly Mishap[] = [];
  readonly #memories = new Map<Storage, FakeMemento>();
  #busy = 0;
  /** Requests on their way that meet a fault of the simulator: only a real connection can be cut. */
  #faults = 0;
  /** Number of answers so far. */
  #done = 0;
  #isOver = false;
  /** What `/sessions` answers: an empty list is also what the real server shows of hidden sessions. */
  list: 'whole' | 'empty' | 'failing' = 'whole';
  readonly failures: unknown[] = [];
  onLeaving: (request: Leaving) => void = () => undefined;
  /** Called when a window has written one of its files. */
  onWritten: (name: string, life: Life) => void = () => undefined;
  /** Number of mishaps so far. */
  mishaps = 0;
  /** When the last mishap happened. */
  lastMishapAt = Number.NEGATIVE_INFINITY;
  /** How often the content of a file was written. */
  writes = 0;

  private constructor(
    readonly simulator: Simulator,
    private readonly time: SimulatorClock,
    /** The sessions' ComfyUIs, where they are in memory. */
    readonly renders: Renders,
  ) {
    this.clock = new ServerClock(time);
    this.disk = new StormyDisk(this.clock);
  }

  /**
   * @param options.comfyUi for every session: none, a server of its own, or one in memory, whose work takes the clock's
   * time.
   */
  static async start({
    frozenAt = Date.UTC(2030, 0, 1, 12),
    comfyUi = false,
  }: { readonly frozenAt?: number; readonly comfyUi?: boolean | 'inMemory' } = {}): Promise<Windows> {
    const time = new SimulatorClock({ frozenAt });
    const renders = new Renders(time);
    const tunnels = comfyUi === 'inMemory' ? renders : comfyUi;
    return new Windows(await startSimulator({ clock: time, comfyUi: tunnels }), time, renders);
  }

  /** @param ports what its user wants, and does with it. @param storage files in memory that windows share, unless told otherwise; and what those of all editors share. */
  open(
    ports: Partial<Pick<Ports, 'guardSettings' | 'display' | 'presence'>> = {},
    storage: Storage = this.disk,
    { common, key: nth = 0 }: { readonly common?: Storage | undefined; readonly key?: number } = {},
  ): Window {
    const life = new Life();
    const clock = life.clockOf(this.clock);
    const key = this.simulator.control.keys()[nth];
    if (!key) throw new Error('The simulator has no key.');
    const app = createApp({
      keys: new FakeKeyRing({ token: key.token, source: 'stored', server: this.simulator.apiUrl }),
      memory: this.#memoryOf(storage),
      files: this.#filesOf(storage, life),
      common: common && Promise.resolve(this.#filesOf(common, life)),
      guardSettings: () => USUAL_SETTINGS,
      clock,
      log: new LogBook(),
      random: () => 0.5,
      display: () => ({ warnAt: [], spendingLimits: NO_SPENDING_LIMITS }),
      presence: () => ({ isWatched: false, isFocused: false, inUse: [], saving: [] }),
      baseUrl: () => this.simulator.apiUrl,
      fetch: (input, init) => (life.isOver ? never() : life.after(this.#send(input, init ?? {}, life))),
      ...ports,
    });
    const owned: Disposable[] = [app.life];
    const failed = (error: unknown) => void this.failures.push(error);
    const join = () => {
      const rounds = new Rounds({ ...app, ...app.windows, clock, failed, during: (round) => round() });
      owned.push(rounds);
      return rounds;
    };
    const guard = () => {
      const rounds = join();
      const guarding = createGuarding(app, { clock, failed });
      owned.push(guarding);
      rounds.start();
      return () => {
        rounds.look();
        guarding.wake();
      };
    };
    const crash = () => {
      life.isOver = true;
      for (const one of owned) one.dispose();
    };
    return { app, life, join, guard, crash };
  }

  /** Ends the world; work that is still going on in it gets an error. */
  async close(): Promise<void> {
    this.#isOver = true;
    this.clock.clear();
    await this.simulator.close();
  }

  /** Each of the next requests meets the next of these mishaps. */
  record(tape: readonly Mishap[]): void {
    this.#tape = tape;
  }

  /** Advances for as long as the work needs; undefined if it fails, or never ends because its window is dead. */
  async finish<T>(work: Promise<T>, giveUp = () => false): Promise<T | undefined> {
    const outcome: { isDone: boolean; value?: T } = { isDone: false };
    work.then(
      (value) => Object.assign(outcome, { isDone: true, value }),
      () => Object.assign(outcome, { isDone: true }),
    );
    const end = this.time.now() + LONGEST_WORK_MS;
    await this.settled();
    while (!outcome.isDone && !giveUp()) {
      if (this.time.now() > end) throw new Error('The work never ends.');
      await this.advance(Math.max(1, (this.clock.next ?? this.time.now() + 1_000) - this.time.now()));
    }
    return outcome.value;
  }

  async advance(ms: number): Promise<void> {
    const end = this.time.now() + ms;
    await this.settled();
    while (this.time.now() < end) {
      await this.simulator.control.advance(Math.min(end, this.clock.next ?? end) - this.time.now());
      await this.settled();
    }
  }

  /** Waits until only the clock can bring anything new, however loaded the machine is. */
  async settled(): Promise<void> {
    let [quiet, done, since] = [0, this.#done, performance.now()];
    while (quiet < QUIET_TURNS) {
      await turn();
      if (this.#isOver) throw new Error('The world has ended.');
      quiet = this.#busy === 0 && !isCryptoPending() ? quiet + 1 : 0;
      if (done !== this.#done) [done, since] = [this.#done, performance.now()];
      if (performance.now() - since > NO_PROGRESS_MS) throw new Error(`Waited in vain for ${this.#busy} answers.`);
    }
  }

  async #send(input: RequestInfo | URL, init: RequestInit, life: Life): Promise<Response> {
    const method = init.method ?? 'GET';
    const url = new URL(input instanceof Request ? input.url : input);
    const { pathname: path } = url;
    if (this.renders.knows(url)) return this.renders.answer(url, init.signal);
    this.onLeaving({ method, path, life });
    const mishap = this.#next(method, path);
    if (mishap.kind !== 'none') {
      this.mishaps++;
      this.lastMishapAt = this.time.now();
    }
    if (mishap.kind === 'simulated') {
      this.simulator.control.fault({ method, path, times: 1, effect: mishap.effect });
      this.#faults++;
      return this.#real(input, init).finally(() => this.#faults--);
    }
    if (mishap.kind === 'late')
      this.clock.after(LATE_MS, () => void this.#real(input, { ...init, signal: null }).catch(() => undefined));
    if (mishap.kind === 'silent' && mishap.when === 'after') await this.#real(input, { ...init, signal: null });
    if (mishap.kind === 'silent' || mishap.kind === 'late') return aborted(init.signal);
    if (method === 'GET' && path === '/api/sessions' && this.list !== 'whole') {
      this.mishaps++;
      return this.list === 'empty' ? this.#dated(Response.json([])) : this.#dated(new Response('', { status: 500 }));
    }
    return this.#real(input, init);
  }

  /**
   * A late extension looks the same as a second one, so it is never late; a late create can be recognised, and may
   * happen.
   */
  #next(method: string, path: string): Mishap {
    const [next = NONE, ...rest] = this.#tape;
    this.#tape = rest;
    const isCreate = method === 'POST' && path === '/api/session';
    return next.kind === 'late' && !isCreate ? { kind: 'silent', when: 'before' } : next;
  }

  async #real(input: RequestInfo | URL, init: RequestInit): Promise<Response> {
    return this.during(async () => {
      const request = new Request(input, init);
      const isDirect =
        this.#faults === 0 && !this.simulator.control.isFaulty && request.url.startsWith(this.simulator.apiUrl);
      const response = await (isDirect ? this.simulator.answer(request) : fetch(request));
      if (response.headers.get('content-type')?.startsWith('text/event-stream')) return untilAborted(response, init);
      return new Response(await response.arrayBuffer(), response);
    });
  }

  #dated(response: Response): Response {
    response.headers.set('date', new Date(this.time.now()).toUTCString());
    return response;
  }

  /** Two editors have separate memories. */
  #memoryOf(storage: Storage): FakeMemento {
    const memory = this.#memories.get(storage) ?? new FakeMemento();
    this.#memories.set(storage, memory);
    return memory;
  }

  /** A real lock outlives a window that is killed in this process: there, work that was begun is finished. */
  #filesOf(storage: Storage, life: Life): Files {
    const files = storage.filesOf(life);
    const until = storage instanceof StormyDisk ? life : { isOver: false, after: <T>(work: Promise<T>) => work };
    return (name) => this.#journalOf(name, files(name), life, until);
  }

  #journalOf(name: string, journal: Journal, life: Life, until: Pick<Life, 'after' | 'isOver'>): Journal {
    const step = <T>(work: () => Promise<T>) => (until.isOver ? never<T>() : until.after(work()));
    return {
      read: () => step(() => journal.read()),
      append: (line) => this.#counted(() => step(() => journal.append(line))),
      replace: (text, isLasting) =>
        this.#counted(() =>
          step(() => {
            this.onWritten(name, life);
            return journal.replace(text, isLasting);
          }),
        ),
      heartbeat: (who) => step(() => journal.heartbeat(who)),
      heartbeats: (whom) => step(() => journal.heartbeats(whom)),
      rest: (who) => step(() => journal.rest(who)),
      exclusively: (work) => (life.isOver ? never() : journal.exclusively(work)),
    };
  }

  #counted(write: () => Promise<void>): Promise<void> {
    this.writes++;
    return write();
  }

  /** Work that takes real time and that the clock waits for. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#done++;
      this.#busy--;
    }
  }
}

const never = <T>(): Promise<T> => new Promise(() => undefined);

function aborted(signal: AbortSignal | null | undefined): Promise<never> {
  return new Promise((_, reject) => {
    const run = () => reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal?.aborted) run();
    else signal?.addEventListener('abort', run, { once: true });
  });
}

/** A log never ends by itself, so its end is not awaited. */
function untilAborted(response: Response, { signal }: RequestInit): Response {
  const options = signal ? { signal } : {};
  return new Response(response.body?.pipeThrough(new TransformStream(), options), response);
}
