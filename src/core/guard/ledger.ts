import * as z from 'zod/mini';
import { without } from '../maps';
import { MachineId, SessionId } from '../model';
import { readLines } from './lines';
import { WishChange } from './wishes';

const intent = z.lazy(() => z.string());

/** What is written down, one line each. `at` is server time, ms. Holds neither a key nor an address. */
const LedgerEvent = z.lazy(() =>
  z.union([
    z.object({
      kind: z.literal('createAsked'),
      intent,
      machineId: MachineId,
      gpu: z.string(),
      at: z.number(),
      /** Sessions of that machine that were there before. */
      known: z.array(SessionId),
    }),
    /** The answer was lost, or the window that waited for it is no more. */
    z.object({ kind: z.literal('createLost'), intent }),
    z.object({ kind: z.literal('created'), intent, sessionId: SessionId }),
    z.object({ kind: z.literal('notCreated'), intent }),
    z.object({ kind: z.literal('extendAsked'), intent, sessionId: SessionId, at: z.number() }),
    /** It may have happened: the session could not be read back. */
    z.object({ kind: z.literal('extendLost'), intent, sessionId: SessionId }),
    z.object({ kind: z.literal('extendSettled'), intent, sessionId: SessionId }),
    z.object({ kind: z.literal('cancelAsked'), sessionId: SessionId, at: z.number() }),
    z.object({ kind: z.literal('cancelDropped'), sessionId: SessionId }),
    z.object({ kind: z.literal('wished'), sessionId: SessionId, wish: WishChange }),
    /** Proven: the server no longer knows it. */
    z.object({ kind: z.literal('ended'), sessionId: SessionId }),
  ]),
);
export type LedgerEvent = z.infer<typeof LedgerEvent>;

/** Accounts and servers share one file: each line says whose it is. `on` is the day of writing, local clock, ms. */
const Line = z.lazy(() => z.object({ scope: z.string(), on: z.number(), event: LedgerEvent }));
type Line = z.infer<typeof Line>;

export interface OpenCreate extends Omit<Extract<LedgerEvent, { kind: 'createAsked' }>, 'kind'> {
  readonly isLost: boolean;
}

export interface OpenExtension {
  readonly intent: string;
  readonly sessionId: SessionId;
  readonly at: number;
  readonly isLost: boolean;
}

/** What was begun and is not yet proven to be over. */
export interface LedgerState {
  /** Sessions that were created here, with the intent each came from, until the server knows them no longer. */
  readonly created: ReadonlyMap<SessionId, string>;
  readonly creates: ReadonlyMap<string, OpenCreate>;
  readonly extensions: ReadonlyMap<SessionId, OpenExtension>;
  /** When each was asked for, server time, ms. */
  readonly cancelling: ReadonlyMap<SessionId, number>;
  /** What was asked for about sessions, as far as it is not the settings that say it. */
  readonly wishes: ReadonlyMap<SessionId, WishChange>;
}

export const NOTHING: LedgerState = {
  created: new Map(),
  creates: new Map(),
  extensions: new Map(),
  cancelling: new Map(),
  wishes: new Map(),
};

/** Every session that something was begun with in one of the user's windows. */
export function followed({ created, extensions, cancelling, wishes }: LedgerState): ReadonlySet<SessionId> {
  return new Set([...created.keys(), ...extensions.keys(), ...cancelling.keys(), ...wishes.keys()]);
}

export function lineOf(scope: string, on: number, event: LedgerEvent): string {
  return JSON.stringify({ scope, on, event } satisfies Line);
}

/** The events of one account on one server. Lines that are torn, or that a newer version wrote, are only counted. */
export function parseLedger(
  text: string,
  scope: string,
): { readonly events: readonly LedgerEvent[]; readonly unreadable: number } {
  const { lines, unreadable } = readLines(text, Line);
  return { events: lines.flatMap(({ line }) => (line.scope === scope ? [line.event] : [])), unreadable };
}

export function fold(events: readonly LedgerEvent[], from: LedgerState = NOTHING): LedgerState {
  return events.reduce(apply, from);
}

function apply(state: LedgerState, event: LedgerEvent): LedgerState {
  const { created, creates, extensions, cancelling, wishes } = state;
  switch (event.kind) {
    case 'createAsked':
      return { ...state, creates: withEntry(creates, event.intent, { ...event, isLost: false }) };
    case 'createLost':
      return { ...state, creates: asLost(creates, event.intent) };
    case 'notCreated':
      return { ...state, creates: without(creates, event.intent) };
    case 'created':
      return {
        ...state,
        created: withEntry(created, event.sessionId, event.intent),
        creates: without(creates, event.intent),
      };
    case 'extendAsked':
      return { ...state, extensions: withEntry(extensions, event.sessionId, { ...event, isLost: false }) };
    case 'extendLost':
      if (extensions.get(event.sessionId)?.intent !== event.intent) return state;
      return { ...state, extensions: asLost(extensions, event.sessionId) };
    case 'extendSettled':
      if (extensions.get(event.sessionId)?.intent !== event.intent) return state;
      return { ...state, extensions: without(extensions, event.sessionId) };
    case 'cancelAsked':
      return { ...state, cancelling: withEntry(cancelling, event.sessionId, event.at) };
    case 'cancelDropped':
      return { ...state, cancelling: without(cancelling, event.sessionId) };
    case 'wished':
      return {
        ...state,
        wishes: withEntry(wishes, event.sessionId, { ...wishes.get(event.sessionId), ...event.wish }),
      };
    case 'ended':
      return {
        ...state,
        created: without(created, event.sessionId),
        extensions: without(extensions, event.sessionId),
        cancelling: without(cancelling, event.sessionId),
        wishes: without(wishes, event.sessionId),
      };
  }
}

/** What closes an intent that may have been written down, although nothing was sent. */
export function withdrawal(event: LedgerEvent): LedgerEvent | undefined {
  if (event.kind === 'createAsked') return { kind: 'notCreated', intent: event.intent };
  if (event.kind !== 'extendAsked') return undefined;
  return { kind: 'extendSettled', intent: event.intent, sessionId: event.sessionId };
}

/** What was begun longer ago than this concerns nobody any more. */
const KEPT = 30 * 24 * 3_600_000;

/** The same ledger without what is over, torn, or ancient. @param now local clock, ms. */
export function compact(text: string, now: number): string {
  const lines = readLines(text, Line).lines.filter(({ line }) => now - line.on < KEPT);
  const states = new Map<string, LedgerState>();
  for (const {
    line: { scope, event },
  } of lines)
    states.set(scope, apply(states.get(scope) ?? NOTHING, event));
  const kept = lines.filter(({ line: { scope, event } }) => isOpen(states.get(scope) ?? NOTHING, event));
  return kept.map(({ raw }) => `${raw}\n`).join('');
}

function isOpen({ created, creates, extensions, cancelling, wishes }: LedgerState, event: LedgerEvent): boolean {
  if ('sessionId' in event) {
    const id = event.sessionId;
    return created.has(id) || extensions.has(id) || cancelling.has(id) || wishes.has(id);
  }
  return creates.has(event.intent);
}

function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

function asLost<K, V extends { readonly isLost: boolean }>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const value = map.get(key);
  return value ? withEntry(map, key, { ...value, isLost: true }) : map;
}

/** Whose intents: an account on a server, as a short hash that tells neither. */
export function scopeOf(server: string, who: string): string {
  return hash(`${server} ${who}`);
}

/** FNV-1a, 32 bits: tells a handful of accounts apart, and is of no use for finding out a key. */
function hash(text: string): string {
  let sum = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
  return sum.toString(16).padStart(8, '0');
}
