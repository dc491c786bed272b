import * as z from 'zod';

export const Question = z.object({
  number: z.number(),
  /** Whether the others are to be asked, too, as before an act. */
  confirms: z.boolean(),
});
export type Question = z.output<typeof Question>;

/** What a window in a process of its own says when asked. */
export const State = z.object({
  /** Which question it answers. */
  question: z.number(),
  /** Whether it may act, as it believes or as the others say. */
  isLeader: z.boolean(),
  sessions: z.number(),
  /** How old what it shows is, ms. */
  age: z.number(),
  /** What was said so far. */
  notices: z.array(z.string()),
  failures: z.array(z.string()),
});
export type State = z.output<typeof State>;
