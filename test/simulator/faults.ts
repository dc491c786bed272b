import * as z from 'zod';

const Effect = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('latency'), ms: z.number() }),
  /** Never answers. */
  z.object({ kind: z.literal('hang') }),
  /** Cuts the connection before or after the work is done. */
  z.object({ kind: z.literal('reset'), when: z.enum(['before', 'after']) }),
  /** Answers so many bytes, then cuts the connection. */
  z.object({ kind: z.literal('truncate'), bytes: z.number() }),
  /** Answers instead of doing the work. A text body is sent as plain text, anything else as JSON. */
  z.object({
    kind: z.literal('answer'),
    status: z.number(),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
  }),
  /** The right answer, but broken JSON. */
  z.object({ kind: z.literal('badJson') }),
  /** Overwrites or adds fields in every object of the answer. */
  z.object({ kind: z.literal('set'), fields: z.record(z.string(), z.unknown()) }),
  z.object({ kind: z.literal('omit'), fields: z.array(z.string()) }),
]);

export const FaultRule = z.object({
  method: z.string().optional(),
  /** `:name` stands for one segment, `*` for anything. */
  path: z.string(),
  /** How often it applies; until cleared if absent. */
  times: z.number().optional(),
  effect: Effect,
});

export type FaultEffect = z.infer<typeof Effect>;
export type FaultRule = z.infer<typeof FaultRule>;

interface Armed {
  readonly rule: FaultRule;
  readonly pattern: RegExp;
  readonly left: number;
}

/** The faults to apply, and how often each is still due. */
export class Faults {
  #armed: readonly Armed[] = [];
  #offline = false;
  readonly #connections = new Set<() => void>();

  /** Seconds by which the `Date` header is off; the times in the bodies stay right. */
  dateSkewSeconds = 0;

  /** Whether any fault is still due. */
  get isArmed(): boolean {
    return this.#offline || this.#armed.length > 0;
  }

  get offline(): boolean {
    return this.#offline;
  }

  /** Going offline also cuts requests that are being answered. */
  setOffline(offline: boolean): void {
    this.#offline = offline;
    if (offline) for (const cut of this.#connections) cut();
  }

  arm(rule: FaultRule): void {
    this.#armed = [...this.#armed, { rule, pattern: patternOf(rule.path), left: rule.times ?? Infinity }];
  }

  clear(): void {
    this.#armed = [];
  }

  /** All faults that apply to one request; the request counts once for each. */
  take(method: string, path: string): readonly FaultEffect[] {
    const applies = ({ rule, pattern }: Armed) => (rule.method ?? method) === method && pattern.test(path);
    const taken = this.#armed.filter(applies);
    this.#armed = this.#armed
      .map((armed) => (taken.includes(armed) ? { ...armed, left: armed.left - 1 } : armed))
      .filter(({ left }) => left > 0);
    return taken.map(({ rule }) => rule.effect);
  }

  /** The result forgets the connection. */
  watch(cut: () => void): () => void {
    this.#connections.add(cut);
    return () => void this.#connections.delete(cut);
  }
}

function patternOf(path: string): RegExp {
  const source = path
    .replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    .replace(/:\w+/g, '[^/]+')
    .replace(/\*/g, '.*');
  return new RegExp(`^${source}$`);
}
