import type { ComfyDeployClient } from '../comfydeploy/client';
import { isOlder } from '../platform/age';
import type { Clock } from '../platform/clock';
import { MINUTE } from '../platform/units';

const FRESH_FOR = 10 * MINUTE;
/** What the server allows on the free plan, minutes: to start with, and, with less credit than `ENOUGH`, in all. */
export const FREE_MINUTES = 30;
/** Billionths of a dollar. */
const ENOUGH = 5_000_000_000n;

/** Whether the account has the free plan, which allows short sessions only. Failures are silent. */
export class Plan {
  #isFree = false;
  /** Local clock, ms. */
  #askedAt: number | undefined;

  constructor(
    private readonly api: Pick<ComfyDeployClient, 'hasFreePlan'>,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** False while unknown. */
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

  /** Another account is in use. */
  reset(): void {
    this.#isFree = false;
    this.#askedAt = undefined;
  }
}

/** How long one session may last on the free plan, minutes. With enough credit it may be extended without limit. */
export function minutesOnFreePlan(balance: bigint | undefined): number {
  return balance === undefined || balance >= ENOUGH ? Number.POSITIVE_INFINITY : FREE_MINUTES;
}
