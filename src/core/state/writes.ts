import type { ComfyDeployClient, NewSession } from '../api/client';
import { ApiError, asSentence, toApiError } from '../api/errors';
import type { MachineEvent } from '../api/wire';
import type { Account, Session, SessionId } from '../model';
import { sleep, type Clock } from './clock';
import { isMine } from './snapshot';

const MINUTE = 60_000;
/** The server reckons deadlines in microseconds and may take a moment between reading and writing. */
const TOLERANCE = 5_000;

interface LostCreate {
  readonly api: Pick<ComfyDeployClient, 'listSessions' | 'listMachineEvents'>;
  readonly clock: Clock;
  readonly request: NewSession;
  readonly known: ReadonlySet<SessionId>;
  /** A colleague may start the same on the same machine in the same moment; theirs must not be taken for ours. */
  readonly account: Account;
  /** Server time, ms. */
  readonly askedAt: number;
  readonly failure: ApiError;
}

const LOOKS_AFTER = [500, 2_000, 5_000];

/**
 * The session that a create made although its answer was lost: new, on that machine, with that GPU.
 * Also asks for the machine's billing rows, since the list may hide a session that has just begun.
 * @throws {ApiError} `offline` if it cannot be found; it may still exist, and the message says so.
 */
export async function findLostCreate(lost: LostCreate): Promise<SessionId> {
  const { api, clock, request, known, account, askedAt, failure } = lost;
  const isOurs = (created: Pick<MachineEvent, 'gpu' | 'createdAt' | 'userId'>) =>
    created.gpu === request.gpu && created.createdAt >= askedAt - TOLERANCE && isMine(account, created);
  for (const wait of LOOKS_AFTER) {
    await sleep(clock, wait);
    const [sessions, events] = await Promise.allSettled([api.listSessions(), api.listMachineEvents(request.machineId)]);
    const listed = sessions.status === 'fulfilled' ? sessions.value.rows : [];
    const session = listed.find((one) => one.machineId === request.machineId && !known.has(one.id) && isOurs(one));
    if (session) return session.id;
    const billed = events.status === 'fulfilled' ? events.value.rows : [];
    const event = billed.find(
      (one) => one.sessionId !== undefined && !known.has(one.sessionId) && one.endedAt === undefined && isOurs(one),
    );
    if (event?.sessionId) return event.sessionId;
  }
  throw new ApiError(
    failure.kind,
    `${asSentence(failure.message)} No new session has shown up so far. Check the list before you try again: a second try may start a second GPU.`,
    { cause: failure },
  );
}

/** What an extension did, read back from the server. */
export interface Extension {
  readonly session: Session;
  /** By how much the deadline moved, ms; undefined where the server keeps no deadline for the session. */
  readonly movedBy: number | undefined;
}

interface AddMinutes {
  readonly api: Pick<ComfyDeployClient, 'getSession' | 'increaseTimeout' | 'increaseTimeoutOfOldMachine'>;
  readonly id: SessionId;
  readonly minutes: number;
  /** It was known to have no deadline: a machine of the old kind. */
  readonly isOld: boolean;
  readonly signal: AbortSignal | undefined;
}

/**
 * Reads, acts, and reads again: the API's yes proves nothing, and a lost answer need not mean no.
 * @throws {ApiError} if the deadline did not move.
 */
export async function addMinutes({ api, id, minutes, isOld, signal }: AddMinutes): Promise<Extension> {
  const before = await api.getSession(id, signal);
  const lost = await act({ api, before, minutes, isOld });
  const session = await api.getSession(id).catch((error: unknown) => {
    throw unproven(toApiError(error));
  });
  const movedBy = 'endsAt' in session && 'endsAt' in before ? session.endsAt - before.endsAt : undefined;
  const hasMoved =
    movedBy === undefined
      ? (session.timeout ?? 0) >= (before.timeout ?? 0) + minutes
      : movedBy >= minutes * MINUTE - TOLERANCE;
  if (hasMoved) return { session, movedBy };
  throw lost ?? new ApiError('refused', 'ComfyDeploy accepted the extension, but the end did not move.');
}

/** Returns the failure that left it open whether the extension happened. Takes no signal: half a write is no write. */
async function act({ api, before, minutes, isOld }: Omit<AddMinutes, 'id' | 'signal'> & { before: Session }) {
  try {
    await api.increaseTimeout(before.id, minutes);
    return undefined;
  } catch (error) {
    const failure = toApiError(error);
    if (failure.outcomeUnknown) return failure;
    if (!isOld || before.phase !== 'undated' || !isNoDeadline(failure)) throw failure;
  }
  await api.increaseTimeoutOfOldMachine(before, minutes);
  return undefined;
}

function unproven(failure: ApiError): ApiError {
  if (!failure.outcomeUnknown) return failure;
  const message = `${asSentence(failure.message)} The session may have been extended. Look at its end before you try again.`;
  return new ApiError(failure.kind, message, { cause: failure });
}

function isNoDeadline({ kind, message }: ApiError): boolean {
  return kind === 'missing' && message.startsWith('Timeout end not found');
}
