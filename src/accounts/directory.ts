import type { ComfyDeployClient } from '../comfydeploy/client';
import type { Clock } from '../platform/clock';
import { Emitter, type Disposable } from '../platform/emitter';
import { MINUTE } from '../platform/units';

/** How long to wait before a name that could not be read is requested again, ms. */
const REST = MINUTE;

/** Names of the people whose sessions are shown, each requested once. */
export class Directory implements Disposable {
  readonly #changed = new Emitter<void>();
  readonly onDidChange = this.#changed.event;
  #names = new Map<string, string | undefined>();
  /** When a name that could not be read may be requested again, steady clock, ms. */
  readonly #askAgainAt = new Map<string, number>();

  constructor(
    private readonly api: Pick<ComfyDeployClient, 'getUserName'>,
    private readonly clock: Pick<Clock, 'monotonic'>,
  ) {}

  /** The name; undefined while unknown, which also starts a request for it. */
  readonly nameOf = (userId: string): string | undefined => {
    const isResting = (this.#askAgainAt.get(userId) ?? 0) > this.clock.monotonic();
    if (!this.#names.has(userId) && !isResting) void this.#learn(userId);
    return this.#names.get(userId);
  };

  reset(): void {
    this.#names = new Map();
    this.#askAgainAt.clear();
  }

  dispose(): void {
    this.#changed.dispose();
  }

  async #learn(userId: string): Promise<void> {
    const names = this.#names;
    names.set(userId, undefined);
    try {
      const name = await this.api.getUserName(userId);
      if (name === undefined) return; // the server knows no name
      names.set(userId, name);
      if (names === this.#names) this.#changed.fire();
    } catch {
      // Names are not essential: until one can be read, the row shows the id.
      names.delete(userId);
      if (names === this.#names) this.#askAgainAt.set(userId, this.clock.monotonic() + REST);
    }
  }
}
