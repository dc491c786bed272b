import recorded from '../fixtures/wire-samples.json';
import recordedLater from '../fixtures/wire-samples-2.json';

/** What the real server was once asked, and what it answered. */
export interface Recording {
  readonly label: string;
  readonly request: { readonly method: string; readonly path: string; readonly json: unknown };
  readonly status: number;
  readonly content_type: string;
  readonly body: unknown;
}

export const firstRecordings: readonly Recording[] = recorded.samples;
/**
 * Recordings of machines that the server itself built, and of much that the first ones lack. Where they differ, these
 * are right.
 */
export const laterRecordings: readonly Recording[] = recordedLater.samples;
export const recordings: readonly Recording[] = [...firstRecordings, ...laterRecordings];

/** What the real server once answered. @throws {Error} for a label that was not recorded. */
export function recordedAnswer(label: string): { readonly status: number; readonly body: unknown } {
  const sample = firstRecordings.find((one) => one.label === label);
  if (!sample) throw new Error(`no recording is called ${label}`);
  return sample;
}

export const recordedFailures = firstRecordings.filter(({ status }) => status >= 400);
