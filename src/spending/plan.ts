import type { ComfyDeployClient } from '../comfydeploy/client';
import { isOlder } from '../platform/age';
import type { Clock } from '../platform/clock';
import { MINUTE } from '../platform/units';

const FRESH_FOR = 10 * MINUTE;
/** What the server allows one session on the free plan, minutes: when it is started, and with less credit in all. */
export const FREE_MINUTES = 30;
/** Billionths of a dollar. */
const ENOUGH = 5_000_000_000n;

/** Which plan the account has, as far as it matters: the free one allows short sessions only. Failures are silent. */
export class Plan {
  #isFree = false;
  /** Local clock, ms. */
  #askedAt: number | undefined;

  constructor(
    private readonly api: Pick<ComfyDeployClient, 'hasFreePlan'>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** False while nothing is known. */
  get isFree(): boolean {
    return this.#isFree;
  }

  async renew(): Promise<void> {
    const now = this.clock.now();
    if (!isOlder(this.#askedAt, FRESH_FOR, now)) return;
    this.#askedAt = now;
    const isFree = await this.api.hasFreePlan().catch(() => undefined);
    if (this.#askedAt === now) this.#isFree = isFree ?? this.#isFree;
  }

  /** Another account. */
  reset(): void {
    this.#isFree = false;
    this.#askedAt = undefined;
  }
}

/** How long one session may last there. With enough credit it may be extended for as long as anybody's. */
export function minutesOnFreePlan(balance: bigint | undefined): number {
  return balance === undefined || balance >= ENOUGH ? Number.POSITIVE_INFINITY : FREE_MINUTES;
}
