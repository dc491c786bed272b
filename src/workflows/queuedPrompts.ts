import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';

const Queued = z.lazy(() =>
  z.object({
    sessionId: SessionId,
    promptId: z.string(),
    clientId: z.string(),
    /** The address of its file. */
    file: z.string(),
    /** Local clock, ms. */
    at: z.number(),
    /** Its outputs are saved without a question, since its session was started for it and ends by itself. */
    isSaved: z.optional(z.boolean()),
  }),
);
/** A prompt on its way. */
export type QueuedPrompt = Readonly<z.output<typeof Queued>>;

/** The prompts that this window has queued, more than anybody follows at the same time. */
export const QUEUED_PROMPTS = {
  key: 'queuedPrompts',
  schema: Queued,
  idOf: ({ promptId }: QueuedPrompt) => promptId,
  most: 50,
};
