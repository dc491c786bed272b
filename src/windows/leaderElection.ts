import * as z from 'zod/mini';
import { parseJson } from '../platform/plainJson';
import { optional } from '../platform/unread';
import { SessionId } from '../comfydeploy/model';
import type { Heartbeats } from '../platform/journal';
import { MINUTE } from '../platform/units';

/** What a window reports about itself. */
export interface Presence {
  /** Whether its rows are visible to the user. */
  readonly isWatched: boolean;
  readonly isFocused: boolean;
  /** Sessions whose tab is in front while the window is in use. */
  readonly inUse: readonly SessionId[];
  /** Sessions whose outputs it is saving. */
  readonly saving: readonly SessionId[];
  /** What its editor is set to do about sessions, for other editors. */
  readonly wants?: string | undefined;
}

const Entry = z.lazy(() =>
  z.object({
    id: z.string(),
    /** Heartbeats so far. `beat` and `told` are names in the file, which windows of other versions read. */
    beat: z.number(),
    isWatched: z.boolean(),
    isFocused: z.boolean(),
    inUse: z.array(SessionId),
    /** Missing from windows of older versions. */
    saving: optional(z.array(SessionId)),
    wants: optional(z.string()),
  }),
);
type Entry = z.infer<typeof Entry>;

const Register = z.lazy(() =>
  z.object({
    /** The leader. */
    holder: optional(z.string()),
    windows: z.array(Entry),
    /** How many refreshes have begun: each takes the next number. */
    rounds: z.number(),
    /** The last refresh whose snapshot was shared, and how often one was shared. */
    told: z.object({ round: z.number(), version: z.number() }),
    /** The leader's readings of the sessions' work. */
    work: optional(z.string()),
  }),
);
/** What the windows of one account know of each other. */
export type Register = z.infer<typeof Register>;

export const NOBODY: Register = {
  holder: undefined,
  windows: [],
  rounds: 0,
  told: { round: 0, version: 0 },
  work: undefined,
};

/** Unreadable text counts as empty: every living window adds itself again. */
export function parseRegister(text: string): Register {
  return z.safeParse(Register, parseJson(text)).data ?? NOBODY;
}

/** The last heartbeat of each window, and when it was first seen here: our own steady clock, ms. */
export type SeenHeartbeats = ReadonlyMap<string, { readonly sign: string; readonly at: number }>;

/** Compares no clocks, only whether a heartbeat has changed. @param now steady clock, ms. */
export function observe(
  { windows }: Register,
  heartbeats: Heartbeats,
  before: SeenHeartbeats,
  now: number,
): SeenHeartbeats {
  return new Map(
    windows.map(({ id, beat }) => {
      const [known, sign] = [before.get(id), `${beat} ${heartbeats.get(id) ?? ''}`];
      return [id, known?.sign === sign ? known : { sign, at: now }];
    }),
  );
}

/** How long a silent window keeps the lead, ms. */
export const LEASE = 6_000;
/** A window that is silent for this long is gone, ms. */
const GONE = MINUTE;
/** A window that is silent for this long no longer counts as saving, ms: a GPU must not wait for it. */
const SAVES_NO_MORE = 15_000;

export interface Me extends Presence {
  readonly id: string;
  /** How often it has written its entry. */
  readonly beat: number;
  /** Whether there is something to guard; otherwise no leader is needed, and windows need not know of each other. */
  readonly isNeeded: boolean;
  /** The readings to share if this window leads. */
  readonly work: string | undefined;
}

/**
 * The register including this window: windows that are gone are left out, and the lead is assigned, kept or taken over.
 * The shared readings are for others: without other windows they stay as they are.
 */
export function elect(register: Register, me: Me, seen: SeenHeartbeats, now: number): Register {
  const stillness = ({ id }: Entry) => now - (seen.get(id)?.at ?? now);
  const living = register.windows.filter((entry) => entry.id === me.id || stillness(entry) < GONE);
  const others = living.filter(({ id }) => id !== me.id);
  const holder = others.find(({ id }) => id === register.holder);
  if (!me.isNeeded) return { ...register, windows: others, holder: holder?.id };
  const keeps = holder && stillness(holder) < LEASE && (holder.isFocused || !me.isFocused);
  const isListed = living.length > others.length;
  const own = entryOf(me);
  const windows = isListed ? living.map((entry) => (entry.id === me.id ? own : entry)) : [...others, own];
  if (keeps) return { ...register, windows, holder: holder.id };
  const isNews = register.holder !== me.id || others.length > 0;
  return { ...register, windows, holder: me.id, work: isNews ? me.work : register.work };
}

/** How often a window that is not the leader sends a heartbeat, ms. */
const SIGN_OF_LIFE = 20_000;

/**
 * Whether this window has to send a heartbeat; frequently while it saves, since ends wait for that. @param stillFor
 * since our last one, ms.
 */
export function isHeartbeatDue({ holder }: Register, { id, isNeeded, saving }: Me, stillFor: number): boolean {
  return isNeeded && (holder === id || saving.length > 0 || stillFor >= SIGN_OF_LIFE);
}

/** Whether the register has to be written. */
export function isNews(register: Register, me: Me, seen: SeenHeartbeats, now: number): boolean {
  const own = register.windows.find(({ id }) => id === me.id);
  const next = elect(register, own ? { ...me, beat: own.beat } : me, seen, now);
  return JSON.stringify(next) !== JSON.stringify(register);
}

function entryOf({ id, beat, isWatched, isFocused, inUse, saving, wants }: Me): Entry {
  return { id, beat, isWatched, isFocused, inUse: [...inUse], saving: [...saving], wants };
}

/** What the living windows report together. */
export function presenceOf(register: Register, me: Me, seen: SeenHeartbeats, now: number) {
  const others = elect(register, me, seen, now).windows.filter(({ id }) => id !== me.id);
  const all = [me, ...others];
  const lively = others.filter(({ id }) => now - (seen.get(id)?.at ?? now) < SAVES_NO_MORE);
  return {
    isWatched: all.some(({ isWatched }) => isWatched),
    isFocused: all.some(({ isFocused }) => isFocused),
    inUse: all.flatMap(({ inUse }) => inUse),
    saving: [me, ...lively].flatMap(({ saving = [] }) => saving),
    wanted: others.flatMap(({ wants }) => wants ?? []),
  };
}
