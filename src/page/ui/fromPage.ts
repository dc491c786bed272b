import * as z from 'zod/mini';

/** The messages that the script of a tab's document may send. */
export const FromPage = z.lazy(() =>
  z.union([
    z.object({
      type: z.literal([
        'startAgain',
        'showLog',
        'elsewhere',
        'retry',
        'signIn',
        'loaded',
        'alive',
        'setup',
        'unreached',
        'ofEditor',
        'trust',
      ]),
      from: z.string(),
    }),
    /** A message of the framed page, verbatim. */
    z.object({ type: z.literal('answer'), from: z.string(), text: z.string() }),
  ]),
);
export type FromPage = z.output<typeof FromPage>;

/** The messages that are about the frame. */
export const OF_FRAME: ReadonlySet<FromPage['type']> = new Set(['answer', 'alive', 'setup', 'unreached', 'ofEditor']);
