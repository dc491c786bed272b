import * as z from 'zod/mini';
import type { ComfyDeployClient } from '../comfydeploy/client';
import { toApiError } from '../platform/errors';
import type { Logger } from '../platform/logger';
import type { Prices } from '../comfydeploy/model';
import { isOlder } from '../platform/age';
import type { Clock } from '../platform/clock';
import { Emitter, type Disposable } from '../platform/emitter';
import type { Memory } from '../platform/memory';
import { HOUR, MINUTE } from '../platform/units';

const FRESH_FOR = 6 * HOUR;
const RETRY_AFTER = 5 * MINUTE;

const SLOT = 'prices';
const Price = z.lazy(() => z.object({ gpu: z.string(), price: z.number() }));
const Kept = z.lazy(() => z.object({ server: z.string(), asOf: z.number(), prices: z.array(Price) }));

interface Known {
  readonly prices: Prices;
  /** Local clock, ms. */
  readonly asOf: number;
}

export interface PriceListOptions {
  readonly api: Pick<ComfyDeployClient, 'listPrices'>;
  /** Each server has its own prices. @throws {ApiError} `misconfigured`. */
  readonly baseUrl: () => string;
  readonly memory: Memory;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Logger;
}

/**
 * The server's prices, requested when needed and then kept for some hours. Older ones are used until the answer comes.
 */
export class PriceList implements Disposable {
  readonly #changed = new Emitter<Prices>();
  readonly onDidChange = this.#changed.event;
  #known: Known | undefined;
  /** When the server was last asked, local clock, ms, and how long the answer is valid. */
  #asked = { at: Number.NEGATIVE_INFINITY, for: 0 };
  #asking: Promise<void> | undefined;
  #epoch = 0;

  constructor(private readonly options: PriceListOptions) {
    this.#known = this.#remembered();
  }

  /** The latest known prices, possibly days old; undefined before this server's first answer. */
  get current(): Prices | undefined {
    return this.#known?.prices;
  }

  /** When the current prices were fetched, local clock, ms. */
  get asOf(): number | undefined {
    return this.#known?.asOf;
  }

  /** Asks again if it is time. After a failure the known prices stay: no error is shown. */
  refresh(): Promise<void> {
    const { at, for: long } = this.#asked;
    if (!isOlder(at, long - 1, this.options.clock.now())) return Promise.resolve();
    this.#asking ??= this.#ask(this.#epoch);
    return this.#asking;
  }

  /** Another server has other prices: an answer still on its way is dropped. */
  reset(): void {
    this.#epoch++;
    this.#asking = undefined;
    this.#known = this.#remembered();
    this.#asked = { at: Number.NEGATIVE_INFINITY, for: 0 };
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #ask(epoch: number): Promise<void> {
    const { api, clock, log } = this.options;
    const prices = await api.listPrices().catch((error: unknown) => {
      log.warn(`Prices could not be read: ${toApiError(error).message}`);
      return undefined;
    });
    if (epoch !== this.#epoch) return;
    this.#asking = undefined;
    this.#asked = { at: clock.now(), for: prices ? FRESH_FOR : RETRY_AFTER };
    if (!prices) return;
    this.#known = { prices, asOf: clock.now() };
    this.#remember(this.#known);
    this.#changed.fire(prices);
  }

  #remember({ prices, asOf }: Known): void {
    const { baseUrl, memory } = this.options;
    const kept = {
      server: baseUrl(),
      asOf,
      prices: [...prices].map(([gpu, price]) => ({ gpu, price })),
    } satisfies z.infer<typeof Kept>;
    // A failure does no harm: the next start asks again.
    memory.update(SLOT, kept).then(undefined, () => undefined);
  }

  #remembered(): Known | undefined {
    const { baseUrl, memory } = this.options;
    const kept = z.safeParse(Kept, memory.get(SLOT)).data;
    if (!kept) return undefined;
    try {
      return kept.server === baseUrl()
        ? { prices: new Map(kept.prices.map(({ gpu, price }) => [gpu, price])), asOf: kept.asOf }
        : undefined;
    } catch {
      return undefined; // without a server there are no prices; other requests report the error
    }
  }
}
