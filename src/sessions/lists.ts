import type { ComfyDeployClient } from '../comfydeploy/client';
import { isAbort, toApiError, type ApiError } from '../platform/errors';
import type { Rows } from '../comfydeploy/rowReading';
import type { Machine, Session, SessionId } from '../comfydeploy/model';
import type { Unread } from './snapshot';

/** What the account's two lists told; one that fails never hides the other. */
export interface Lists {
  /** Undefined where it could not be read. */
  readonly machines: Rows<Machine> | undefined;
  readonly sessions: Rows<Session> | undefined;
  readonly failure: { readonly error: ApiError; readonly unread: Unread } | undefined;
}

export function listsOf(unread: Unread): string {
  // eslint-disable-next-line texts/marked -- for the log
  return unread === 'both' ? 'lists of machines and sessions' : `list of ${unread}`;
}

/** What came of looking at sessions one by one. */
export interface LookedUp {
  readonly found: readonly Session[];
  /** The server says that it does not know them. */
  readonly missing: readonly SessionId[];
  /** It has said something of at least one. */
  readonly isHeard: boolean;
}

/**
 * Reads both lists. A single session that the server cannot write down (one without a GPU is enough) makes it refuse
 * the whole list, with 500, until that session is over.
 * @throws {ApiError} where the failure is not of one list: no key, no address, no network.
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
 * Looks at sessions one by one: the list hides those without a deadline and those that are still stopping, and tells
 * of none while it fails. What cannot be learnt of one leaves it as it was.
 * @param before as a session was last known. @throws {ApiError} `unauthorized`.
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

/** It would be the same for whatever else is asked. */
function isOfAll({ kind }: ApiError): boolean {
  return kind === 'unauthorized' || kind === 'misconfigured';
}

/** The server is there, and fails at what it was asked. It may be left alone, but not with what is billed. */
function isOfTheServer({ kind }: ApiError): boolean {
  return kind === 'busy' || kind === 'malformed' || kind === 'missing' || kind === 'refused';
}
