import * as z from 'zod/mini';
import { ListWire } from '../../src/core/api/unread';
import { readRows, type Rows } from '../../src/core/api/wire';
import { Slices } from '../../src/core/state/slices';
import { ManualClock } from './manualClock';

/** What is read of a list, row by row. */
export async function rowsIn<S extends z.core.$ZodType>(
  row: S,
  key: string,
  body: unknown,
): Promise<Rows<z.output<S>>> {
  return readRows(z.parse(ListWire, body), { row, key }, new Slices(new ManualClock()));
}
