import type { ComfyDeployClient } from '../comfydeploy/client';
import { toApiError } from '../platform/errors';
import type { MachineEvent } from '../comfydeploy/wire';
import type { Logger } from '../platform/logger';
import type { MachineId, Prices, SessionId } from '../comfydeploy/model';
import { ageOf, isOlder } from '../platform/age';
import type { Clock } from '../platform/clock';
import { together, type Disposable, type Event } from '../platform/emitter';
import { isClosedAtBirth, isLeak, runsOn } from '../sessions/events';
import { Poller } from '../platform/poller';
import type { ServerTime } from '../platform/serverTime';
import { MAY_COME } from '../sessions/leaks';
import { findSession, isOwn, type Ended, type Ready } from '../sessions/snapshot';
import type { Store } from '../sessions/store';
import type { History } from './history';
import { closedAsBilled, type Known } from './observe';
import { fold, type Closed, type Opened, type ReceiptEvent, type Receipts } from './receipts';
import { DAY, HOUR, MINUTE } from '../platform/units';

export interface ReconcilerOptions {
  readonly store: Pick<Store, 'snapshot' | 'onDidChange' | 'onDidEnd' | 'followFound'>;
  readonly api: Pick<ComfyDeployClient, 'listMachineEvents'>;
  readonly history: Pick<History, 'receipts' | 'read' | 'write'>;
  readonly prices: () => Prices | undefined;
  readonly hasFailed: (id: SessionId) => boolean;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether this window writes; the others only read. */
  readonly isLeader: () => boolean;
  /** Fires when that may have changed. */
  readonly onDidLook: Event<unknown>;
}

/** Delay after the start, ms: nothing here is urgent. */
const FIRST = 15_000;
const RETRY = 5 * MINUTE;
/** After this long without news, ms, the computer slept or nothing ran. */
const SLEPT = 10 * MINUTE;
/** How often the bill is read while a container may come up that only the bill would show, ms. */
const CHECK = 30_000;
/** How many machines are asked for their bill at once; those in use come first. */
const MOST_MACHINES = 10;

/**
 * Compares the receipts with the server's bill of the last day: at the start, after sleep, after the end of a session
 * without a receipt, and hourly while something runs. This adds receipts for sessions that nobody saw, follows sessions
 * that the list hides, and finds containers that run on although their session was closed.
 */
export class Reconciler implements Disposable {
  readonly #poller: Poller;
  /**
   * A start that nobody here ended is over: it failed, or somebody ended it elsewhere before the server knew its
   * container, which may come up all the same. These machines are looked at until then, local clock, ms.
   */
  readonly #suspected = new Map<MachineId, number>();
  readonly #checks: Poller;
  #checkedAt: number | undefined;
  readonly #subscription: Disposable;
  /** Local clock, ms. */
  #doneAt: number | undefined;
  #hasFailed = false;
  /** Local clock, ms: when the snapshot was last updated. */
  #heardAt: number | undefined;
  #wasUnsettled = false;
  #wasLeader = true;
  #epoch = 0;

  constructor(private readonly options: ReconcilerOptions) {
    const { store, clock, log } = options;
    const failed = () => log.warn('The receipts could not be compared with the bill.');
    this.#poller = new Poller({ task: () => this.#run(), rest: () => this.#rest(), failed, clock });
    this.#checks = new Poller({ task: () => this.#check(), rest: () => this.#restOfChecks(), failed, clock });
    this.#subscription = together([
      store.onDidChange(() => this.#notice()),
      options.onDidLook(() => this.#noticeLead()),
      store.onDidEnd((ended) => {
        if (!options.history.receipts.has(ended.session.id)) this.#poller.wake();
        this.#suspect(ended);
      }),
    ]);
  }

  /** Another account or server is in use. */
  reset(): void {
    this.#epoch++;
    this.#doneAt = undefined;
    this.#heardAt = undefined;
    this.#wasUnsettled = false;
    this.#suspected.clear();
    this.#checkedAt = undefined;
    this.#poller.replan();
    this.#checks.replan();
  }

  dispose(): void {
    this.#epoch++;
    this.#poller.dispose();
    this.#checks.dispose();
    this.#subscription.dispose();
  }

  #notice(): void {
    const { store, clock } = this.options;
    const { snapshot } = store;
    if (snapshot.kind !== 'ready') return;
    const now = clock.now();
    const hasSlept = this.#heardAt !== undefined && isOlder(this.#heardAt, SLEPT, now);
    const isUnsettled = snapshot.isUnsettled === true;
    const isSettled = this.#wasUnsettled && !isUnsettled;
    this.#heardAt = now;
    this.#wasUnsettled = isUnsettled;
    if (hasSlept || isSettled) this.#poller.wake();
    else this.#poller.replan();
  }

  /** A window that crashed keeps the lead until it is removed: nothing else may change here after that. */
  #noticeLead(): void {
    const isLeader = this.options.isLeader();
    if (isLeader && !this.#wasLeader) this.#poller.replan();
    this.#wasLeader = isLeader;
  }

  #rest(): number | undefined {
    const { store, clock, isLeader } = this.options;
    const { snapshot } = store;
    if (snapshot.kind !== 'ready' || !isLeader()) return undefined;
    if (this.#doneAt === undefined) return FIRST;
    const age = ageOf(this.#doneAt, clock.now()) ?? HOUR;
    if (this.#hasFailed) return Math.max(0, RETRY - age);
    return snapshot.sessions.length > 0 ? Math.max(0, HOUR - age) : undefined;
  }

  #suspect({ session, why }: Ended): void {
    const { store, clock } = this.options;
    const { snapshot } = store;
    const isSeen = 'phase' in session; // what was created here may be gone before it is seen
    if (session.machineId === undefined || (isSeen && why !== 'failedToStart')) return;
    if (snapshot.kind !== 'ready' || (isSeen && !isOwn(snapshot.account, session))) return;
    this.#suspected.set(session.machineId, clock.now() + MAY_COME);
    this.#checks.replan();
  }

  #restOfChecks(): number | undefined {
    const { clock } = this.options;
    for (const [id, until] of this.#suspected) if (until <= clock.now()) this.#suspected.delete(id);
    if (this.#suspected.size === 0) return undefined;
    return Math.max(0, CHECK - (ageOf(this.#checkedAt ?? 0, clock.now()) ?? CHECK));
  }

  async #check(): Promise<void> {
    const { store, clock, isLeader } = this.options;
    this.#checkedAt = clock.now();
    const { snapshot } = store;
    if (snapshot.kind !== 'ready' || !isLeader()) return;
    await this.#compare(named([...this.#suspected.keys()], snapshot));
  }

  async #run(): Promise<void> {
    const { store, history, clock, isLeader } = this.options;
    const { snapshot } = store;
    if (snapshot.kind !== 'ready' || !isLeader()) return;
    this.#doneAt = clock.now();
    const epoch = this.#epoch;
    await history.read();
    if (epoch !== this.#epoch) return;
    this.#hasFailed = false;
    await this.#compare(machinesToAsk(snapshot, history.receipts, this.options.serverTime.now()));
  }

  async #compare(machines: readonly Named[]): Promise<void> {
    const { history } = this.options;
    const epoch = this.#epoch;
    const bills = await this.#bills(machines);
    if (epoch !== this.#epoch) return;
    const { serverTime, prices, hasFailed } = this.options;
    const known = { now: serverTime.now(), prices: prices(), hasFailed };
    const missing = (receipts: Receipts) => bills.flatMap((bill) => missingOf(bill, receipts, known));
    if (missing(history.receipts).length > 0) await history.write(missing);
    for (const { row, machineId } of bills) if (epoch === this.#epoch) await this.#follow(row, machineId);
  }

  /** The user's own sessions among the rows, except those that are still ending. */
  async #bills(machines: readonly Named[]): Promise<readonly Billed[]> {
    const { store, log } = this.options;
    const { snapshot } = store;
    const own = snapshot.kind === 'ready' ? snapshot.account.userId : undefined;
    const bills: Billed[] = [];
    for (const { id, name } of own === undefined ? [] : machines) {
      try {
        const { rows } = await this.options.api.listMachineEvents(id);
        for (const row of rows) {
          const { sessionId } = row;
          if (sessionId === undefined || row.userId !== own) continue;
          if (findSession(store.snapshot, sessionId)?.phase === 'ending') continue;
          bills.push({ row: { ...row, sessionId }, machineId: id, machine: name });
        }
      } catch (error) {
        this.#hasFailed = true;
        log.warn(`The bill of machine ${id} could not be read: ${toApiError(error).message}`);
      }
    }
    return bills;
  }

  async #follow(row: Billed['row'], machineId: MachineId): Promise<void> {
    const { store } = this.options;
    if (!runsOn(row) || findSession(store.snapshot, row.sessionId)) return;
    const { gpu = '', createdAt, startedAt = createdAt, userId } = row;
    const of = { machineId, gpu, gpuEventId: row.sessionId, createdAt, ...(userId === undefined ? {} : { userId }) };
    await store.followFound(row.sessionId, isLeak(row) ? { of, startedAt } : undefined);
  }
}

interface Named {
  readonly id: MachineId;
  readonly name: string | undefined;
}

interface Billed {
  readonly row: MachineEvent & { readonly sessionId: SessionId };
  readonly machineId: MachineId;
  readonly machine: string | undefined;
}

/** Machines in use now or within the last day, then those that can host sessions. */
function machinesToAsk(snapshot: Ready, receipts: Receipts, now: number): readonly Named[] {
  const { machines, sessions } = snapshot;
  const lately = [...receipts.values()].filter(({ opened }) => !isOlder(opened.createdAt, DAY, now));
  const able = machines
    .filter(({ hosting }) => hosting.kind === 'able')
    .sort((a, b) => (b.updatedAt ?? 0) - (a.updatedAt ?? 0));
  const ids = [
    ...sessions.map(({ machineId }) => machineId),
    ...lately.map(({ opened }) => opened.machineId),
    ...able.map(({ id }) => id),
  ];
  return named([...new Set(ids.filter((id) => id !== undefined))].slice(0, MOST_MACHINES), snapshot);
}

function named(ids: readonly MachineId[], { machines }: Ready): readonly Named[] {
  const names = new Map(machines.map(({ id, name }) => [id, name]));
  return ids.map((id) => ({ id, name: names.get(id) }));
}

/** What the bill says of a session and no receipt contains yet. */
function missingOf({ row, machineId, machine }: Billed, receipts: Receipts, known: Known): readonly ReceiptEvent[] {
  const { sessionId, gpu } = row;
  const before = receipts.get(sessionId);
  if (gpu === undefined || (!before && isClosedAtBirth(row))) return []; // it never ran, and nobody waits for it
  const price = known.prices?.get(gpu);
  const opened: Opened = {
    kind: 'opened',
    sessionId,
    at: known.now,
    gpuEventId: sessionId,
    machineId,
    ...(machine === undefined ? {} : { machine }),
    gpu,
    ...(price === undefined ? {} : { price }),
    createdAt: row.createdAt,
  };
  const receipt = before ?? fold([opened]).get(sessionId);
  const news = before ? [] : [opened];
  const { endedAt } = row;
  if (receipt?.closed && isLeak(row)) return [...news, { kind: 'runsOn', sessionId, at: known.now }];
  if (!receipt || endedAt === undefined || runsOn(row)) return news;
  const closed = closedAsBilled(receipt, { ...row, endedAt }, known);
  return isSame(receipt.closed, closed) ? news : [...news, closed];
}

/** Whether the bill says what is already recorded: it replaces estimates, and newer figures replace older ones. */
function isSame(before: Closed | undefined, { endedAt, startedAt }: Closed): boolean {
  return before?.source === 'billed' && before.endedAt === endedAt && before.startedAt === startedAt;
}
