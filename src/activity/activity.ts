import type { KnownActivity, Work } from '../comfydeploy/model';
import { MINUTE } from '../platform/units';

/** The run that finished last. */
export interface LastRun {
  /** A new key means that something has finished since. */
  readonly key: string;
  /** Server time, ms; undefined if ComfyUI keeps no times. */
  readonly finishedAt: number | undefined;
}

/** What the history says. An empty one proves nothing; one that was not requested leaves the question open. */
export type History = { readonly kind: 'notAsked' } | { readonly kind: 'empty' } | ({ readonly kind: 'run' } & LastRun);

/** One reading of a session's ComfyUI. */
export interface Reading {
  /** Server time, ms. */
  readonly at: number;
  /** How many prompts run or wait; undefined if the queue could not be read. */
  readonly remaining: number | undefined;
  readonly history: History;
}

/** What all readings so far say about a session's work. */
export interface Trace extends Pick<Work, 'activity' | 'readAt'> {
  /** `LastRun.key`; undefined if none is known. */
  readonly lastRun: string | undefined;
}

/** Readings further apart than this, ms, may have missed work. */
const LONGEST_GAP = 2 * MINUTE;

export function follow(before: Trace | undefined, { at, remaining, history }: Reading): Trace {
  const last = before && knownOf(before);
  const lastRun = history.kind === 'notAsked' ? before?.lastRun : history.kind === 'run' ? history.key : undefined;
  if (remaining === undefined) {
    return { activity: { kind: 'unknown', last }, readAt: before?.readAt ?? at, lastRun };
  }
  if (remaining > 0) {
    const since = last?.kind === 'rendering' ? Math.min(last.since, at) : at;
    return { activity: { kind: 'rendering', queued: remaining - 1, since }, readAt: at, lastRun };
  }
  const since = Math.min(at, idleSince(before, history, at) ?? at);
  return { activity: { kind: 'idle', since }, readAt: at, lastRun };
}

/** Whether the session was idle from the previous reading until now, as far as the queue can say. */
export function isUnbroken(before: Trace | undefined, at: number): before is Trace {
  return before?.activity.kind === 'idle' && at - before.readAt <= LONGEST_GAP;
}

/** What was true when the queue was last read. */
export function knownOf({ activity }: Pick<Work, 'activity'>): KnownActivity | undefined {
  return activity.kind === 'unknown' ? activity.last : activity;
}

/**
 * Undefined if not known: then idle time starts now. In doubt the later time is used, so that a session is rather ended
 * too late than too early.
 */
function idleSince(before: Trace | undefined, history: History, at: number): number | undefined {
  const last = before && knownOf(before);
  const wasIdleSince = last?.kind === 'idle' ? last.since : undefined;
  if (history.kind === 'notAsked') return isUnbroken(before, at) ? wasIdleSince : undefined;
  if (history.kind === 'empty') {
    // Its earlier entries are gone: somebody cleared it, or ComfyUI restarted.
    const isEmptied = before?.lastRun !== undefined;
    return isUnbroken(before, at) && !isEmptied ? wasIdleSince : undefined;
  }
  if (wasIdleSince !== undefined && history.key === before?.lastRun) return wasIdleSince;
  if (history.finishedAt === undefined) return undefined;
  // A session seen rendering was not idle before that reading, whatever the history says.
  const earliest = last?.kind === 'rendering' ? before?.readAt : wasIdleSince;
  return Math.max(earliest ?? history.finishedAt, history.finishedAt);
}
