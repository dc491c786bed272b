import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import { about, dollars } from '../platform/dollars';
import { ApiError, toApiError } from '../platform/errors';
import type { Journal } from '../platform/journal';
import { parseJson } from '../platform/plainJson';
import { DAY, HOUR } from '../platform/units';
import { unwritten } from '../sessions/intents';
import { findSession, type Snapshot } from '../sessions/snapshot';
import { excessText } from '../spending/moneyText';
import { costOfReceipt, type Receipt } from '../spending/receipts';
import type { Spending } from '../spending/spending';
import { wouldExceed, type SpendingLimits } from '../spending/spendingLimits';

/** What an agent may cost by one request, written down before that leaves. */
const Reservation = z.lazy(() =>
  z.object({
    id: z.string(),
    /** Missing until the session is known. */
    session: z.optional(SessionId),
    isStart: z.boolean(),
    /** Billionths of a dollar. */
    cost: z.int().check(z.gte(0)),
    /** The end that was asked for, server time, ms. */
    until: z.number(),
  }),
);
export type Reservation = z.output<typeof Reservation>;
const Reservations = z.lazy(() => z.array(Reservation));

export interface WalletInput {
  /** Server time, ms. */
  readonly now: number;
  readonly snapshot: Snapshot;
  readonly spending: Pick<Spending, 'today' | 'month' | 'dayStart' | 'sessions'>;
  readonly limits: { readonly spendingLimits: SpendingLimits };
  readonly history: { readonly receiptOf: (id: SessionId) => Receipt | undefined };
  /** What agents may spend a day, billionths of a dollar. */
  readonly mostADay: bigint;
}

/** A request that costs something. @property session the one that is extended. */
export type Wanted = Pick<Reservation, 'cost' | 'until' | 'session'>;

/** An end that the server computed may be a little earlier than the one that was asked for, ms. */
const TOLERANCE = 5_000;
/** What is not seen may have begun later than it was asked for, ms. */
const LATE = HOUR;
const KEPT = 2 * DAY;

/** What agents cost of one session, or by one start whose session is not known. Billionths of a dollar. */
interface Share {
  readonly session: SessionId | undefined;
  readonly total: bigint;
  /** The part that `spending` does not contain yet. */
  readonly unseen: bigint;
  /** Server time, ms. */
  readonly until: number;
}

/** What agents have spent today, and may still spend by what they have begun. */
export function spentToday(reservations: readonly Reservation[], input: WalletInput): bigint {
  const ofToday = sharesOf(reservations, input).filter(({ until }) => until >= input.spending.dayStart);
  return sum(ofToday.map(({ total }) => total));
}

/**
 * Why an agent may not spend this; undefined if it may. What reaches beyond midnight counts as a whole for both days, and
 * the user's spending limits include all that has begun.
 */
export function whyNot(reservations: readonly Reservation[], wanted: Wanted, input: WalletInput): string | undefined {
  const { spending, limits, mostADay } = input;
  const cost = BigInt(wanted.cost);
  const total = spentToday(reservations, input) + cost;
  if (total > mostADay)
    return l10n.t(
      'With this, agents would spend {0} today, more than their limit of {1}.',
      about(total),
      dollars(mostADay),
    );
  const shares = sharesOf(reservations, input);
  const { today, month, dayStart } = spending;
  const ahead = sum([...spending.sessions.values()].map((one) => one.ahead));
  const unseenIn = (some: readonly Share[]) => sum(some.map(({ unseen }) => unseen));
  const aheadToday = ahead + unseenIn(shares.filter(({ until }) => until >= dayStart));
  const excess = wouldExceed(
    {
      today,
      month,
      aheadToday,
      aheadMonth: ahead + unseenIn(shares),
      sessions: wholeOf(wanted.session, shares, spending),
    },
    limits.spendingLimits,
    cost,
    wanted.session,
  );
  return excess && excessText(excess);
}

/** The extended session with what is not seen of it yet. */
function wholeOf(
  id: SessionId | undefined,
  shares: readonly Share[],
  { sessions }: WalletInput['spending'],
): Spending['sessions'] {
  if (id === undefined) return new Map();
  const { soFar, ahead } = sessions.get(id) ?? { soFar: 0n, ahead: 0n };
  const unseen = shares.find(({ session }) => session === id)?.unseen ?? 0n;
  return new Map([[id, { soFar, ahead: ahead + unseen }]]);
}

function sharesOf(reservations: readonly Reservation[], input: WalletInput): readonly Share[] {
  const groups = new Map<string, Reservation[]>();
  for (const one of reservations) {
    const key = one.session ?? one.id;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return [...groups.values()].map((own) => shareOf(own, input));
}

/** Of a session that an agent started, everything counts, whoever extended it; of another, what agents added. */
function shareOf(own: readonly Reservation[], { snapshot, spending, history }: WalletInput): Share {
  const id = own[0]?.session;
  const starts = own.filter(({ isStart }) => isStart);
  const reserved = costOf(own);
  const asked = Math.max(...own.map(({ until }) => until)) + LATE;
  const nothingKnown = { session: id, total: reserved, unseen: reserved, until: asked };
  if (id === undefined) return nothingKnown;
  const live = spending.sessions.get(id);
  const receipt = history.receiptOf(id);
  if (live) {
    const whole = live.soFar + live.ahead;
    const session = findSession(snapshot, id);
    const end = session && 'endsAt' in session ? session.endsAt : (receipt?.endsAt ?? 0);
    const later = own.filter(({ isStart, until }) => !isStart && until > end + TOLERANCE);
    const unseen = most(0n, costOf(starts) - whole) + costOf(later);
    return {
      session: id,
      total: starts.length > 0 ? most(reserved, whole + costOf(later)) : reserved,
      unseen,
      until: Number.POSITIVE_INFINITY,
    };
  }
  // An end that only a window saw may be corrected by the bill.
  const billed = receipt?.closed?.source === 'billed' ? costOfReceipt(receipt) : undefined;
  if (billed === undefined || !receipt?.closed) return nothingKnown;
  const total = starts.length > 0 || billed < reserved ? billed : reserved;
  return { session: id, total, unseen: 0n, until: receipt.closed.endedAt };
}

function costOf(own: readonly Reservation[]): bigint {
  return sum(own.map(({ cost }) => BigInt(cost)));
}

function sum(costs: readonly bigint[]): bigint {
  return costs.reduce((all, cost) => all + cost, 0n);
}

function most(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

/** What agents may spend. One file for all accounts, windows and editors of this computer. */
export class Wallet {
  constructor(
    private readonly journal: Journal,
    private readonly input: () => WalletInput,
  ) {}

  /** Why not; undefined if it may be spent. @throws {ApiError} */
  async whyNot(wanted: Wanted): Promise<string | undefined> {
    return whyNot(await this.#read(), wanted, this.input());
  }

  /** Billionths of a dollar. @throws {ApiError} */
  async spentToday(): Promise<bigint> {
    return spentToday(await this.#read(), this.input());
  }

  /** Whether an agent has started the session lately. @throws {ApiError} */
  async hasStarted(id: SessionId): Promise<boolean> {
    return (await this.#read()).some(({ session, isStart }) => isStart && session === id);
  }

  /**
   * Writes down what a request may cost, and then sends it. If it fails for certain, that costs nothing; after a lost
   * answer, and after a crash, it counts. @throws {ApiError}
   */
  async start(wanted: Omit<Wanted, 'session'>, create: () => Promise<SessionId>): Promise<SessionId> {
    const { id, sent } = await this.#pay({ ...wanted, isStart: true }, create);
    await this.#change((all) => all.map((one) => (one.id === id ? { ...one, session: sent } : one))).catch(
      () => undefined, // the session's reservation stays as it is, and the session counts as well
    );
    return sent;
  }

  /** The same for more time. */
  async extend<T>(wanted: Wanted, send: () => Promise<T>): Promise<T> {
    return (await this.#pay({ ...wanted, isStart: false }, send)).sent;
  }

  async #pay<T>(wanted: Omit<Reservation, 'id'>, send: () => Promise<T>) {
    const id = crypto.randomUUID();
    await this.#change((all) => {
      const input = this.input();
      const why = whyNot(all, wanted, input);
      if (why !== undefined) throw new ApiError('refused', why);
      return [...all.filter(({ until }) => until > input.now - KEPT), { ...wanted, id }];
    });
    try {
      return { id, sent: await send() };
    } catch (error) {
      const isUnsent = error instanceof ApiError && !toApiError(error).outcomeUnknown;
      // If that cannot be written, it goes on counting.
      if (isUnsent) await this.#change((all) => all.filter((one) => one.id !== id)).catch(() => undefined);
      throw error;
    }
  }

  async #change(change: (before: readonly Reservation[]) => readonly Reservation[]): Promise<void> {
    const { journal } = this;
    try {
      await journal.exclusively(async () => journal.replace(JSON.stringify(change(await this.#read()))));
    } catch (error) {
      throw error instanceof ApiError ? error : this.#unusable(error);
    }
  }

  async #read(): Promise<readonly Reservation[]> {
    try {
      const text = await this.journal.read();
      return text === '' ? [] : Reservations.parse(parseJson(text));
    } catch (error) {
      throw this.#unusable(error);
    }
  }

  #unusable(cause: unknown): ApiError {
    return unwritten(this.journal.place ?? '…', cause);
  }
}
