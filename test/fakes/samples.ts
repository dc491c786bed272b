import recorded from '../fixtures/wire-samples.json';

/** What the real server once answered. @throws {Error} for a label that was not recorded. */
export function recordedAnswer(label: string): { readonly status: number; readonly body: unknown } {
  const sample = recorded.samples.find((one) => one.label === label);
  if (!sample) throw new Error(`no recording is called ${label}`);
  return sample;
}

export const recordedFailures = recorded.samples.filter(({ status }) => status >= 400);
