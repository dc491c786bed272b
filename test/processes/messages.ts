import * as z from 'zod';

export const Question = z.object({
  number: z.number(),
  /** Whether it must also ask the other windows, as before an act. */
  confirms: z.boolean(),
});
export type Question = z.output<typeof Question>;

/** The answer of a window in a process of its own. */
export const State = z.object({
  /** Which question it answers. */
  question: z.number(),
  /** Whether it may act: by its own belief, or confirmed by the others. */
  isLeader: z.boolean(),
  sessions: z.number(),
  /** The age of what it shows, ms. */
  age: z.number(),
  /** The notices so far. */
  notices: z.array(z.string()),
  failures: z.array(z.string()),
});
export type State = z.output<typeof State>;
