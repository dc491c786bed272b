import * as z from 'zod/mini';
import { Yes } from '../acts';
import { isOurs } from '../../platform/ui/ours';

/** From a button of ours that was the answer to the question already. */
const Agreed = z.lazy(() => z.object({ yes: z.custom<Yes>((yes) => yes instanceof Yes) }));

/** The user was told what is at stake, and said yes. Only our own buttons can say so. */
export function yesOf(target: unknown): Yes | undefined {
  return isOurs(target) ? Agreed.safeParse(target).data?.yes : undefined;
}
