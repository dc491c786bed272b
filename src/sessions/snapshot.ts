import type { ApiError } from '../platform/errors';
import { pageOf, type Account, type Machine, type MachineId, type Session, type SessionId } from '../comfydeploy/model';
import { perList } from '../platform/lists';
import type { Key } from '../accounts/keyRing';
import type { Secrets } from '../platform/secrets';

/** Why the data shown may be out of date, or why there is none. */
export interface Problem {
  readonly error: ApiError;
  /** How many refreshes in a row have failed. */
  readonly failures: number;
  /** Local clock, ms; undefined if only the user can fix it. */
  readonly retryAt: number | undefined;
  /** Only these lists failed: everything else is up to date. */
  readonly unread?: Unread | undefined;
}

export type Unread = 'machines' | 'sessions' | 'both';

export type Snapshot =
  | { readonly kind: 'loading' }
  | { readonly kind: 'signedOut'; readonly reason?: 'rejected' | 'expired' }
  /** Signed in, and nothing has been fetched yet. */
  | { readonly kind: 'failed'; readonly problem: Problem }
  | Ready;

export interface Ready {
  readonly kind: 'ready';
  readonly account: Account;
  /** Its name, if it is not the one in use. */
  readonly named?: string;
  /** The account on its server, as a short hash. */
  readonly scope: string;
  readonly keySource: Key['source'];
  readonly machines: readonly Machine[];
  readonly sessions: readonly Session[];
  /** Local clock, ms: when this was last known to be true. */
  readonly asOf: number;
  /** Why rows could not be read. */
  readonly skipped: readonly string[];
  /** A request for a session has not been answered, and it is not known whether that session exists. */
  readonly isUnsettled?: true;
  readonly problem?: Problem;
}

/** A session that is gone, and why. */
export interface Ended {
  /** As last seen; only its id, and its machine if it was created here, if it was gone before that. */
  readonly session: Session | (Pick<Session, 'id'> & Partial<Pick<Session, 'machineId'>>);
  readonly why: 'asked' | 'deadline' | 'failedToStart' | 'elsewhere';
}

export function problemOf(snapshot: Snapshot): Problem | undefined {
  return snapshot.kind === 'failed' || snapshot.kind === 'ready' ? snapshot.problem : undefined;
}

/** Whether nothing was learned recently. If only a list failed, what is looked up by id is still up to date. */
export function isStale({ problem }: Pick<Ready, 'problem'>): boolean {
  return problem !== undefined && problem.unread === undefined;
}

export function sessionsOf(snapshot: Snapshot): readonly Session[] {
  return snapshot.kind === 'ready' ? snapshot.sessions : [];
}

export function idsOf(sessions: readonly Session[]): readonly SessionId[] {
  return sessions.map(({ id }) => id);
}

/** Lists are long and immutable, and are searched once for each of their sessions. */
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

/** Sessions of other members of the organization are visible, but not the user's own. */
export function isOwn(account: Account, { userId }: Pick<Session, 'userId'>): boolean {
  return userId === undefined || account.userId === undefined || userId === account.userId;
}

/** Sessions that may be ended together: the user's own, except those already ending. */
export function ownSessions(snapshot: Snapshot): readonly Session[] {
  return snapshot.kind === 'ready' ? goingOn(allOwn(snapshot)) : [];
}

/** The same, and those that are billed although they are ending: leaks, and ends that are not sent yet. */
export function ownBilled(snapshot: Snapshot): readonly Session[] {
  return snapshot.kind === 'ready' ? billed(allOwn(snapshot)) : [];
}

const billed = perList((sessions: readonly Session[]) =>
  sessions.filter((session) => {
    const doubt = session.phase === 'ending' ? session.doubt?.kind : 'leaked';
    return doubt === 'leaked' || doubt === 'tooSoon';
  }),
);

const goingOn = perList((sessions: readonly Session[]) => sessions.filter(({ phase }) => phase !== 'ending'));

/** The user's own sessions, including those that are ending. */
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

/** The user's own first, otherwise in the same order. */
export function ownFirst(sessions: readonly Session[], snapshot: Snapshot): readonly Session[] {
  if (snapshot.kind !== 'ready') return sessions;
  const rank = (session: Session) => (isOwn(snapshot.account, session) ? 0 : 1);
  return [...sessions].sort((a, b) => rank(a) - rank(b));
}

/** The same session without the fields that the server no longer reports once it is ending. */
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

/** Registers the addresses of all known sessions as secrets, so that the log never contains them. */
export function hideAddresses({ secrets }: { readonly secrets?: Pick<Secrets, 'address'> }, snapshot: Snapshot): void {
  for (const session of sessionsOf(snapshot)) secrets?.address(pageOf(session) ?? '');
}
