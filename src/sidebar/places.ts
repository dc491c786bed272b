import type { Account, Machine, MachineId, Prices, Session } from '../comfydeploy/model';
import { perList } from '../platform/lists';
import { endOrNever } from '../sessions/deadline';
import { allOwn, isOwn, machineOf, ownBilled, type Ready, type Snapshot } from '../sessions/snapshot';
import type { Arrangement } from './arrangement';

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

/** The parent of the sessions of an account that is not in use. */
export interface AccountPlace {
  readonly kind: 'account';
  /** Its scope. */
  readonly account: string;
}

/** A session, below its parent or in its machine's place. */
export interface SessionPlace {
  readonly kind: 'session';
  readonly session: Session;
  readonly parent: MachinePlace | GroupPlace | AccountPlace | undefined;
  /** Undefined if it is not listed. */
  readonly machine: Machine | undefined;
}

export type Place = MachinePlace | GroupPlace | AccountPlace | SessionPlace;

export interface PlacesInput extends Arrangement {
  /** Also show machines that cannot host sessions. */
  readonly showUnavailable: boolean;
  readonly prices: Prices | undefined;
}

/** Parents before their children; machines without sessions come after the others. */
export function placesOf(ready: Ready, input: PlacesInput): readonly Place[] {
  const { show, group, showUnavailable } = input;
  const compare = comparisonOf(input, ready.account);
  const byMachine = groupByMachine(show === 'mine' ? allOwn(ready) : ready.sessions);
  for (const sessions of byMachine.values()) if (sessions.length > 1) sessions.sort(compare);
  const running: Running[] = [];
  const idle: Place[] = [];
  for (const machine of byName(ready.machines)) {
    const sessions = byMachine.get(machine.id);
    if (sessions) running.push({ machine, sessions });
    else if (show === 'all' && (showUnavailable || machine.hosting.kind === 'able'))
      idle.push({ kind: 'machine', machine, sessions: 0, endsAt: Infinity });
    byMachine.delete(machine.id);
  }
  const strays = [...byMachine.values()].flat();
  if (group === 'none') return [...flat(running, strays, input, compare), ...idle];
  return [...grouped(running, input, compare), ...idle, ...unlisted(strays)];
}

interface Running {
  readonly machine: Machine;
  /** In order, at least one. */
  readonly sessions: readonly Session[];
}
type Comparison = (a: Session, b: Session) => number;

function grouped(running: Running[], { sort }: PlacesInput, compare: Comparison): readonly Place[] {
  if (sort !== 'name')
    running.sort(({ sessions: [one] }, { sessions: [other] }) => (one && other ? compare(one, other) : 0));
  const places: Place[] = [];
  for (const { machine, sessions } of running) addMachine(places, machine, sessions);
  return places;
}

function unlisted(strays: readonly Session[]): readonly Place[] {
  if (strays.length === 0) return [];
  const parent: GroupPlace = { kind: 'group', sessions: strays.length };
  return [parent, ...strays.map((session): Place => ({ kind: 'session', session, parent, machine: undefined }))];
}

function flat(running: readonly Running[], strays: Session[], { sort }: PlacesInput, compare: Comparison): Place[] {
  const alone = (session: Session, machine?: Machine): SessionPlace => ({
    kind: 'session',
    session,
    parent: undefined,
    machine,
  });
  const places = running.flatMap(({ machine, sessions }) => sessions.map((session) => alone(session, machine)));
  for (const session of strays) places.push(alone(session));
  return sort === 'name' ? places : places.sort((a, b) => compare(a.session, b.session));
}

/** The account, and the user's own sessions in it. */
export function placesOfAccount(account: string, snapshot: Snapshot): readonly Place[] {
  const parent: AccountPlace = { kind: 'account', account };
  const sessions = ownBilled(snapshot);
  return [
    parent,
    ...sessions.map(
      (session) => ({ kind: 'session', session, parent, machine: machineOf(snapshot, session) }) as const,
    ),
  ];
}

/** Stable across refreshes: VS Code keeps selection and expansion by it. */
export function rowId(
  place:
    | Pick<MachinePlace, 'kind' | 'machine'>
    | Pick<GroupPlace, 'kind'>
    | AccountPlace
    | Pick<SessionPlace, 'kind' | 'session' | 'parent'>,
): string {
  switch (place.kind) {
    case 'machine':
      return `machine:${place.machine.id}`;
    case 'session':
      // a session may be visible in two accounts
      return `${place.parent?.kind === 'account' ? `${place.parent.account} ` : ''}session:${place.session.id}`;
    case 'account':
      return `account:${place.account}`;
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

function groupByMachine(sessions: readonly Session[]): Map<MachineId | undefined, Session[]> {
  const groups = new Map<MachineId | undefined, Session[]>();
  for (const session of sessions) {
    const group = groups.get(session.machineId);
    if (group) group.push(session);
    else groups.set(session.machineId, [session]);
  }
  return groups;
}

/** By the sessions' ends or prices, where the user wants that; equals in the usual order. */
function comparisonOf({ sort, prices }: PlacesInput, account: Account): Comparison {
  const priceOf = ({ gpu }: Session) => prices?.get(gpu) ?? 0;
  return (a, b) => {
    if (sort === 'price') return priceOf(b) - priceOf(a) || order(a, b, account);
    if (sort === 'timeLeft' && endOrNever(a) !== endOrNever(b)) return endOrNever(a) < endOrNever(b) ? -1 : 1;
    return order(a, b, account);
  };
}

/** The user's own first, then the newest; the server's order changes while sessions start. */
function order(a: Session, b: Session, account: Account): number {
  const rank = (session: Session) => (isOwn(account, session) ? 0 : 1);
  return rank(a) - rank(b) || (b.createdAt ?? 0) - (a.createdAt ?? 0) || byId(a, b);
}
