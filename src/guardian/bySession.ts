import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';

/** A map by sessions, which stands in a file as a list of pairs. */
export function bySession<T>(schema: z.ZodMiniType<T>): z.ZodMiniType<ReadonlyMap<SessionId, T>> {
  return z.pipe(
    z.array(z.tuple([SessionId, schema])),
    z.transform((entries): ReadonlyMap<SessionId, T> => new Map(entries)),
  );
}
