import type { MachineId, SessionId } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import type { Clock } from '../platform/clock';
import type { Disposable } from '../platform/emitter';
import type { Logger } from '../platform/logger';
import { plainText } from '../platform/plainText';
import { Poller } from '../platform/poller';
import type { ServerTime } from '../platform/serverTime';
import { machineOf } from '../sessions/snapshot';
import type { FailedStart, StartReason } from '../sessions/startReason';
import type { Store } from '../sessions/store';
import type { History } from './history';
import { MOST_OF_REASON, type Closed, type Receipt, type ReceiptEvent, type Receipts } from './receipts';
import { HOUR } from '../platform/units';

/** Where the reasons of failed starts come from. */
export interface StartProofs {
  /** Undefined if nothing proves that it failed. Never rejects. */
  proofOf(start: FailedStart): Promise<StartReason | undefined>;
}

export interface FailedStartsOptions {
  readonly history: Pick<History, 'receipts' | 'onDidChange' | 'write'>;
  readonly store: Pick<Store, 'snapshot'>;
  readonly reasons: StartProofs;
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether this window writes; the others only read. */
  readonly isLeader: () => boolean;
}

/** How long the server keeps what a container recorded as it died, ms. */
const KEPT_FOR = 4 * HOUR;
const ADDRESS = /\w+:\/\/\S+/g;

/** Machines for which the server still knows why one of the user's starts failed. @param now server time, ms. */
export function failedLately(receipts: Receipts, now: number): ReadonlySet<MachineId> {
  return new Set(
    [...receipts.values()].flatMap(({ opened: { machineId }, closed, notStarted }) => {
      const isFailed = closed !== undefined && (closed.why === 'failedToStart' || notStarted !== undefined);
      return isFailed && machineId !== undefined && !isOlder(closed.endedAt, KEPT_FOR, now) ? [machineId] : [];
    }),
  );
}

/**
 * Finds out whether sessions that never ran, and whose end nobody requested here, failed to start, and why. A window
 * that was reloaded in the meantime did not see it, and the server's row looks the same as after an end elsewhere.
 */
export class FailedStarts implements Disposable {
  readonly #work: Poller;
  readonly #subscription: Disposable;
  /** Sessions that have been looked up. */
  readonly #done = new Set<SessionId>();
  #epoch = 0;

  constructor(private readonly options: FailedStartsOptions) {
    const { history, clock, log } = options;
    const failed = () => log.warn('Why a start failed could not be found out.');
    this.#work = new Poller({ task: () => this.#run(), rest: () => undefined, failed, clock });
    this.#subscription = history.onDidChange((receipts) => {
      if (this.#due(receipts).length > 0) this.#work.wake();
    });
  }

  /** Another account or server is in use. */
  reset(): void {
    this.#epoch++;
    this.#done.clear();
  }

  dispose(): void {
    this.#epoch++;
    this.#work.dispose();
    this.#subscription.dispose();
  }

  #due(receipts: Receipts): readonly (Receipt & { readonly closed: Closed })[] {
    const now = this.options.serverTime.now();
    return [...receipts.values()].flatMap((receipt) => {
      const { closed } = receipt;
      const isOpen = closed && isUnexplained(receipt, closed) && !isOlder(closed.endedAt, KEPT_FOR, now);
      return isOpen && !this.#done.has(closed.sessionId) ? [{ ...receipt, closed }] : [];
    });
  }

  async #run(): Promise<void> {
    const { history, store, reasons, isLeader } = this.options;
    const { snapshot } = store;
    if (snapshot.kind !== 'ready' || !isLeader()) return;
    const epoch = this.#epoch;
    for (const { opened, closed } of this.#due(history.receipts)) {
      const { sessionId: id, createdAt: from, machineId } = opened;
      this.#done.add(id);
      const versionId = machineOf(snapshot, { machineId })?.versionId;
      const reason = await reasons.proofOf({ id, versionId, from, to: closed.endedAt });
      if (epoch !== this.#epoch) return;
      if (reason) await history.write((receipts) => this.#explained(receipts.get(id), reason.words));
    }
  }

  #explained(receipt: Receipt | undefined, words: string): readonly ReceiptEvent[] {
    const closed = receipt?.closed;
    if (!receipt || !closed || !isUnexplained(receipt, closed)) return [];
    const about = { sessionId: closed.sessionId, at: this.options.serverTime.now() };
    const reason = plainText(words.replace(ADDRESS, '…'), MOST_OF_REASON - 1);
    return [
      { ...closed, ...about, why: 'failedToStart' },
      { kind: 'notStarted', ...about, reason },
    ];
  }
}

/** Whether it may have failed to start: that was seen, or its billing row has the same start and end. */
function isUnexplained({ askedToEnd, notStarted }: Receipt, { why, source, startedAt, endedAt }: Closed): boolean {
  if (notStarted !== undefined || askedToEnd !== undefined) return false;
  return (
    why === 'failedToStart' || ((why === 'elsewhere' || why === 'lost') && hasNeverRun({ source, startedAt, endedAt }))
  );
}

function hasNeverRun({ source, startedAt, endedAt }: Pick<Closed, 'source' | 'startedAt' | 'endedAt'>): boolean {
  return source === 'billed' && startedAt === endedAt;
}
