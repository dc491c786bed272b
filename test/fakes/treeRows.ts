import { AS_USUAL } from '../../src/sidebar/arrangement';
import { placesOf } from '../../src/sidebar/places';
import { rowOf, type Row, type RowsInput, type RowsSettings } from '../../src/sidebar/rows';

/** All rows of the tree, parents before their children. */
export function rowsOf(input: RowsInput, { showUnavailable }: Pick<RowsSettings, 'showUnavailable'>): readonly Row[] {
  const { snapshot } = input;
  if (snapshot.kind !== 'ready') return [];
  return placesOf(snapshot, { ...AS_USUAL, showUnavailable, prices: undefined }).flatMap((place) =>
    place.kind === 'account' ? [] : [rowOf(place, snapshot, input)],
  );
}
