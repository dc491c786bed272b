import * as z from 'zod/mini';

/** What the script of a tab's document may say. */
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
    /** What the framed page has said, in its own words. */
    z.object({ type: z.literal('answer'), from: z.string(), text: z.string() }),
  ]),
);
export type FromPage = z.output<typeof FromPage>;

/** What is said of the frame. */
export const OF_FRAME: ReadonlySet<FromPage['type']> = new Set(['answer', 'alive', 'setup', 'unreached', 'ofEditor']);
