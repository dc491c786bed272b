import { Wallet } from '../../../src/agents/wallet';
import type { Session, SessionId } from '../../../src/comfydeploy/model';
import { ApiError } from '../../../src/platform/errors';
import { dayOf, nextDay } from '../../../src/spending/calendar';
import { costOf } from '../../../src/spending/cost';
import { fold, type ReceiptEvent } from '../../../src/spending/receipts';
import { NO_SPENDING_LIMITS, type SpendingLimits } from '../../../src/spending/spendingLimits';
import { MemoryJournal } from '../../fakes/memoryFiles';
import { MINUTE, PRICES, ready } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';
import { turn } from '../../fakes/until';
import { spend } from '../spending/spending';

export const PRICE = 337_000;
/** What becomes of a request: answered, carried out without an answer, refused, or its window is gone. */
export type Fate = 'answered' | 'lost' | 'refused' | 'crashed';

interface Rented {
  readonly id: SessionId;
  readonly from: number;
  /** When agents began to pay for it: after the user's own time, if the user has started it. */
  readonly agentsFrom: number;
  endsAt: number;
  endedAt: number | undefined;
  isBilled: boolean;
}

/** A server, a file, and windows that see the server as it was when they last looked. */
export class AgentWorld {
  readonly journal = new MemoryJournal();
  readonly rented: Rented[] = [];
  readonly #views: (readonly Rented[])[] = [[], [], []];
  refusals = 0;

  constructor(
    public now: number,
    private readonly mostADay: bigint,
    private readonly spendingLimits: SpendingLimits = NO_SPENDING_LIMITS,
  ) {}

  look(window: number): void {
    this.#views[window] = this.rented.map((one) => ({ ...one }));
  }

  /** By the user. */
  rent(minutes: number, agentsFrom = this.now + minutes * MINUTE): Rented {
    const id = sessionId(`session-${this.rented.length}`);
    const endsAt = this.now + minutes * MINUTE;
    const one = { id, from: this.now, agentsFrom, endsAt, endedAt: undefined, isBilled: false };
    this.rented.push(one);
    return one;
  }

  async start(window: number, minutes: number, fate: Fate): Promise<void> {
    const wanted = { cost: Number(costOf(PRICE, minutes * MINUTE)), until: this.now + minutes * MINUTE };
    await this.#counted(() =>
      this.#wallet(window).start(wanted, () => this.#sent(fate, () => this.rent(minutes, this.now).id)),
    );
  }

  /** From the end that the window sees to a time, as the extension's own rule is. */
  async extend(window: number, which: number, minutes: number, fate: Fate): Promise<void> {
    const seen = this.#views[window]?.filter(({ endedAt, endsAt }) => (endedAt ?? endsAt) > this.now) ?? [];
    const one = seen[which % Math.max(1, seen.length)];
    if (!one) return;
    const until = one.endsAt + minutes * MINUTE;
    const cost = Number(costOf(PRICE, minutes * MINUTE));
    await this.#counted(() =>
      this.#wallet(window).extend({ cost, until, session: one.id }, () =>
        this.#sent(fate, () => {
          const real = this.rented.find(({ id }) => id === one.id);
          if (real && real.endedAt === undefined && real.endsAt > this.now && real.endsAt < until) real.endsAt = until;
          return one.id;
        }),
      ),
    );
  }

  end(which: number): void {
    const one = this.rented[which % Math.max(1, this.rented.length)];
    if (one && one.endedAt === undefined && one.endsAt > this.now) one.endedAt = this.now;
  }

  /** The server's bill shows what is over. */
  bill(): void {
    for (const one of this.rented) {
      if (one.endsAt <= this.now) one.endedAt ??= one.endsAt;
      one.isBilled = one.endedAt !== undefined;
    }
  }

  /** What agents cost on each day, if nothing is ended early from now on. */
  days(): readonly bigint[] {
    const costs = new Map<number, bigint>();
    for (const { agentsFrom, endsAt, endedAt = endsAt } of this.rented)
      for (let at = agentsFrom; at < endedAt; at = nextDay(at)) {
        const part = costOf(PRICE, Math.min(endedAt, nextDay(at)) - at);
        costs.set(dayOf(at), (costs.get(dayOf(at)) ?? 0n) + part);
        at = dayOf(at);
      }
    return [...costs.values()];
  }

  #wallet(window: number): Wallet {
    return new Wallet(this.journal, () => {
      const view = this.#views[window] ?? [];
      const live = view.filter(({ endedAt }) => endedAt === undefined);
      const snapshot = ready({ sessions: live.map(sessionOf) });
      const events = view.flatMap(eventsOf);
      const receipts = fold(events);
      return {
        now: this.now,
        snapshot,
        spending: spend(events, this.now, snapshot),
        limits: { spendingLimits: this.spendingLimits },
        history: { receiptOf: (id) => receipts.get(id) },
        mostADay: this.mostADay,
      };
    });
  }

  async #sent<T>(fate: Fate, carryOut: () => T): Promise<T> {
    await turn();
    if (fate === 'refused') throw new ApiError('refused', 'no');
    const done = carryOut();
    if (fate === 'lost') throw new ApiError('offline', 'no answer');
    return fate === 'crashed' ? new Promise<never>(() => undefined) : done;
  }

  async #counted(work: () => Promise<unknown>): Promise<void> {
    await work().catch((error: unknown) => {
      if (!(error instanceof ApiError)) throw error;
      if (error.kind === 'refused' && error.message !== 'no') this.refusals++;
    });
  }
}

function sessionOf({ id, from: createdAt, endsAt }: Rented): Session {
  const rest = { minutesAsked: undefined, machineId: undefined, machineVersionId: undefined, userId: 'user-me' };
  return {
    id,
    phase: 'ready',
    gpuEventId: `event ${id}`,
    gpu: 'A10G',
    createdAt,
    endsAt,
    url: 'https://a.test',
    ...rest,
  };
}

function eventsOf({ id, from, endsAt, endedAt, isBilled }: Rented): readonly ReceiptEvent[] {
  const about = { sessionId: id, at: from };
  const price = PRICES.get('A10G') ?? 0;
  const opened = { kind: 'opened', ...about, gpuEventId: id, gpu: 'A10G', price, createdAt: from, endsAt } as const;
  if (endedAt === undefined) return [opened];
  const cost = costOf(PRICE, endedAt - from).toString();
  const source = isBilled ? 'billed' : 'seen';
  return [opened, { kind: 'closed', ...about, startedAt: from, endedAt, cost, source, why: 'elsewhere' }];
}
