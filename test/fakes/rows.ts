import * as z from 'zod/mini';
import { ListWire } from '../../src/platform/unread';
import { readRows, type Rows } from '../../src/comfydeploy/rowReading';
import { Slices } from '../../src/platform/slices';
import { ManualClock } from './manualClock';

export async function rowsIn<S extends z.core.$ZodType>(
  row: S,
  key: string,
  body: unknown,
): Promise<Rows<z.output<S>>> {
  return readRows(z.parse(ListWire, body), { row, key }, new Slices(new ManualClock()));
}
