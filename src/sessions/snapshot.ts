import type { ApiError } from '../platform/errors';
import { pageOf, type Account, type Machine, type MachineId, type Session, type SessionId } from '../comfydeploy/model';
import { perList } from '../platform/lists';
import type { Key } from '../accounts/keyRing';
import type { Secrets } from '../platform/secrets';

/** Why what we show may be older than it should be, or why there is nothing to show. */
export interface Problem {
  readonly error: ApiError;
  /** How many refreshes in a row have failed. */
  readonly failures: number;
  /** Local clock, ms; undefined where only the user can mend it. */
  readonly retryAt: number | undefined;
  /** Only these lists failed: all else that is shown was learnt just now. */
  readonly unread?: Unread | undefined;
}

export type Unread = 'machines' | 'sessions' | 'both';

export type Snapshot =
  | { readonly kind: 'loading' }
  | { readonly kind: 'signedOut'; readonly reason?: 'rejected' | 'expired' }
  /** Signed in, and nothing has been learnt yet. */
  | { readonly kind: 'failed'; readonly problem: Problem }
  | Ready;

export interface Ready {
  readonly kind: 'ready';
  readonly account: Account;
  /** The account on its server, as a short hash. */
  readonly scope: string;
  readonly keySource: Key['source'];
  readonly machines: readonly Machine[];
  readonly sessions: readonly Session[];
  /** Local clock, ms: when this was last true. */
  readonly asOf: number;
  /** Reasons for rows that could not be read. */
  readonly skipped: readonly string[];
  /** It is still open whether a session exists whose request was not answered. */
  readonly isUnsettled?: true;
  readonly problem?: Problem;
}

/** How a session came to be gone. */
export interface Ended {
  /** As it was last seen; one that was gone before that has only its id. */
  readonly session: Session | Pick<Session, 'id'>;
  readonly why: 'asked' | 'deadline' | 'failedToStart' | 'elsewhere';
}

export function problemOf(snapshot: Snapshot): Problem | undefined {
  return snapshot.kind === 'failed' || snapshot.kind === 'ready' ? snapshot.problem : undefined;
}

/** Nothing was learnt lately. Where only a list failed, what is known by its id is as true as ever. */
export function isStale({ problem }: Pick<Ready, 'problem'>): boolean {
  return problem !== undefined && problem.unread === undefined;
}

export function sessionsOf(snapshot: Snapshot): readonly Session[] {
  return snapshot.kind === 'ready' ? snapshot.sessions : [];
}

export function idsOf(sessions: readonly Session[]): readonly SessionId[] {
  return sessions.map(({ id }) => id);
}

/** Lists are long, never change, and are looked into for each of their sessions. */
const byId = perList((sessions: readonly Session[]): ReadonlyMap<SessionId, Session> => {
  const made = new Map<SessionId, Session>();
  for (const session of sessions) if (!made.has(session.id)) made.set(session.id, session);
  return made;
});

export function findSession(snapshot: Snapshot, id: SessionId): Session | undefined {
  return byId(sessionsOf(snapshot)).get(id);
}

export function machinesOf(snapshot: Snapshot): readonly Machine[] {
  return snapshot.kind === 'ready' ? snapshot.machines : [];
}

export function machineOf(snapshot: Snapshot, { machineId }: Pick<Session, 'machineId'>): Machine | undefined {
  return machineId === undefined ? undefined : machineById(machinesOf(snapshot)).get(machineId);
}

const machineById = perList((machines: readonly Machine[]): ReadonlyMap<MachineId, Machine> => {
  const made = new Map<MachineId, Machine>();
  for (const machine of machines) if (!made.has(machine.id)) made.set(machine.id, machine);
  return made;
});

/** Sessions of other members of the organisation are seen, but are theirs. */
export function isOwn(account: Account, { userId }: Pick<Session, 'userId'>): boolean {
  return userId === undefined || account.userId === undefined || userId === account.userId;
}

/** Sessions that may be ended together: the user's own, except those that are ending already. */
export function ownSessions(snapshot: Snapshot): readonly Session[] {
  return snapshot.kind === 'ready' ? goingOn(allOwn(snapshot)) : [];
}

const goingOn = perList((sessions: readonly Session[]) => sessions.filter(({ phase }) => phase !== 'ending'));

/** The user's own sessions, also those that are ending. */
export function allOwn({ sessions, account }: Pick<Ready, 'sessions' | 'account'>): readonly Session[] {
  const known = ownIn(sessions);
  const own = known.get(account.userId) ?? sessions.filter((session) => isOwn(account, session));
  known.set(account.userId, own);
  return own;
}

const ownIn = perList(() => new Map<Account['userId'], readonly Session[]>());

export type ReadySession = Extract<Session, { phase: 'ready' }>;

/** The user's own sessions that have a page and an end. */
export function ownReady({ sessions, account }: Ready): readonly ReadySession[] {
  return sessions.filter((session): session is ReadySession => session.phase === 'ready' && isOwn(account, session));
}

/** One's own before those of others, which are otherwise as they were. */
export function ownFirst(sessions: readonly Session[], snapshot: Snapshot): readonly Session[] {
  if (snapshot.kind !== 'ready') return sessions;
  const rank = (session: Session) => (isOwn(snapshot.account, session) ? 0 : 1);
  return [...sessions].sort((a, b) => rank(a) - rank(b));
}

/** The same session without what is no longer told once it is ending. */
export function ending({
  id,
  gpuEventId,
  gpu,
  createdAt,
  minutesAsked,
  machineId,
  machineVersionId,
  userId,
}: Session): Extract<Session, { phase: 'ending' }> {
  return { phase: 'ending', id, gpuEventId, gpu, createdAt, minutesAsked, machineId, machineVersionId, userId };
}

/** The sessions that are known, so that their addresses are never written. */
export function hideAddresses({ secrets }: { readonly secrets: Secrets }, snapshot: Snapshot): void {
  for (const session of sessionsOf(snapshot)) secrets.address(pageOf(session) ?? '');
}
