import * as z from 'zod/mini';
import { without } from '../platform/maps';
import { MachineId, SessionId } from '../comfydeploy/model';
import { readLines } from '../platform/jsonLines';
import { PreferencesChange } from './preferences';
import { DAY } from '../platform/units';

const intent = z.lazy(() => z.string());

/** What is needed to look for a session without a page once the server no longer knows it. */
const EarlyFields = z.lazy(() =>
  z.object({
    /** Missing if the server names none: then no bill can show the outcome. */
    machineId: z.optional(MachineId),
    gpu: z.string(),
    gpuEventId: z.string(),
    createdAt: z.number(),
    userId: z.optional(z.string()),
  }),
);
export type EarlyFields = z.infer<typeof EarlyFields>;

/**
 * What is written down, one line each. `at` is server time, ms. Contains neither a key nor an address. Windows of other
 * versions read it, so its names stay: `wish` is guard preferences, `cancel` is an end.
 */
const LedgerEvent = z.lazy(() =>
  z.union([
    z.object({
      kind: z.literal('createAsked'),
      intent,
      machineId: MachineId,
      gpu: z.string(),
      at: z.number(),
      /** Sessions of that machine that existed before. */
      known: z.array(SessionId),
      /** Guard preferences that apply from the session's first moment. */
      wish: z.optional(PreferencesChange),
    }),
    /** The answer was lost, or the window that waited for it is gone. */
    z.object({ kind: z.literal('createLost'), intent }),
    z.object({
      kind: z.literal('created'),
      intent,
      sessionId: SessionId,
      /** Server time of the answer, and whether the container was called by then. */
      answeredAt: z.optional(z.number()),
      isCalled: z.optional(z.boolean()),
      wish: z.optional(PreferencesChange),
    }),
    z.object({ kind: z.literal('notCreated'), intent }),
    z.object({ kind: z.literal('extendAsked'), intent, sessionId: SessionId, at: z.number() }),
    /** The extension may have happened: the session could not be read back. */
    z.object({ kind: z.literal('extendLost'), intent, sessionId: SessionId }),
    z.object({ kind: z.literal('extendSettled'), intent, sessionId: SessionId }),
    z.object({
      kind: z.literal('cancelAsked'),
      sessionId: SessionId,
      at: z.number(),
      /** Missing if the user asked for it, and in lines of older versions. */
      by: z.optional(z.literal('guardian')),
    }),
    /** The bill shows the session, and the list does not. */
    z.object({ kind: z.literal('found'), sessionId: SessionId }),
    /** Its end was requested before it had a page. */
    z.object({ kind: z.literal('endedEarly'), sessionId: SessionId, of: EarlyFields }),
    /** The server has closed it without a container, which may still start. */
    z.object({ kind: z.literal('closedEarly'), sessionId: SessionId, of: EarlyFields, at: z.number() }),
    /** Its container started after it was closed: it runs on, and cannot be ended. */
    z.object({ kind: z.literal('leaked'), sessionId: SessionId, of: EarlyFields, startedAt: z.number() }),
    z.object({ kind: z.literal('cancelDropped'), sessionId: SessionId }),
    z.object({ kind: z.literal('wished'), sessionId: SessionId, wish: PreferencesChange }),
    /** Proven: the server no longer knows the session. */
    z.object({ kind: z.literal('ended'), sessionId: SessionId }),
  ]),
);
export type LedgerEvent = z.infer<typeof LedgerEvent>;

/**
 * Accounts and servers share one file: `scope` says whose the line is. `on` is the time of writing, local clock, ms.
 */
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

export interface OpenEnd {
  /** When it was requested, server time, ms. */
  readonly at: number;
  readonly by: 'guardian' | undefined;
}

/** A session whose end was requested before it had a page: a 404 does not prove its end. */
export type Early = EarlyFields &
  (
    | { readonly stage: 'asked' }
    | { readonly stage: 'closed'; readonly at: number }
    | { readonly stage: 'leaked'; readonly startedAt: number }
  );

export interface Birth {
  readonly machineId: MachineId | undefined;
  readonly answeredAt: number;
  readonly isCalled: boolean;
}

/** Everything that was begun and is not yet proven to be over. */
export interface LedgerState {
  /** Sessions created here with their intent, until the server no longer knows them. */
  readonly created: ReadonlyMap<SessionId, string>;
  readonly creates: ReadonlyMap<string, OpenCreate>;
  readonly extensions: ReadonlyMap<SessionId, OpenExtension>;
  readonly ends: ReadonlyMap<SessionId, OpenEnd>;
  /** Only the bill shows these. */
  readonly found: ReadonlySet<SessionId>;
  readonly early: ReadonlyMap<SessionId, Early>;
  /** How the server answered the requests for sessions created here. */
  readonly births: ReadonlyMap<SessionId, Birth>;
  /** What the user asked for about single sessions, where it differs from the settings. */
  readonly preferences: ReadonlyMap<SessionId, PreferencesChange>;
}

export const NOTHING: LedgerState = {
  created: new Map(),
  creates: new Map(),
  extensions: new Map(),
  ends: new Map(),
  found: new Set(),
  early: new Map(),
  births: new Map(),
  preferences: new Map(),
};

/** Every session that one of the user's windows began something with and that the server may know. */
export function followed(state: LedgerState): ReadonlySet<SessionId> {
  const { created, extensions, ends, found, early, preferences } = state;
  const ids = new Set([...created.keys(), ...extensions.keys(), ...ends.keys(), ...found, ...preferences.keys()]);
  for (const [id, { stage }] of early) if (stage !== 'asked') ids.delete(id);
  return ids;
}

/** Whether anything is billed, or may be. */
export function isOnGuard(sessions: readonly unknown[], state: LedgerState): boolean {
  return sessions.length + followed(state).size + state.creates.size + state.early.size > 0;
}

export function lineOf(scope: string, on: number, event: LedgerEvent): string {
  return JSON.stringify({ scope, on, event } satisfies Line);
}

/** The events of one account on one server. Torn lines and lines of newer versions are only counted. */
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
  const { created, creates, extensions, ends, preferences } = state;
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
        births: withBirth(state, event),
        preferences: event.wish ? withEntry(preferences, event.sessionId, event.wish) : preferences,
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
      return { ...state, ends: withEntry(ends, event.sessionId, { at: event.at, by: event.by }) };
    case 'found':
      return { ...state, found: new Set(state.found).add(event.sessionId) };
    case 'endedEarly':
    case 'closedEarly':
    case 'leaked':
      return { ...state, early: withEarly(state.early, event) };
    case 'cancelDropped':
      return withoutEnd(state, event.sessionId);
    case 'wished':
      return {
        ...state,
        preferences: withEntry(preferences, event.sessionId, { ...preferences.get(event.sessionId), ...event.wish }),
      };
    case 'ended':
      return withoutSession(state, event.sessionId);
  }
}

/** As if its end had never been requested. */
function withoutEnd(state: LedgerState, id: SessionId): LedgerState {
  const isAsked = state.early.get(id)?.stage === 'asked';
  return {
    ...state,
    early: isAsked ? without(state.early, id) : state.early,
    ends: without(state.ends, id),
  };
}

function withoutSession(state: LedgerState, id: SessionId): LedgerState {
  return {
    ...state,
    created: without(state.created, id),
    extensions: without(state.extensions, id),
    ends: without(state.ends, id),
    found: new Set([...state.found].filter((one) => one !== id)),
    early: without(state.early, id),
    births: without(state.births, id),
    preferences: without(state.preferences, id),
  };
}

/** The event that closes an intent that may have been recorded although nothing was sent. */
export function withdrawal(event: LedgerEvent): LedgerEvent | undefined {
  if (event.kind === 'createAsked') return { kind: 'notCreated', intent: event.intent };
  if (event.kind !== 'extendAsked') return undefined;
  return { kind: 'extendSettled', intent: event.intent, sessionId: event.sessionId };
}

/** Lines older than this are dropped. */
const KEPT = 30 * DAY;

/** The ledger without lines that are closed, torn or older than `KEPT`. @param now local clock, ms. */
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

function isOpen(state: LedgerState, event: LedgerEvent): boolean {
  const { created, creates, extensions, ends, found, early, preferences } = state;
  if (!('sessionId' in event)) return creates.has(event.intent);
  return [created, extensions, ends, found, early, preferences].some((open) => open.has(event.sessionId));
}

function withEntry<K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> {
  return new Map(map).set(key, value);
}

/** Independent of which window writes first: what is known of the container is only ever added to. */
function withEarly(
  early: LedgerState['early'],
  event: Extract<LedgerEvent, { kind: 'endedEarly' | 'closedEarly' | 'leaked' }>,
): LedgerState['early'] {
  const before = early.get(event.sessionId);
  const fields = before ?? event.of;
  if (event.kind === 'leaked')
    return withEntry(early, event.sessionId, { ...fields, stage: 'leaked', startedAt: event.startedAt });
  if (event.kind === 'endedEarly')
    return before ? early : withEntry(early, event.sessionId, { ...fields, stage: 'asked' });
  const isKnown = before !== undefined && before.stage !== 'asked';
  return isKnown ? early : withEntry(early, event.sessionId, { ...fields, stage: 'closed', at: event.at });
}

function withBirth({ births, creates }: LedgerState, event: Extract<LedgerEvent, { kind: 'created' }>) {
  const { sessionId, answeredAt, isCalled, intent } = event;
  if (answeredAt === undefined || isCalled === undefined) return births;
  return withEntry(births, sessionId, { machineId: creates.get(intent)?.machineId, answeredAt, isCalled });
}

function asLost<K, V extends { readonly isLost: boolean }>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> {
  const value = map.get(key);
  return value ? withEntry(map, key, { ...value, isLost: true }) : map;
}
