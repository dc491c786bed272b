import * as z from 'zod/mini';
import { pageOf, type SessionId } from '../comfydeploy/model';
import type { Memory } from '../platform/memory';
import { findSession } from '../sessions/snapshot';
import type { Store } from '../sessions/store';

interface Kind<T> {
  /** Its key in the memory. */
  readonly key: string;
  readonly schema: z.ZodMiniType<T>;
  readonly idOf: (one: T) => string;
  /** How many are kept, the latest ones. */
  readonly most: number;
}

/** What this window has sent, or is about to, and still follows: recorded for after a reload. */
export class WorkInHand<T extends { readonly sessionId: SessionId }> {
  #all: readonly T[];
  /** Left by the window before its reload: nobody follows these yet. */
  #left: readonly T[];

  /** @param memory of this window's workspace: other windows follow their own. */
  constructor(
    private readonly memory: Memory,
    private readonly kind: Kind<T>,
  ) {
    this.#all = this.#left = z.safeParse(z.array(kind.schema), memory.get(kind.key)).data ?? [];
  }

  /** Called before it is sent, so that it is looked for even if the window does not see the answer. */
  async keep(one: T): Promise<void> {
    await this.#write([...this.#without(this.kind.idOf(one)), one].slice(-this.kind.most));
  }

  /** It is over, or nobody follows it any more. */
  async drop(id: string): Promise<void> {
    const rest = this.#without(id);
    if (rest.length < this.#all.length) await this.#write(rest);
  }

  /** What was left, each once: as soon as its session has a page, or is known to be over. */
  due(store: Pick<Store, 'snapshot' | 'follows'>): readonly T[] {
    const { snapshot } = store;
    if (this.#left.length === 0 || snapshot.kind !== 'ready') return [];
    const due = this.#left.filter(({ sessionId }) => {
      const session = findSession(snapshot, sessionId);
      return session ? pageOf(session) !== undefined : !store.follows(sessionId);
    });
    this.#left = this.#left.filter((one) => !due.includes(one));
    return due;
  }

  #without(id: string): readonly T[] {
    return this.#all.filter((one) => this.kind.idOf(one) !== id);
  }

  async #write(all: readonly T[]): Promise<void> {
    this.#all = all;
    await this.memory.update(this.kind.key, all);
  }
}
