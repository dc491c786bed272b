import { endingIn, type Ending } from './ending';
import { finishOf, isObject, listOf } from './wire';

/** A run that has ended. */
export interface EndedRun {
  readonly promptId: string;
  readonly ending: Ending;
  /** When it ended, ComfyUI's clock, ms; undefined if ComfyUI keeps no times. */
  readonly at: number | undefined;
  /** One of our windows has queued it, and follows it. */
  readonly isFollowed: boolean;
}

/** The beginning of our sockets' client ids, which shows who queued a run. */
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
