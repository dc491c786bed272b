import * as z from 'zod/mini';
import { parseJson } from '../platform/plainJson';
import { optional } from '../platform/unread';
import { SessionId } from '../comfydeploy/model';
import type { Heartbeats } from '../platform/journal';
import { MINUTE } from '../platform/units';

/** What a window says of itself. */
export interface Presence {
  /** Somebody can see the rows. */
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
    /** How many looks at the server have begun: each draws the next number. */
    rounds: z.number(),
    /** The last look whose snapshot was shared, and how often one was. */
    told: z.object({ round: z.number(), version: z.number() }),
    /** What the leader has read of the sessions' work. */
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

/** What cannot be read is taken for empty: whoever lives writes itself down again. */
export function parseRegister(text: string): Register {
  return z.safeParse(Register, parseJson(text)).data ?? NOBODY;
}

/** The last sign of life of each window, and when it was first seen here: by our own steady clock, ms. */
export type SeenHeartbeats = ReadonlyMap<string, { readonly sign: string; readonly at: number }>;

/** No clocks are compared: only whether a sign of life has changed since. @param now steady clock, ms. */
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

/** How long the lead is safe with a window that does not stir, ms. */
export const LEASE = 6_000;
/** A window that does not stir for so long is gone, ms. */
const GONE = MINUTE;
/** What a window that does not stir for so long was saving, it saves no longer: a GPU must not wait for that, ms. */
const SAVES_NO_MORE = 15_000;

export interface Me extends Presence {
  readonly id: string;
  /** How often it has written itself down. */
  readonly beat: number;
  /** There is something to guard; else nobody needs a leader, and the windows need not know of each other. */
  readonly isNeeded: boolean;
  /** What is told of the sessions' work if the lead is ours. */
  readonly work: string | undefined;
}

/**
 * The register as it should be with us: windows that are gone are left out, and the lead is given, kept or taken.
 * What is told of work is for others: with nobody else there it stays as it is.
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

/** A window that only follows stirs this rarely, ms. */
const SIGN_OF_LIFE = 20_000;

/** Whether we owe the others a sign of life: ends wait for who saves. @param stillFor since our last one, ms. */
export function isHeartbeatDue({ holder }: Register, { id, isNeeded, saving }: Me, stillFor: number): boolean {
  return isNeeded && (holder === id || saving.length > 0 || stillFor >= SIGN_OF_LIFE);
}

/** Whether anything is to be written down. */
export function isNews(register: Register, me: Me, seen: SeenHeartbeats, now: number): boolean {
  const own = register.windows.find(({ id }) => id === me.id);
  const next = elect(register, own ? { ...me, beat: own.beat } : me, seen, now);
  return JSON.stringify(next) !== JSON.stringify(register);
}

function entryOf({ id, beat, isWatched, isFocused, inUse, saving, wants }: Me): Entry {
  return { id, beat, isWatched, isFocused, inUse: [...inUse], saving: [...saving], wants };
}

/** What the living windows say together. */
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
