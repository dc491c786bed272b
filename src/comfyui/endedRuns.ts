import { endingIn, type Ending } from './ending';
import { finishOf, isObject, listOf } from './wire';

/** A run that is over. */
export interface EndedRun {
  readonly promptId: string;
  readonly ending: Ending;
  /** When it was over, ComfyUI's clock, ms; undefined where it keeps no times. */
  readonly at: number | undefined;
  /** A window of ours has queued it, and follows it. */
  readonly isFollowed: boolean;
}

/** What the ids of our own sockets begin with, so that a run tells by whom it was queued. */
export const OUR_CLIENT = 'vscode-';

/** @param history the answer of `/history`, oldest first. */
export function endedRuns(history: Readonly<Record<string, unknown>>): readonly EndedRun[] {
  return Object.keys(history).flatMap((promptId) => {
    const ending = endingIn(history, promptId);
    if (!ending) return [];
    const entry = history[promptId];
    return [{ promptId, ending, at: finishOf(entry), isFollowed: clientOf(entry)?.startsWith(OUR_CLIENT) ?? false }];
  });
}

function clientOf(entry: unknown): string | undefined {
  const extra = listOf(isObject(entry) ? entry['prompt'] : undefined)[3];
  const client = isObject(extra) ? extra['client_id'] : undefined;
  return typeof client === 'string' ? client : undefined;
}
