import * as z from 'zod/mini';
import { MINUTE } from '../platform/units';

// Plain strings, not uuid(): self-hosted servers may use other ids.
const id = z.string().check(z.minLength(1));

export const MachineId = id.brand<'MachineId'>();
export type MachineId = z.infer<typeof MachineId>;

export const SessionId = id.brand<'SessionId'>();
export type SessionId = z.infer<typeof SessionId>;

export interface Machine {
  readonly id: MachineId;
  readonly name: string;
  /** The default GPU of its sessions. New names may appear at any time. */
  readonly gpu: string | undefined;
  readonly hosting: Hosting;
  /** The state of its build, in the server's words: `ready`, `building`, `error` and others. */
  readonly status: string;
  /** The build in use or under way. */
  readonly versionId: string | undefined;
  readonly comfyUiVersion: string | undefined;
  /** The builder's version, not a counter of builds. */
  readonly version: string | undefined;
  /** Server time, ms; undefined if unreadable: the machine is shown anyway. */
  readonly updatedAt: number | undefined;
}

/** Whether a machine can host sessions, and if not, why. The server itself only refuses for the first two reasons. */
export type Hosting =
  | { readonly kind: 'able' }
  | { readonly kind: 'unable'; readonly why: 'type'; readonly type: string }
  | { readonly kind: 'unable'; readonly why: 'builder'; readonly builder: string | undefined }
  | { readonly kind: 'unable'; readonly why: 'status'; readonly status: string }
  /** The server lists it in a form that this version cannot read. */
  | { readonly kind: 'unable'; readonly why: 'unread' }
  /** It claims to be ready, but no build of it has ever succeeded. */
  | { readonly kind: 'unable'; readonly why: 'unbuilt' };

interface SessionFields {
  readonly id: SessionId;
  readonly gpuEventId: string;
  readonly gpu: string;
  /** Server time, ms; undefined if unreadable: the session is shown anyway, since it is billed. */
  readonly createdAt: number | undefined;
  /** Minutes requested at creation. */
  readonly minutesAsked: number | undefined;
  readonly machineId: MachineId | undefined;
  readonly machineVersionId: string | undefined;
  readonly userId: string | undefined;
  /** Fields that the server sent in an unreadable form, so that their absence means nothing. */
  readonly unread?: readonly UnreadField[];
}

export type UnreadField = 'createdAt' | 'endsAt' | 'url' | 'minutesAsked' | 'machineId' | 'machineVersionId' | 'userId';

/**
 * The server's own `status` always says running, so the phase is derived from the url and the deadline. `endsAt` is
 * server time, ms; it counts from creation, so a slow start uses part of it.
 */
export type Session =
  | (SessionFields & { readonly phase: 'starting'; readonly endsAt: number })
  | (SessionFields & { readonly phase: 'ready'; readonly endsAt: number; readonly url: string })
  /** Billed, but the server knows no deadline and omits it from its list. */
  | (SessionFields & { readonly phase: 'undated'; readonly url: string | undefined })
  /** Its end was requested; billed until the server no longer knows it. */
  | (SessionFields & { readonly phase: 'ending'; readonly doubt?: Doubt });

/** Why the end of a session cannot be requested yet, or cannot be trusted. Server times, ms. */
export type Doubt =
  /**
   * The server does not know its container yet. If it were ended now, it would be closed, and the container might start
   * anyway.
   */
  | { readonly kind: 'tooSoon' }
  /** Closed before it had a container, which may still start until then. */
  | { readonly kind: 'unproven'; readonly until: number }
  /**
   * The same without a known machine whose events would show it: if the container starts, it stops by `limit`, unseen.
   */
  | { readonly kind: 'unseen'; readonly until: number; readonly limit: number }
  /** Its container started after it was closed: billed, out of reach, and stopped at `until` at the latest. */
  | { readonly kind: 'leaked'; readonly startedAt: number; readonly until: number };

/**
 * The start of the session, as far as known. If it cannot be read, it follows from the deadline, which counts from the
 * start; extensions only move the deadline later, so the real start is this time or earlier. Server time, ms.
 */
export function knownStart(session: Session): number | undefined {
  const { createdAt, minutesAsked } = session;
  if (createdAt !== undefined || minutesAsked === undefined || !('endsAt' in session)) return createdAt;
  return session.endsAt - minutesAsked * MINUTE;
}

/** The session began at this time or earlier, so costs from here are never too high. Server time, ms. */
export function latestStart(session: Session, now: number): number {
  return session.createdAt ?? Math.min(knownStart(session) ?? now, now);
}

/** Its page; undefined while it has none, and once it is ending. */
export function pageOf(session: Session): string | undefined {
  return 'url' in session ? session.url : undefined;
}

/** What a session's ComfyUI is doing. An unreadable queue is unknown, not idle. Server times, ms. */
export type Activity = KnownActivity | { readonly kind: 'unknown'; readonly last?: KnownActivity | undefined };

export type KnownActivity =
  /** How many wait behind the running one. */
  | { readonly kind: 'rendering'; readonly queued: number; readonly since: number }
  | { readonly kind: 'idle'; readonly since: number };

/** How long a run takes on this session, for the workflow that finished last. */
export interface Pace {
  /** ms. */
  readonly mean: number;
  /** The latest time at which the current run may have begun, server time, ms. */
  readonly since: number;
}

/** What was last read from a session's ComfyUI. */
export interface Work {
  readonly activity: Activity;
  /** Bytes. */
  readonly vram: { readonly used: number; readonly total: number } | undefined;
  /** Progress of the running prompt, if one of our windows follows it: ComfyUI reports it to nobody else. */
  readonly percent?: number | undefined;
  /** When ComfyUI last answered, or, if it never has, was first asked. Server time, ms. */
  readonly readAt: number;
  /** How fast its queue is processed, if that was measured. */
  readonly pace?: Pace | undefined;
}

/** Billionths of a US dollar per second, so that sums are exact, by the server's GPU names. */
export type Prices = ReadonlyMap<string, number>;

/** The owner of a key, read from the key's own payload and not verified here. */
export interface Account {
  readonly userId: string | undefined;
  readonly orgId: string | undefined;
  /** Local or server time, ms; keys from the browser sign-in are valid for seven days. */
  readonly expiresAt: number | undefined;
}
