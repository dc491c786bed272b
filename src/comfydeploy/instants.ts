import * as z from 'zod/mini';
import { parseInstant } from './instant';

/** A time in one of the server's spellings, as ms. */
export const instant = z.lazy(() =>
  z.pipe(
    z.string(),
    z.transform((text, context) => {
      const at = parseInstant(text);
      if (at !== undefined) return at;
      // eslint-disable-next-line texts/marked -- for the log
      context.issues.push({ code: 'custom', message: 'not a time', input: text });
      return z.NEVER;
    }),
  ),
);
