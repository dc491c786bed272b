import type { KnownActivity, Work } from '../comfydeploy/model';
import { MINUTE } from '../platform/units';

/** The run that finished last. */
export interface LastRun {
  /** Another one means that something finished since. */
  readonly key: string;
  /** Server time, ms; undefined where ComfyUI keeps no times. */
  readonly finishedAt: number | undefined;
}

/** What the history says; an empty one says nothing, and one that was not asked leaves open what it would. */
export type History = { readonly kind: 'notAsked' } | { readonly kind: 'empty' } | ({ readonly kind: 'run' } & LastRun);

/** One look at a session's ComfyUI. */
export interface Reading {
  /** Server time, ms. */
  readonly at: number;
  /** How many prompts run or wait; undefined if the queue could not be read. */
  readonly remaining: number | undefined;
  readonly history: History;
}

/** What is known of a session's work after all looks so far. */
export interface Trace extends Pick<Work, 'activity' | 'readAt'> {
  /** `LastRun.key`; undefined if none is known. */
  readonly lastRun: string | undefined;
}

/** Looks further apart than this leave room for work that nobody saw. */
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

/** Idle all the time from the look before until now, as far as the queue can say. */
export function isUnbroken(before: Trace | undefined, at: number): before is Trace {
  return before?.activity.kind === 'idle' && at - before.readAt <= LONGEST_GAP;
}

/** What was true when the queue was last read. */
export function knownOf({ activity }: Pick<Work, 'activity'>): KnownActivity | undefined {
  return activity.kind === 'unknown' ? activity.last : activity;
}

/**
 * Undefined where it is not known, and so begins now. In doubt the later time: who seems idle for too short a while is
 * only left alone for longer.
 */
function idleSince(before: Trace | undefined, history: History, at: number): number | undefined {
  const last = before && knownOf(before);
  const wasIdleSince = last?.kind === 'idle' ? last.since : undefined;
  if (history.kind === 'notAsked') return isUnbroken(before, at) ? wasIdleSince : undefined;
  if (history.kind === 'empty') {
    // What was in it is gone: somebody was there to empty it, or ComfyUI began anew.
    const isEmptied = before?.lastRun !== undefined;
    return isUnbroken(before, at) && !isEmptied ? wasIdleSince : undefined;
  }
  if (wasIdleSince !== undefined && history.key === before?.lastRun) return wasIdleSince;
  if (history.finishedAt === undefined) return undefined;
  // What was seen at work has not been idle since before that, whatever the history says.
  const earliest = last?.kind === 'rendering' ? before?.readAt : wasIdleSince;
  return Math.max(earliest ?? history.finishedAt, history.finishedAt);
}
