import { textStep } from '../platform/durations';
import { ownerOf, stateOf } from '../sessions/sessionText';
import type { Ready } from '../sessions/snapshot';
import type { AccountPlace, Place, SessionPlace } from './places';
import { rowOf, type Row, type RowsInput } from './rows';

/** A row, and the values that it was made from. */
interface Made {
  readonly row: Row;
  /** Undefined if it also depends on values that are not compared here. */
  readonly of: readonly unknown[] | undefined;
}

/** Makes rows only when something that they show may have changed: an unchanged row is the same object. */
export class RowMemo<K extends object> {
  readonly #made = new WeakMap<K, Made>();

  of(key: K, place: Exclude<Place, AccountPlace>, ready: Ready, input: RowsInput): Row {
    const before = this.#made.get(key);
    const of = ingredientsOf(place, ready, input);
    if (before && of && before.of?.length === of.length && of.every((one, index) => one === before.of?.[index]))
      return before.row;
    return this.keep(key, rowOf(place, ready, input), of);
  }

  /** The row as it was, if it shows the same. */
  keep(key: K, made: Row, of?: readonly unknown[]): Row {
    const before = this.#made.get(key);
    const row = before && isSameRow(before.row, made) ? before.row : made;
    this.#made.set(key, { row, of });
    return row;
  }
}

/** The values that a row's text depends on; undefined if it changes all the time, such as while rendering. */
function ingredientsOf(
  place: Exclude<Place, AccountPlace>,
  ready: Ready,
  input: RowsInput,
): readonly unknown[] | undefined {
  switch (place.kind) {
    case 'group':
      return [place.sessions];
    case 'machine':
      return [
        place.machine,
        place.sessions,
        textStep(place.endsAt - input.now),
        input.history.hasFailedStart(place.machine.id),
      ];
    case 'session':
      return sessionIngredients(place, ready, input);
  }
}

function sessionIngredients(
  { session, machine, parent }: SessionPlace,
  ready: Ready,
  { now, work, countdowns, preferencesOf, nameOf, history }: RowsInput,
): readonly unknown[] | undefined {
  const { id } = session;
  if (work.has(id) || countdowns.has(id)) return undefined;
  const { keepAlive, endWhenIdle, finishThenEnd, endAt, lease } = preferencesOf(id);
  const end = endAt?.kind === 'once' ? endAt.at : endAt?.minutes;
  return [
    ...[session, machine, parent?.kind, ready.account.userId, ownerOf(session, ready, nameOf)],
    ...[stateOf(session, now), 'endsAt' in session ? textStep(session.endsAt - now) : undefined],
    ...[keepAlive, endWhenIdle, finishThenEnd, endAt?.kind, end, lease !== undefined],
    parent === undefined && machine !== undefined && history.hasFailedStart(machine.id),
  ];
}

export function isSameRow(a: Row, b: Row): boolean {
  return (
    a.parent === b.parent &&
    a.label === b.label &&
    a.description === b.description &&
    a.icon.id === b.icon.id &&
    a.icon.color === b.icon.color &&
    a.icon.picture === b.icon.picture &&
    a.contextValue === b.contextValue &&
    a.ariaLabel === b.ariaLabel &&
    a.isDimmed === b.isDimmed &&
    a.hasChildren === b.hasChildren
  );
}
