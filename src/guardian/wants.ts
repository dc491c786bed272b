import * as z from 'zod/mini';
import { parseJson } from '../platform/plainJson';
import type { SpendingLimits } from '../spending/spendingLimits';
import { LEASE, type Bounds, type GuardSettings } from './guardSettings';

// Editors have their own settings, and one editor guards for all: it does what any editor is set to do, within the
// limits of each. Announcements follow the settings of the editor that shows them.

export type Wants = Pick<GuardSettings, 'usual' | 'keepAliveUpTo' | 'lease' | 'savesOutputs'> & {
  readonly spendingLimits: SpendingLimits;
};

const between = ({ least, most }: Pick<Bounds, 'least' | 'most'>) =>
  z.number().check(z.minimum(least), z.maximum(most));
const WantsText = z.lazy(() =>
  z.object({
    keepAlive: z.boolean(),
    endWhenIdle: z.optional(z.number().check(z.positive())),
    /** Minutes since midnight. */
    endAt: z.optional(between({ least: 0, most: 24 * 60 - 1 })),
    keepAliveUpTo: z.number().check(z.nonnegative()),
    lease: z.object({ minutes: between(LEASE.minutes), mostHours: between(LEASE.hours) }),
    /** Spending limits for a session, a day and a month, billionths of a dollar. Other versions read this name. */
    ceilings: z.array(z.nullable(z.int().check(z.nonnegative()))),
    savesOutputs: z.optional(z.boolean()), // older versions do not say
  }),
);

/** The defaults of the manifest, which count as not set. */
const NOT_SET = { keepAliveUpTo: 60, minutes: 15, mostHours: 4 };

export function wantsText({ usual, spendingLimits: { session, day, month }, ...others }: Wants): string {
  const { keepAliveUpTo, lease, savesOutputs } = others;
  const { keepAlive, endWhenIdle, endAt } = usual;
  return JSON.stringify({
    keepAlive,
    endWhenIdle,
    keepAliveUpTo,
    lease,
    savesOutputs,
    endAt: endAt?.kind === 'daily' ? endAt.minutes : undefined,
    ceilings: [session, day, month].map((limit) => (limit === undefined ? null : Number(limit))),
  });
}

/** A text that cannot be read, for example of a newer version, or has impossible values adds nothing. */
export function allWant(own: Wants, others: readonly string[]): Wants {
  return others.reduce((all, text) => bothWant(all, text), own);
}

function bothWant(own: Wants, text: string): Wants {
  const other = z.safeParse(WantsText, parseJson(text)).data;
  if (!other) return own;
  const { usual, lease, spendingLimits } = own;
  const endAt = stricter(usual.endAt?.kind === 'daily' ? usual.endAt.minutes : undefined, other.endAt);
  const [session, day, month] = other.ceilings.map((one) => (one === null ? undefined : BigInt(one)));
  return {
    usual: {
      ...usual,
      keepAlive: usual.keepAlive || other.keepAlive,
      endWhenIdle: stricter(usual.endWhenIdle, other.endWhenIdle),
      endAt: endAt === undefined ? undefined : { kind: 'daily', minutes: endAt },
    },
    savesOutputs: own.savesOutputs || other.savesOutputs === true,
    keepAliveUpTo: stricter(own.keepAliveUpTo, other.keepAliveUpTo, NOT_SET.keepAliveUpTo),
    lease: {
      minutes: stricter(lease.minutes, other.lease.minutes, NOT_SET.minutes),
      mostHours: stricter(lease.mostHours, other.lease.mostHours, NOT_SET.mostHours),
    },
    spendingLimits: {
      session: stricter(spendingLimits.session, session),
      day: stricter(spendingLimits.day, day),
      month: stricter(spendingLimits.month, month),
    },
  };
}

/** The smaller of two values that are set. */
function stricter<T extends number | bigint | undefined>(one: T, other: T, notSet?: T): T {
  if (one === notSet) return other;
  return other === notSet || one === undefined || other === undefined || one < other ? one : other;
}
