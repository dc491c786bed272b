import * as z from 'zod/mini';
import { Yes } from '../core/guard/acts';

const made = new WeakSet();
/** From a button of ours that was the answer to the question already. */
const Agreed = z.lazy(() => z.object({ yes: z.instanceof(Yes) }));

/**
 * Marks what one of our own buttons or rows hands to a command. Any extension can run our commands, and so can a link in
 * a text: what they hand over is another object, or a copy, and never answers a question in the user's place.
 */
export function ours<T extends object>(target: T): T {
  made.add(target);
  return target;
}

export function isOurs(target: unknown): boolean {
  return typeof target === 'object' && target !== null && made.has(target);
}

/** The user was told what is at stake, and said yes. Only our own buttons can say so. */
export function yesOf(target: unknown): Yes | undefined {
  return isOurs(target) ? Agreed.safeParse(target).data?.yes : undefined;
}
