import type { ComfyDeployClient } from '../comfydeploy/client';
import { isOlder } from '../platform/age';
import type { Clock } from '../platform/clock';
import { Emitter, type Disposable } from '../platform/emitter';
import { MINUTE } from '../platform/units';

const FRESH_FOR = 10 * MINUTE;
const RENEWED_AFTER = 15_000;
/** Shorter when the user refreshes, since they may just have paid. */
const REFRESHED_AFTER = 3_000;

/** The account's remaining credit. Not every server reports it, and nothing depends on it: failures are silent. */
export class Credit implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #balance: bigint | undefined;
  #asking: Promise<void> | undefined;
  /** Local clock, ms. */
  #askedAt: number | undefined;
  #epoch = 0;

  constructor(
    private readonly api: Pick<ComfyDeployClient, 'getCredit'>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Billionths of a dollar; undefined while nothing is known. */
  get balance(): bigint | undefined {
    return this.#balance;
  }

  /** Asks once, and while sessions run again after `FRESH_FOR`. */
  refresh(isSpending: boolean): Promise<void> {
    const isOld = isOlder(this.#askedAt, FRESH_FOR - 1, this.clock.now());
    const isDue = this.#askedAt === undefined || (isSpending && isOld);
    if (isDue) this.#asking ??= this.#ask(this.#epoch);
    return this.#asking ?? Promise.resolve();
  }

  /** Asks again before money is spent, or when the user wants to know, since the user may have added credit. */
  renew(isWanted = false): Promise<void> {
    const lifetime = isWanted ? REFRESHED_AFTER : RENEWED_AFTER;
    const isFresh = this.#askedAt !== undefined && Math.abs(this.clock.now() - this.#askedAt) < lifetime;
    if (!isFresh) this.#asking ??= this.#ask(this.#epoch);
    return this.#asking ?? Promise.resolve();
  }

  /** Another account is in use. */
  reset(): void {
    this.#epoch++;
    this.#balance = undefined;
    this.#asking = undefined;
    this.#askedAt = undefined;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #ask(epoch: number): Promise<void> {
    this.#askedAt = this.clock.now();
    const answer = await this.api.getCredit().then(
      (balance) => ({ balance }),
      () => undefined,
    );
    if (epoch !== this.#epoch) return;
    this.#asking = undefined;
    // undefined as an answer means that the account has no limit any more; a failure does not.
    if (answer === undefined || answer.balance === this.#balance) return;
    this.#balance = answer.balance;
    this.#changed.fire();
  }
}
