import * as z from 'zod/mini';
import type { SessionId } from '../comfydeploy/model';
import type { Memory } from '../platform/memory';
import type { ServerTime } from '../platform/serverTime';
import { MINUTE } from '../platform/units';
import { ownSessions } from '../sessions/snapshot';
import type { Store } from '../sessions/store';

/** What a session does once it runs: between renders somebody works in it, or nobody does. */
export type Doing = 'rendering' | 'active' | 'idle';

const ms = z.lazy(() => z.number().check(z.minimum(0)));
/** For how long it was seen doing what, ms. The rest of its time nobody watched. */
export const Usage = z.lazy(() => z.object({ rendering: ms, active: ms, idle: ms }));
export type Usage = Readonly<Record<Doing, number>>;

export interface UsagesOptions {
  readonly store: Pick<Store, 'snapshot'>;
  readonly memory: Memory;
  readonly serverTime: Pick<ServerTime, 'now'>;
  /** Undefined if that is not known now. */
  readonly doingOf: (id: SessionId) => Doing | undefined;
}

interface Watched {
  /** Of the last look, server time, ms. */
  readonly at: number;
  readonly doing: Doing | undefined;
  readonly usage: Usage;
}

const KEY = 'usages';
const Kept = z.lazy(() => z.record(z.string(), Usage));
/** What lasted longer between two looks was not watched, ms. */
const LONGEST_GAP = 2 * MINUTE;
/** Kept for a window that goes on with it, ms. */
const KEEP_EVERY = MINUTE;
const MOST = 50;
const NOTHING: Usage = { rendering: 0, active: 0, idle: 0 };

/** Adds up what the user's own sessions do while a window watches them. */
export class Usages {
  readonly #watched = new Map<SessionId, Watched>();
  #keptAt = 0;

  constructor(private readonly options: UsagesOptions) {}

  /** To be called whenever what sessions do may have changed. */
  look(): void {
    const { store, serverTime, doingOf } = this.options;
    const at = serverTime.now();
    const own = ownSessions(store.snapshot);
    for (const { id } of own) {
      const last = this.#watched.get(id);
      const usage = this.of(id) ?? NOTHING;
      const gap = at - (last?.at ?? at);
      const isWatched = last?.doing !== undefined && gap > 0 && gap <= LONGEST_GAP;
      const next = isWatched ? { ...usage, [last.doing]: usage[last.doing] + gap } : usage;
      this.#watched.set(id, { at, doing: doingOf(id), usage: next });
    }
    if (own.length > 0 && Math.abs(at - this.#keptAt) >= KEEP_EVERY) this.#keep(at);
  }

  /** Undefined if it was never seen doing anything. */
  readonly of = (id: SessionId): Usage | undefined => {
    const usage = this.#watched.get(id)?.usage ?? this.#kept[id];
    return usage && totalOf(usage) > 0 ? usage : undefined;
  };

  get #kept(): Readonly<Record<string, Usage>> {
    return Kept.safeParse(this.options.memory.get(KEY)).data ?? {};
  }

  #keep(at: number): void {
    this.#keptAt = at;
    const own = [...this.#watched].map(([id, { usage }]) => [id, usage] as const);
    const others = Object.entries(this.#kept).filter(([id]) => own.every(([one]) => one !== id));
    const all = Object.fromEntries([...others, ...own].slice(-MOST));
    this.options.memory.update(KEY, all).then(undefined, () => undefined); // then less is known after a restart
  }
}

export function totalOf({ rendering, active, idle }: Usage): number {
  return rendering + active + idle;
}
