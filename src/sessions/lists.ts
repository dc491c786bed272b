import type { ComfyDeployClient } from '../comfydeploy/client';
import { isAbort, toApiError, type ApiError } from '../platform/errors';
import type { Rows } from '../comfydeploy/rowReading';
import type { Machine, Session, SessionId } from '../comfydeploy/model';
import type { Unread } from './snapshot';

/** The account's two lists. If one fails, the other still counts. */
export interface Lists {
  /** Undefined if it could not be read. */
  readonly machines: Rows<Machine> | undefined;
  readonly sessions: Rows<Session> | undefined;
  readonly failure: { readonly error: ApiError; readonly unread: Unread } | undefined;
}

export function listsOf(unread: Unread): string {
  // eslint-disable-next-line texts/marked -- for the log
  return unread === 'both' ? 'lists of machines and sessions' : `list of ${unread}`;
}

/** The result of looking at sessions one by one. */
export interface LookedUp {
  readonly found: readonly Session[];
  /** The server says that it does not know these. */
  readonly missing: readonly SessionId[];
  /** The server answered for at least one of them. */
  readonly isHeard: boolean;
}

/**
 * Reads both lists. If the server cannot serialize a single session (one without a GPU is enough), it refuses the whole
 * list with 500 until that session is over.
 * @throws {ApiError} if the failure is not about one list: no key, no address, no network.
 */
export async function readLists(
  api: Pick<ComfyDeployClient, 'listMachines' | 'listSessions'>,
  signal: AbortSignal,
): Promise<Lists> {
  const [machines, sessions] = await Promise.all([
    api.listMachines(signal).catch(failed),
    api.listSessions(signal).catch(failed),
  ]);
  const failures = [sessions, machines].flatMap((result) => ('error' in result ? [result.error] : []));
  const whole = failures.find(isOfAll);
  const [error] = failures;
  if (whole) throw whole;
  if (error && failures.length > 1 && !isOfTheServer(error)) throw error;
  const read = {
    machines: 'error' in machines ? undefined : machines,
    sessions: 'error' in sessions ? undefined : sessions,
  };
  if (!error) return { ...read, failure: undefined };
  const unread = failures.length > 1 ? 'both' : read.sessions ? 'machines' : 'sessions';
  return { ...read, failure: { error, unread } };
}

/**
 * Looks at sessions one by one, since the list hides those without a deadline and those that are still stopping, and
 * shows none while it fails. A session that cannot be read stays as it was.
 * @param before returns a session as last known. @throws {ApiError} `unauthorized`.
 */
export async function lookUp(
  api: Pick<ComfyDeployClient, 'getSession'>,
  ids: readonly SessionId[],
  before: (id: SessionId) => Session | undefined,
  signal: AbortSignal,
): Promise<LookedUp> {
  const looks = await Promise.all(ids.map((id) => lookUpOne(api, id, signal)));
  const found = looks.flatMap((look) => ('session' in look ? [look.session] : 'error' in look ? kept(look.id) : []));
  return {
    found,
    missing: looks.flatMap((look) => ('isMissing' in look ? [look.id] : [])),
    isHeard: looks.some((look) => !('error' in look)),
  };

  function kept(id: SessionId): readonly Session[] {
    const session = before(id);
    return session ? [session] : [];
  }
}

type Look =
  | { readonly id: SessionId; readonly session: Session }
  | { readonly id: SessionId; readonly isMissing: true }
  | { readonly id: SessionId; readonly error: ApiError };

async function lookUpOne(
  api: Pick<ComfyDeployClient, 'getSession'>,
  id: SessionId,
  signal: AbortSignal,
): Promise<Look> {
  try {
    return { id, session: await api.getSession(id, signal) };
  } catch (thrown) {
    if (isAbort(thrown)) throw thrown;
    const error = toApiError(thrown);
    if (error.kind === 'unauthorized') throw error;
    return error.kind === 'missing' ? { id, isMissing: true } : { id, error };
  }
}

function failed(thrown: unknown): { readonly error: ApiError } {
  if (isAbort(thrown)) throw thrown;
  return { error: toApiError(thrown) };
}

/** The failure would be the same for any other request. */
function isOfAll({ kind }: ApiError): boolean {
  return kind === 'unauthorized' || kind === 'misconfigured';
}

/** The server answers, but fails at this request. That is no reason to stop looking at what is billed. */
function isOfTheServer({ kind }: ApiError): boolean {
  return kind === 'busy' || kind === 'malformed' || kind === 'missing' || kind === 'refused';
}
