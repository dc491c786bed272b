import * as z from 'zod/mini';
import { Yes } from '../acts';
import { isOurs } from '../../platform/ui/ours';

/** From one of our own buttons, which was already the answer to the question. */
const Agreed = z.lazy(() => z.object({ yes: z.custom<Yes>((yes) => yes instanceof Yes) }));

/** The user saw the consequences and agreed. Only our own buttons can carry this. */
export function yesOf(target: unknown): Yes | undefined {
  return isOurs(target) ? Agreed.safeParse(target).data?.yes : undefined;
}
