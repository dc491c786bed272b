import * as z from 'zod/mini';
import { MINUTE } from '../platform/units';

// Plain strings, not uuid(): self-hosted servers are free to name things otherwise.
const id = z.string().check(z.minLength(1));

export const MachineId = id.brand<'MachineId'>();
export type MachineId = z.infer<typeof MachineId>;

export const SessionId = id.brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;

export interface Machine {
  readonly id: MachineId;
  readonly name: string;
  /** The GPU a session gets unless another is asked for. Open vocabulary. */
  readonly gpu: string | undefined;
  readonly hosting: Hosting;
  /** Of its build, in the server's words: `ready`, `building`, `error` and others. */
  readonly status: string;
  /** Names the build in use, or under way. */
  readonly versionId: string | undefined;
  readonly comfyUiVersion: string | undefined;
  /** Of what built it: no counter. */
  readonly version: string | undefined;
  /** Server time, ms; undefined where it could not be read, which is no reason to hide the machine. */
  readonly updatedAt: number | undefined;
}

/** Whether a session can run on a machine, and if not, why. The server refuses only the first two reasons itself. */
export type Hosting =
  | { readonly kind: 'able' }
  | { readonly kind: 'unable'; readonly why: 'type'; readonly type: string }
  | { readonly kind: 'unable'; readonly why: 'builder'; readonly builder: string | undefined }
  | { readonly kind: 'unable'; readonly why: 'status'; readonly status: string }
  /** The server lists it in a form that this version cannot read. */
  | { readonly kind: 'unable'; readonly why: 'unread' }
  /** It says that it is ready, and no build of it has ever succeeded. */
  | { readonly kind: 'unable'; readonly why: 'unbuilt' };

interface SessionFields {
  readonly id: SessionId;
  readonly gpuEventId: string;
  readonly gpu: string;
  /** Server time, ms; undefined where it could not be read, which is no reason to hide what is billed. */
  readonly createdAt: number | undefined;
  /** Minutes asked for at creation. */
  readonly minutesAsked: number | undefined;
  readonly machineId: MachineId | undefined;
  readonly machineVersionId: string | undefined;
  readonly userId: string | undefined;
  /** What the server told in a form that cannot be read, so that nothing follows from its absence. */
  readonly unread?: readonly UnreadField[];
}

export type UnreadField = 'createdAt' | 'endsAt' | 'url' | 'minutesAsked' | 'machineId' | 'machineVersionId' | 'userId';

/**
 * The server's own `status` always says running, so the phase follows from the url and the deadline.
 * `endsAt` is server time in ms; it runs from creation, so a slow start eats into it.
 */
export type Session =
  | (SessionFields & { readonly phase: 'starting'; readonly endsAt: number })
  | (SessionFields & { readonly phase: 'ready'; readonly endsAt: number; readonly url: string })
  /** Billed, but the server knows no deadline and leaves it out of its list. */
  | (SessionFields & { readonly phase: 'undated'; readonly url: string | undefined })
  /** Cancelled; billed until the server no longer knows it. */
  | (SessionFields & { readonly phase: 'ending'; readonly doubt?: Doubt });

/** Why the end of a session is not to be had, or not to be believed. Server times, ms. */
export type Doubt =
  /** Nobody knows its container yet. Ended now, it would be closed and might come up all the same. */
  | { readonly kind: 'tooSoon' }
  /** Closed before it had a container, which may come up all the same until then. */
  | { readonly kind: 'unproven'; readonly until: number }
  /** The same, and no machine is known whose events would show it: if it came up, it is stopped by `limit`, unseen. */
  | { readonly kind: 'unseen'; readonly until: number; readonly limit: number }
  /** Its container came up after it was closed: billed, out of reach, and stopped then at the latest. */
  | { readonly kind: 'leaked'; readonly startedAt: number; readonly until: number };

/**
 * When it began, as far as anything says. Where that cannot be read its deadline does: it runs from the beginning, and
 * who extends a session only moves it on, so that it began then or before. Server time, ms.
 */
export function knownStart(session: Session): number | undefined {
  const { createdAt, minutesAsked } = session;
  if (createdAt !== undefined || minutesAsked === undefined || !('endsAt' in session)) return createdAt;
  return session.endsAt - minutesAsked * MINUTE;
}

/** It began then or before: what is reckoned from there is never too much. Server time, ms. */
export function latestStart(session: Session, now: number): number {
  return session.createdAt ?? Math.min(knownStart(session) ?? now, now);
}

/** Where its page is; undefined while it has none, and once it is ending. */
export function pageOf(session: Session): string | undefined {
  return 'url' in session ? session.url : undefined;
}

/** What a session's ComfyUI is doing. A queue that cannot be read is unknown, which is not idle. Server times, ms. */
export type Activity = KnownActivity | { readonly kind: 'unknown'; readonly last?: KnownActivity | undefined };

export type KnownActivity =
  /** How many wait behind the one that runs. */
  | { readonly kind: 'rendering'; readonly queued: number; readonly since: number }
  | { readonly kind: 'idle'; readonly since: number };

/** How long a run takes: of the same workflow as the one that finished last, and on this session. */
export interface Pace {
  /** ms. */
  readonly mean: number;
  /** When the one that runs now began, or later: server time, ms. */
  readonly since: number;
}

/** What was last read from a session's ComfyUI. */
export interface Work {
  readonly activity: Activity;
  /** Bytes. */
  readonly vram: { readonly used: number; readonly total: number } | undefined;
  /** Of the prompt that runs, where a window of ours follows it: ComfyUI tells nobody else. */
  readonly percent?: number | undefined;
  /** When ComfyUI last answered, or was first asked while it never has. Server time, ms. */
  readonly readAt: number;
  /** How fast its queue is worked off, where that was measured. */
  readonly pace?: Pace | undefined;
}

/** US dollars per second, in billionths, so that sums stay exact. Keyed by the server's GPU names. */
export type Prices = ReadonlyMap<string, number>;

/** Whose key this is; read from the key's own payload, never verified here. */
export interface Account {
  readonly userId: string | undefined;
  readonly orgId: string | undefined;
  /** Local or server time alike, ms; keys from the browser sign-in live seven days. */
  readonly expiresAt: number | undefined;
}
