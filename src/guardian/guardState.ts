import * as z from 'zod/mini';
import { parseJson } from '../platform/failure';
import { SessionId } from '../comfydeploy/model';
import type { Said } from '../spending/ceilings';
import { Climb, type Ladder } from './ladder';
import { Countdown, type Countdowns, type Spared } from './endings';
import { Held, type Holds } from './keepAlive';

/** What was said, promised and added. Whoever takes the seat goes on from here. */
export interface GuardState {
  readonly ladder: Ladder;
  readonly muted: ReadonlySet<SessionId>;
  readonly holds: Holds;
  readonly countdowns: Countdowns;
  readonly spared: Spared;
  /** The share of each ceiling that was told of. */
  readonly said: Said;
  /** The absence that was told of last. */
  readonly reminded: number | undefined;
}

export const NOTHING_SAID: GuardState = {
  ladder: new Map(),
  muted: new Set(),
  holds: new Map(),
  countdowns: new Map(),
  spared: new Map(),
  said: new Map(),
  reminded: undefined,
};

const Saved = z.lazy(() =>
  z.object({
    ladder: z.array(z.tuple([SessionId, Climb])),
    muted: z.array(SessionId),
    holds: z.array(z.tuple([SessionId, Held])),
    countdowns: z.array(z.tuple([SessionId, Countdown])),
    spared: z.array(z.tuple([SessionId, z.number()])),
    said: z.array(z.tuple([z.string(), z.number()])),
    reminded: z.optional(z.number()),
  }),
);

/** Holds neither a key nor an address. */
export function textOf({ ladder, muted, holds, countdowns, spared, said, reminded }: GuardState): string {
  return JSON.stringify({
    ladder: [...ladder],
    muted: [...muted],
    holds: [...holds],
    countdowns: [...countdowns],
    spared: [...spared],
    said: [...said],
    reminded,
  } satisfies z.infer<typeof Saved>);
}

/** What cannot be read was not said. */
export function readState(text: string): GuardState {
  const saved = z.safeParse(Saved, parseJson(text)).data;
  if (!saved) return NOTHING_SAID; // nothing was written yet, or a newer version wrote it
  return {
    ladder: new Map(saved.ladder),
    muted: new Set(saved.muted),
    holds: new Map(saved.holds),
    countdowns: new Map(saved.countdowns),
    spared: new Map(saved.spared),
    said: new Map(saved.said),
    reminded: saved.reminded,
  };
}
