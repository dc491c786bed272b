import { fromBase64, toBase64 } from '../platform/base64';
import * as z from 'zod/mini';
import { ApiError, type ApiErrorKind } from '../platform/errors';
import { optional } from '../platform/unread';
import { MachineId, SessionId, type Hosting, type Machine, type Session } from '../comfydeploy/model';
import type { Ended, Problem, Ready, Unread } from './snapshot';

/** What one window has learned from the server, shared with the others so that they need not ask. */
export interface SharedSnapshot extends Pick<Ready, 'machines' | 'sessions' | 'asOf' | 'skipped'> {
  /** The number of the refresh it comes from: the refresh has seen everything done before it got that number. */
  readonly round: number;
  /** Recently proven gone. */
  readonly gone: readonly Gone[];
  readonly problem: Problem | undefined;
  /** The server's clock and ours at the same moment, ms. */
  readonly serverNow: number;
  readonly localNow: number;
}

export interface Gone extends Pick<Ended, 'why'> {
  readonly id: SessionId;
}

/** What the windows of one account share. */
export interface Sharing {
  /** Gets the number for a refresh. */
  begin(): Promise<number>;
  /** Shares what this window shows, unless the others have something newer. Never rejects. */
  share(round: number, fromServer: Ready, gone: readonly Gone[]): Promise<void>;
}

/** What this window knew, updated with what another one has learned. */
export interface Reconciled {
  readonly sessions: readonly Session[];
  readonly missing: readonly Gone[];
  /** True if sessions that we knew are neither listed nor gone there: they are kept. */
  readonly isOpen: boolean;
}

/** @param followed sessions that something was begun with, as far as we knew. */
export function reconcile(
  known: readonly Session[],
  followed: Iterable<SessionId>,
  shared: SharedSnapshot,
): Reconciled {
  const listed = new Set(shared.sessions.map(({ id }) => id));
  const gone = new Set(shared.gone.map(({ id }) => id));
  const unlisted = known.filter(({ id }) => !listed.has(id));
  const kept = unlisted.filter(({ id }) => !gone.has(id));
  const ours = new Set([...unlisted.map(({ id }) => id), ...followed]);
  const missing = shared.gone.filter(({ id }) => ours.has(id));
  return { sessions: [...shared.sessions, ...kept], missing, isOpen: kept.length > 0 };
}

const sessionFields = () => ({
  id: SessionId,
  gpuEventId: z.string(),
  gpu: z.string(),
  createdAt: optional(z.number()),
  minutesAsked: optional(z.number()),
  machineId: optional(MachineId),
  machineVersionId: optional(z.string()),
  userId: optional(z.string()),
});
const SessionText: z.ZodMiniType<Session> = z.lazy(() =>
  z.union([
    z.object({ ...sessionFields(), phase: z.literal('starting'), endsAt: z.number() }),
    z.object({ ...sessionFields(), phase: z.literal('ready'), endsAt: z.number(), url: z.string() }),
    z.object({ ...sessionFields(), phase: z.literal('undated'), url: optional(z.string()) }),
    z.object({ ...sessionFields(), phase: z.literal('ending') }),
  ]),
);

const unable = () => ({ kind: z.literal('unable') });
const HostingText: z.ZodMiniType<Hosting> = z.lazy(() =>
  z.union([
    z.object({ kind: z.literal('able') }),
    z.object({ ...unable(), why: z.literal('type'), type: z.string() }),
    z.object({ ...unable(), why: z.literal('builder'), builder: optional(z.string()) }),
    z.object({ ...unable(), why: z.literal('status'), status: z.string() }),
    z.object({ ...unable(), why: z.literal('unbuilt') }),
  ]),
);
const MachineText: z.ZodMiniType<Machine> = z.lazy(() =>
  z.object({
    id: MachineId,
    name: z.string(),
    gpu: optional(z.string()),
    hosting: HostingText,
    status: z.string(),
    versionId: optional(z.string()),
    comfyUiVersion: optional(z.string()),
    version: optional(z.string()),
    updatedAt: optional(z.number()),
  }),
);

const KINDS = [
  'unauthorized',
  'forbidden',
  'refused',
  'missing',
  'busy',
  'offline',
  'malformed',
  'misconfigured',
  'keyStore',
] as const;
const UNREAD = ['machines', 'sessions', 'both'] as const;
const ProblemText = z.lazy(() =>
  z.pipe(
    z.object({
      error: z.object({
        kind: z.literal(KINDS satisfies readonly ApiErrorKind[]),
        message: z.string(),
        code: optional(z.string()),
      }),
      failures: z.number(),
      retryAt: optional(z.number()),
      unread: optional(z.literal(UNREAD satisfies readonly Unread[])),
    }),
    z.transform(({ error: { kind, message, code }, ...rest }): Problem => ({
      error: new ApiError(kind, message, { code }),
      ...rest,
    })),
  ),
);

const WHYS = {
  asked: 'asked',
  deadline: 'deadline',
  failedToStart: 'failedToStart',
  elsewhere: 'elsewhere',
} as const satisfies { readonly [Why in Ended['why']]: Why };

const SharedText: z.ZodMiniType<SharedSnapshot> = z.lazy(() =>
  z.object({
    round: z.number(),
    machines: z.array(MachineText),
    sessions: z.array(SessionText),
    asOf: z.number(),
    skipped: z.array(z.string()),
    gone: z.array(z.object({ id: SessionId, why: z.literal(Object.values(WHYS)) })),
    // An unreadable problem must not pass as no problem.
    problem: z.pipe(
      z.nullish(ProblemText),
      z.transform((problem) => problem ?? undefined),
    ),
    serverNow: z.number(),
    localNow: z.number(),
  }),
);

const IV_BYTES = 12;

/**
 * Sealed so that only windows with the same API key can read it: a session's address gives access to a paid GPU without
 * a key.
 */
export async function seal(shared: SharedSnapshot, key: SealingKey): Promise<string> {
  const { problem } = shared;
  const { kind, message, code } = problem?.error ?? {};
  const error = problem && { kind, message, code };
  const whole = { ...shared, problem: problem && { ...problem, error } };
  const text = JSON.stringify(whole, (_, value: unknown) => value ?? null); // undefined is sent as null
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
  const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, encode(text));
  return `${toBase64(iv)} ${toBase64(new Uint8Array(sealed))}`;
}

/** Undefined if it was sealed with another key, or written by another version. */
export async function unseal(text: string, key: SealingKey): Promise<SharedSnapshot | undefined> {
  try {
    const [iv = '', sealed = ''] = text.split(' ');
    const cipher = { name: 'AES-GCM', iv: fromBase64(iv) };
    const plain = await crypto.subtle.decrypt(cipher, key, fromBase64(sealed));
    return z.safeParse(SharedText, JSON.parse(new TextDecoder().decode(plain))).data;
  } catch {
    return undefined;
  }
}

export type SealingKey = Awaited<ReturnType<typeof sealingKey>>;

export async function sealingKey(token: string) {
  const secret = await crypto.subtle.importKey('raw', encode(token), 'HKDF', false, ['deriveKey']);
  // eslint-disable-next-line texts/marked -- what a key is made of
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encode('shared truth') };
  return crypto.subtle.deriveKey(derivation, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

const encode = (text: string) => new TextEncoder().encode(text);
