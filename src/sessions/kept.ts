import * as z from 'zod/mini';
import type { Rows, SkippedRow } from '../comfydeploy/rowReading';
import { followed, type LedgerState } from './ledger';
import { plainName } from '../platform/plainText';
import { MachineId, SessionId, type Machine, type Session, type UnreadField } from '../comfydeploy/model';
import { idsOf } from './snapshot';

// An unreadable row does not mean that its object is gone or has changed: it stays as last known.

/** Returns the earlier list if it has the same members, so that readers see by identity that nothing changed. */
export function asBefore<T>(now: readonly T[], before: readonly T[]): readonly T[] {
  if (now === before) return before;
  return now.length === before.length && now.every((one, index) => one === before[index]) ? before : now;
}

/**
 * The listed machines, and known ones that an unreadable row may stand for. An unreadable row of an unknown machine is
 * shown too.
 */
export function withUnreadable({ rows, skipped }: Rows<Machine>, before: readonly Machine[]): readonly Machine[] {
  if (skipped.length === 0) return asBefore(rows, before);
  const listed = new Set(rows.map(({ id }) => id));
  const kept = before.filter(({ id }) => !listed.has(id) && mayMean(skipped, id));
  const known = new Set([...listed, ...kept.map(({ id }) => id)]);
  return [...rows, ...kept, ...skipped.flatMap((row) => unreadMachine(row)).filter(({ id }) => !known.has(id))];
}

/** A machine of which only the id is known. */
function unreadMachine({ id: text, name = '' }: SkippedRow): readonly Machine[] {
  const id = z.safeParse(MachineId, text).data;
  if (id === undefined) return [];
  return [
    {
      id,
      name: plainName(name),
      gpu: undefined,
      hosting: { kind: 'unable', why: 'unread' },
      status: '',
      versionId: undefined,
      comfyUiVersion: undefined,
      version: undefined,
      updatedAt: undefined,
    },
  ];
}

/** Whether an unreadable row may be about this id: it has that id, or none that can be read. */
export function mayMean(skipped: readonly SkippedRow[], id: string): boolean {
  return skipped.some((row) => row.id === undefined || row.id === id);
}

/** The ids that can be read in unreadable rows. */
export function idsOfSkipped(skipped: readonly SkippedRow[]): readonly SessionId[] {
  return skipped.flatMap(({ id }) => z.safeParse(SessionId, id).data ?? []);
}

/** Sessions known by their id that the list does not have, or has in an unreadable row. */
export function unlisted(
  before: readonly Session[],
  state: LedgerState,
  listed: readonly Session[],
  skipped: readonly SkippedRow[] = [],
): readonly SessionId[] {
  const isAsBefore = skipped.length === 0 && asBefore(listed, before) === before;
  if (isAsBefore && followed(state).size === 0) return [];
  const seen = new Set(idsOf(listed));
  const isClosed = (id: SessionId) => (state.early.get(id)?.stage ?? 'asked') !== 'asked';
  const known = idsOf(before).filter((id) => !isClosed(id));
  return [...new Set([...known, ...idsOfSkipped(skipped), ...followed(state)])].filter((id) => !seen.has(id));
}

/** The session, with its unreadable fields as they were last known. */
export function withKnown(session: Session, before: Session | undefined): Session {
  const { unread } = session;
  if (!unread || !before) return session;
  const chosen = (field: UnreadField) => (unread.includes(field) ? before : session);
  const { id, gpuEventId, gpu } = session;
  const fields = {
    id,
    gpuEventId,
    gpu,
    createdAt: chosen('createdAt').createdAt,
    minutesAsked: chosen('minutesAsked').minutesAsked,
    machineId: chosen('machineId').machineId,
    machineVersionId: chosen('machineVersionId').machineVersionId,
    userId: chosen('userId').userId,
    unread,
  };
  const endsAt = endOf(chosen('endsAt'));
  const url = urlOf(chosen('url'));
  if (endsAt === undefined) return { ...fields, phase: 'undated', url };
  return url ? { ...fields, phase: 'ready', endsAt, url } : { ...fields, phase: 'starting', endsAt };
}

/** The same for all sessions: nearly always returns the list itself. */
export function withAllKnown(
  listed: readonly Session[],
  before: (id: SessionId) => Session | undefined,
): readonly Session[] {
  if (!listed.some(({ unread }) => unread)) return listed;
  return listed.map((session) => withKnown(session, before(session.id)));
}

function endOf(session: Session): number | undefined {
  return 'endsAt' in session ? session.endsAt : undefined;
}

function urlOf(session: Session): string | undefined {
  return 'url' in session ? session.url : undefined;
}
