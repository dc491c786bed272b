import type { ComfyDeployClient } from '../api/client';
import { toApiError } from '../api/errors';
import type { Logger } from '../logger';
import type { Prices } from '../model';
import type { Clock } from '../state/clock';
import { Emitter, type Disposable } from '../state/emitter';

const FRESH_FOR = 6 * 60 * 60_000;
const RETRY_AFTER = 5 * 60_000;

/** The server's prices, asked for when somebody needs them and then kept for some hours. */
export class PriceList implements Disposable {
  readonly #changed = new Emitter<Prices>();
  readonly onDidChange = this.#changed.event;
  #prices: Prices | undefined;
  #nextAskAt = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #epoch = 0;

  constructor(
    private readonly api: Pick<ComfyDeployClient, 'listPrices'>,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly log: Logger,
  ) {}

  /** What is known now; undefined until the first answer. */
  get current(): Prices | undefined {
    return this.#prices;
  }

  /** Asks again if it is time. A failure leaves what was known: a price list is not worth an error message. */
  refresh(): Promise<void> {
    if (this.clock.now() < this.#nextAskAt) return Promise.resolve();
    this.#asking ??= this.#ask(this.#epoch);
    return this.#asking;
  }

  /** Another server, other prices: an answer still on its way is not for us. */
  reset(): void {
    this.#epoch++;
    this.#asking = undefined;
    this.#prices = undefined;
    this.#nextAskAt = Number.NEGATIVE_INFINITY;
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #ask(epoch: number): Promise<void> {
    const prices = await this.api.listPrices().catch((error: unknown) => {
      this.log.warn(`Prices could not be read: ${toApiError(error).message}`);
      return undefined;
    });
    if (epoch !== this.#epoch) return;
    this.#asking = undefined;
    this.#nextAskAt = this.clock.now() + (prices ? FRESH_FOR : RETRY_AFTER);
    if (!prices) return;
    this.#prices = prices;
    this.#changed.fire(prices);
  }
}
