import type { OutputFile } from '../../../src/comfyui/outputs';
import { newestFiles, type RecentRun, type RecentRuns } from '../../../src/outputs/recentRuns';

export const file = (filename: string): OutputFile => ({ filename, subfolder: '', type: 'output' });
export const run = (promptId: string, names: readonly string[], finishedAt?: number): RecentRun => ({
  promptId,
  files: names.map(file),
  finishedAt,
});
export const namesOf = (known: RecentRuns) => newestFiles(known.runs).map((one) => one.file.filename);
