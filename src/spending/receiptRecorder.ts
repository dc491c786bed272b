import type { Logger } from '../platform/logger';
import type { Prices, Session, SessionId } from '../comfydeploy/model';
import { ageOf, isOlder } from '../platform/age';
import type { Clock } from '../platform/clock';
import { together, type Disposable } from '../platform/emitter';
import { newIn } from '../platform/lists';
import { Poller } from '../platform/poller';
import type { ServerTime } from '../platform/serverTime';
import { findSession, isStale, type Ended } from '../sessions/snapshot';
import type { Store } from '../sessions/store';
import type { History } from './history';
import {
  closedAsBilled,
  closedAsSeen,
  estimatesIn,
  missedOpening,
  movedTo,
  observed,
  orphans,
  whyOf,
  type Known,
  type MovedBy,
} from './observe';
import { plainText } from '../platform/plainText';
import {
  fold,
  isUnseen,
  MOST_OF_REASON,
  type EndedBy,
  type Receipt,
  type ReceiptEvent,
  type Receipts,
  type WhyKept,
} from './receipts';
import { isGone, look, type Billing, type Found } from './settling';
import type { Usages } from './usages';
import { DAY, MINUTE } from '../platform/units';

export interface ReceiptRecorderOptions {
  readonly store: Pick<Store, 'snapshot' | 'onDidChange' | 'onDidEnd'>;
  readonly api: Billing;
  readonly history: History;
  readonly prices: () => Prices | undefined;
  /** What a session was seen doing. */
  readonly usageOf: Usages['of'];
  readonly serverTime: Pick<ServerTime, 'now'>;
  readonly clock: Clock;
  readonly log: Logger;
  /** Whether this window writes; the others only read. */
  readonly isLeader: () => boolean;
}

/** What was done with a session, by whom, and why. */
export type Note =
  /** By an agent, for the user. */
  | { readonly kind: 'started' }
  /** Noted after the end has moved. */
  | ({ readonly kind: 'extended' } & MovedBy)
  /** Noted when the end is requested. */
  | {
      readonly kind: 'ended';
      readonly by: EndedBy;
      readonly isUnready?: boolean;
      readonly idleMinutes?: number;
      readonly byAgent?: true;
    }
  | { readonly kind: 'kept'; readonly why: WhyKept }
  /** @param reason the line of its log that gives the reason. */
  | { readonly kind: 'notStarted'; readonly reason: string };

/** Maximum age of what other windows wrote before it is read again, ms. */
const FRESH = MINUTE;
/** The same while something is missing in the history. */
const FRESH_ENOUGH = 10_000;
const RETRIES = [10_000, 30_000, 120_000, 600_000];
const NONE = { since: Number.NEGATIVE_INFINITY, ms: 0 };
/** The server's bill covers the last day only. */
const BILLED_FOR = DAY;

/** Records what happens to the user's own sessions, each event once, whichever window sees it. */
export class ReceiptRecorder implements Disposable {
  readonly #work: Poller;
  readonly #subscription: Disposable;
  /** Proven gone, and not recorded yet. */
  readonly #gone = new Map<SessionId, Ended>();
  /** This window saw their starts fail. */
  readonly #failed = new Set<SessionId>();
  /** The server's bill has been read for these. */
  readonly #settled = new Set<SessionId>();
  /** Local clock, ms. */
  #readAt = Number.NEGATIVE_INFINITY;
  #tries = 0;
  /** Since when, by the local clock, and how long the bill is not read again, ms. */
  #pause = NONE;
  /** The inputs when nothing was missing: the same ones are not checked again. */
  #quiet: { readonly by: readonly unknown[]; readonly sessions: readonly Session[] } | undefined;
  /** Raised when the account changes. */
  #epoch = 0;

  constructor(private readonly options: ReceiptRecorderOptions) {
    const { store, clock, log } = options;
    const failed = () => log.warn('The history could not be kept.');
    this.#work = new Poller({ task: () => this.#attend(), rest: () => this.#rest(), failed, clock });
    this.#subscription = together([
      store.onDidChange(() => this.attend()),
      store.onDidEnd((ended) => {
        this.#gone.set(ended.session.id, ended);
        if (ended.why === 'failedToStart') this.#failed.add(ended.session.id);
        this.#restart();
        this.attend();
      }),
    ]);
  }

  /** Checks whether there is something to write; called after every change. */
  attend(): void {
    if (this.options.store.snapshot.kind === 'ready') this.#work.wake();
  }

  /** Records what only the window that acted knows. Any window may call it. Never rejects. */
  async note(id: SessionId, note: Note): Promise<void> {
    const now = this.options.serverTime.now();
    await this.options.history.write((receipts) => this.#noted(id, note, receipts, now));
  }

  /** Minutes that the user or a lease added to a session, according to the receipts. */
  readonly minutesByHand = (id: SessionId): number => {
    const moved = this.options.history.receipts.get(id)?.moved ?? [];
    return moved.reduce((sum, { by, why, minutes }) => (by === 'you' || why === 'lease' ? sum + minutes : sum), 0);
  };

  /** Whether this window saw the start of a session fail. */
  readonly hasFailed = (id: SessionId): boolean => this.#failed.has(id);

  /** Another account or server. */
  reset(): void {
    this.#epoch++;
    this.#gone.clear();
    this.#failed.clear();
    this.#settled.clear();
    this.#readAt = Number.NEGATIVE_INFINITY;
    this.#restart();
  }

  dispose(): void {
    this.#epoch++;
    this.#work.dispose();
    this.#subscription.dispose();
  }

  async #attend(): Promise<void> {
    const { history, clock, isLeader } = this.options;
    const epoch = this.#epoch;
    let isNews = this.#missing(history.receipts).length > 0;
    if (isOlder(this.#readAt, (isNews ? FRESH_ENOUGH : FRESH) - 1, clock.now())) {
      this.#readAt = clock.now();
      await history.read();
      if (epoch !== this.#epoch) return;
      isNews = this.#missing(history.receipts).length > 0;
    }
    if (isLeader()) {
      if (isNews) await history.write((receipts) => this.#missing(receipts));
      if (epoch === this.#epoch) await this.#settle(epoch);
    } else if (this.#corrections(history.receipts).length > 0) {
      await history.write((receipts) => this.#corrections(receipts));
    }
    for (const id of this.#gone.keys()) if (history.receipts.get(id)?.closed) this.#gone.delete(id);
  }

  /** Events that this window knows and no receipt contains. */
  #missing(receipts: Receipts): readonly ReceiptEvent[] {
    const { store, prices, usageOf, serverTime } = this.options;
    const { snapshot } = store;
    if (snapshot.kind !== 'ready') return [];
    const known = { now: serverTime.now(), prices: prices(), usageOf };
    const { account, machines, sessions } = snapshot;
    const by = [account.userId, machines, receipts, known.prices];
    const isQuiet = this.#gone.size + this.#failed.size === 0;
    const before = by.every((one, index) => one === this.#quiet?.by[index]) ? (this.#quiet?.sessions ?? []) : [];
    const news = observed(newIn(sessions, before), snapshot, receipts, known);
    const closed = [...this.#gone].flatMap(([id, { session, why }]) => {
      const opened = receipts.has(id) || !('phase' in session) ? [] : missedOpening(snapshot, session, known);
      const receipt = receipts.get(id) ?? fold(opened).get(id);
      if (!receipt || receipt.closed) return [];
      return [...opened, closedAsSeen(receipt, whyOf(receipt, why, known.now), known)];
    });
    const missing = [...news, ...closed, ...this.#corrections(receipts)];
    this.#quiet = isQuiet && missing.length === 0 ? { by, sessions } : undefined;
    return missing;
  }

  /** Corrects what was recorded by a window that had not seen the start fail. */
  #corrections(receipts: Receipts): readonly ReceiptEvent[] {
    const known = { now: this.options.serverTime.now(), prices: this.options.prices() };
    return [...this.#failed].flatMap((id) => {
      const receipt = receipts.get(id);
      return receipt?.closed && isUnseen(receipt.closed) ? [closedAsSeen(receipt, 'failedToStart', known)] : [];
    });
  }

  #noted(id: SessionId, note: Note, receipts: Receipts, now: number): readonly ReceiptEvent[] {
    const missing = this.#missing(receipts).filter((event) => event.sessionId === id && event.kind === 'opened');
    if (missing.length === 0 && !receipts.has(id)) return []; // somebody else's, or gone before it was seen
    const about = { sessionId: id, at: now };
    switch (note.kind) {
      case 'started':
        return [...missing, receipts.get(id)?.opened ?? []].flat().map((opened) => ({ ...opened, byAgent: true }));
      case 'kept':
        return [...missing, { ...about, kind: 'kept', why: note.why }];
      case 'notStarted':
        return [...missing, { ...about, kind: 'notStarted', reason: plainText(note.reason, MOST_OF_REASON - 1) }];
      case 'ended': {
        return [...missing, { ...note, ...about, kind: 'askedToEnd' }];
      }
      case 'extended': {
        const session = findSession(this.options.store.snapshot, id);
        const receipt = receipts.get(id);
        return session && receipt ? movedTo(session, receipt, { ...note, now }) : missing;
      }
    }
  }

  /** Replaces estimates by the bill, and closes receipts that stayed open when VS Code was closed. */
  async #settle(epoch: number): Promise<void> {
    const { api, history, store, prices, usageOf, serverTime } = this.options;
    const { snapshot } = store;
    if (snapshot.kind !== 'ready' || isStale(snapshot) || this.#pauseLeft > 0) return;
    const left = orphans(snapshot, history.receipts).filter(({ opened }) => !this.#gone.has(opened.sessionId));
    const gone = await Promise.all(left.map(({ opened }) => isGone(api, opened.sessionId)));
    const due = [...left.filter((_, index) => gone[index]), ...this.#estimates()];
    const found = due.length === 0 ? new Map<SessionId, Found>() : await look(api, due);
    if (epoch !== this.#epoch) return;
    const now = serverTime.now();
    const closings = (receipts: Receipts) =>
      due.flatMap((one) =>
        closingOf(receipts, one, found, { now, prices: prices(), usageOf, hasFailed: this.hasFailed }),
      );
    if (closings(history.receipts).length > 0) await history.write(closings);
    for (const [id, { kind }] of found) if (kind !== 'open') this.#settled.add(id);
    const isOpen = gone.includes(false) || [...found.values()].some(({ kind }) => kind === 'open');
    this.#plan(isOpen);
  }

  /** Receipts closed without the server's own row, which may be available now. */
  #estimates(): readonly Receipt[] {
    const oldest = this.options.serverTime.now() - BILLED_FOR;
    return estimatesIn(this.options.history.receipts).filter(
      ({ opened }) => opened.createdAt > oldest && !this.#settled.has(opened.sessionId),
    );
  }

  #plan(isOpen: boolean): void {
    if (!isOpen) return this.#restart();
    const wait = RETRIES[this.#tries];
    this.#tries++;
    this.#pause = { since: this.options.clock.now(), ms: wait ?? Number.POSITIVE_INFINITY };
  }

  #restart(): void {
    this.#tries = 0;
    this.#pause = NONE;
  }

  #rest(): number | undefined {
    const wait = this.#pauseLeft;
    // If the time has passed without a request, because this window follows or there was nothing to ask, wait for a
    // change.
    return Number.isFinite(wait) && wait > 0 ? wait : undefined;
  }

  /** None if the clock was set back since. */
  get #pauseLeft(): number {
    const { since, ms } = this.#pause;
    return ms - (ageOf(since, this.options.clock.now()) ?? ms);
  }
}

function closingOf(
  receipts: Receipts,
  { opened }: Receipt,
  found: ReadonlyMap<SessionId, Found>,
  known: Known,
): readonly ReceiptEvent[] {
  const receipt = receipts.get(opened.sessionId);
  const billed = found.get(opened.sessionId);
  if (!receipt || !billed || receipt.closed?.source === 'billed') return [];
  if (billed.kind === 'billed') return [closedAsBilled(receipt, billed.row, known)];
  // An open question may be answered later; the session is gone in any case.
  return receipt.closed ? [] : [closedAsSeen(receipt, 'lost', known)];
}
