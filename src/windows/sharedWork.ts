import * as z from 'zod/mini';
import { parseJson } from '../platform/plainJson';
import { mapOf, optional } from '../platform/unread';
import { SessionId, type Work } from '../comfydeploy/model';

const Rendering = z.lazy(() => z.object({ kind: z.literal('rendering'), queued: z.number(), since: z.number() }));
const Idle = z.lazy(() => z.object({ kind: z.literal('idle'), since: z.number() }));
const Unknown = z.lazy(() => z.object({ kind: z.literal('unknown'), last: z.optional(z.union([Rendering, Idle])) }));
const WorkText: z.ZodMiniType<Work> = z.lazy(() =>
  z.object({
    activity: z.union([Rendering, Idle, Unknown]),
    vram: optional(z.object({ used: z.number(), total: z.number() })),
    percent: optional(z.number()),
    readAt: z.number(),
    pace: z.optional(z.object({ mean: z.number(), since: z.number() })),
  }),
);
const All = z.lazy(() => mapOf(SessionId, WorkText));

/** The readings of one window, for the others. Contains no address. */
export function writeWork(work: ReadonlyMap<SessionId, Work>): string {
  return JSON.stringify([...work]);
}

/** Undefined if another version wrote it. */
export function readWork(text: string): ReadonlyMap<SessionId, Work> | undefined {
  return z.safeParse(All, parseJson(text)).data;
}
