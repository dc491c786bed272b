import type { Account, Machine, MachineId, Session } from '../comfydeploy/model';
import { perList } from '../platform/lists';
import { endOrNever } from '../sessions/deadline';
import { isOwn, type Ready } from '../sessions/snapshot';

// Which rows exist and where, without their texts, which are made only for rows that are requested.

export interface MachinePlace {
  readonly kind: 'machine';
  readonly machine: Machine;
  readonly sessions: number;
  /** When the first of them ends, server time, ms; Infinity if that is not known. */
  readonly endsAt: number;
}

/** The parent of sessions whose machine is not listed. */
export interface GroupPlace {
  readonly kind: 'group';
  readonly sessions: number;
}

/** A session, below its parent or in its machine's place. */
export interface SessionPlace {
  readonly kind: 'session';
  readonly session: Session;
  readonly parent: MachinePlace | GroupPlace | undefined;
  /** Undefined if it is not listed. */
  readonly machine: Machine | undefined;
}

export type Place = MachinePlace | GroupPlace | SessionPlace;

/** Parents before their children. */
export function placesOf(ready: Ready, showUnavailable: boolean): readonly Place[] {
  const byMachine = groupByMachine(ready);
  const places: Place[] = [];
  const idle: Place[] = [];
  for (const machine of byName(ready.machines)) {
    const sessions = byMachine.get(machine.id);
    if (sessions) addMachine(places, machine, sessions);
    else if (showUnavailable || machine.hosting.kind === 'able')
      idle.push({ kind: 'machine', machine, sessions: 0, endsAt: Infinity });
    byMachine.delete(machine.id);
  }
  for (const place of idle) places.push(place);
  const strays = [...byMachine.values()].flat();
  if (strays.length === 0) return places;
  const parent: GroupPlace = { kind: 'group', sessions: strays.length };
  places.push(parent);
  for (const session of strays) places.push({ kind: 'session', session, parent, machine: undefined });
  return places;
}

/** Stable across refreshes: VS Code keeps selection and expansion by it. */
export function rowId(
  place: Pick<MachinePlace, 'kind' | 'machine'> | Pick<GroupPlace, 'kind'> | Pick<SessionPlace, 'kind' | 'session'>,
): string {
  switch (place.kind) {
    case 'machine':
      return `machine:${place.machine.id}`;
    case 'session':
      return `session:${place.session.id}`;
    case 'group':
      return 'group:others';
  }
}

/** A machine with a single session is one row, the session's; otherwise 40 sessions would take 80 rows. */
function addMachine(places: Place[], machine: Machine, sessions: readonly Session[]): void {
  const [only, ...others] = sessions;
  if (only && others.length === 0) {
    places.push({ kind: 'session', session: only, parent: undefined, machine });
    return;
  }
  const endsAt = sessions.reduce((soonest, session) => Math.min(soonest, endOrNever(session)), Infinity);
  const parent: MachinePlace = { kind: 'machine', machine, sessions: sessions.length, endsAt };
  places.push(parent);
  for (const session of sessions) places.push({ kind: 'session', session, parent, machine });
}

const byName = perList((machines: readonly Machine[]): readonly Machine[] => {
  // The first collator of a process takes 5 ms, later ones microseconds, so none is made during activation.
  const names = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return machines.toSorted((a, b) => names.compare(a.name, b.name) || byId(a, b));
});

/** Orders equals, whose order changes in the server's answers. */
function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

function groupByMachine({ sessions, account }: Ready): Map<MachineId | undefined, Session[]> {
  const groups = new Map<MachineId | undefined, Session[]>();
  for (const session of sessions) {
    const group = groups.get(session.machineId);
    if (group) group.push(session);
    else groups.set(session.machineId, [session]);
  }
  for (const group of groups.values()) if (group.length > 1) group.sort((a, b) => order(a, b, account));
  return groups;
}

/** The user's own first, then the newest; the server's order changes while sessions start. */
function order(a: Session, b: Session, account: Account): number {
  const rank = (session: Session) => (isOwn(account, session) ? 0 : 1);
  return rank(a) - rank(b) || (b.createdAt ?? 0) - (a.createdAt ?? 0) || byId(a, b);
}
