import * as z from 'zod/mini';
import type { Rows, SkippedRow } from '../comfydeploy/rowReading';
import { followed, type LedgerState } from './ledger';
import { plainName } from '../platform/plainText';
import { MachineId, SessionId, type Machine, type Session, type UnreadField } from '../comfydeploy/model';
import { idsOf } from './snapshot';

// What cannot be read is not gone, and not changed: it stays as it was last known.

/** The list before where nothing in it is another object, so that whoever reads it sees at once that nothing is new. */
export function asBefore<T>(now: readonly T[], before: readonly T[]): readonly T[] {
  if (now === before) return before;
  return now.length === before.length && now.every((one, index) => one === before[index]) ? before : now;
}

/** The machines of a list, and those that one of its unreadable rows may stand for; one that nobody knew is shown all the same. */
export function withUnreadable({ rows, skipped }: Rows<Machine>, before: readonly Machine[]): readonly Machine[] {
  if (skipped.length === 0) return asBefore(rows, before);
  const listed = new Set(rows.map(({ id }) => id));
  const kept = before.filter(({ id }) => !listed.has(id) && mayMean(skipped, id));
  const known = new Set([...listed, ...kept.map(({ id }) => id)]);
  return [...rows, ...kept, ...skipped.flatMap((row) => unreadMachine(row)).filter(({ id }) => !known.has(id))];
}

/** All that is known of it is that it is there. */
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

/** Whether an unreadable row may be about this id: it is, or nobody knows. */
export function mayMean(skipped: readonly SkippedRow[], id: string): boolean {
  return skipped.some((row) => row.id === undefined || row.id === id);
}

/** What unreadable rows are about, as far as they say. */
export function idsOfSkipped(skipped: readonly SkippedRow[]): readonly SessionId[] {
  return skipped.flatMap(({ id }) => z.safeParse(SessionId, id).data ?? []);
}

/** What is known by its id and not in the list, or garbled there. */
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

/** A session, with what of it could not be read as it was before. */
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

/** The same of all of them: nearly always the list itself. */
export function withAllKnown(
  listed: readonly Session[],
  before: (id: SessionId) => Session | undefined,
): readonly Session[] {
  for (const { unread } of listed) if (unread) return allKnown(listed, before);
  return listed;
}

function allKnown(listed: readonly Session[], before: (id: SessionId) => Session | undefined): readonly Session[] {
  return listed.map((session) => (session.unread ? withKnown(session, before(session.id)) : session));
}

function endOf(session: Session): number | undefined {
  return 'endsAt' in session ? session.endsAt : undefined;
}

function urlOf(session: Session): string | undefined {
  return 'url' in session ? session.url : undefined;
}
