import type { Recent } from '../../../src/outputs/sessionOutputs';
import { outputRowsOf } from '../../../src/sidebar/outputRows';
import { MINUTE, NOW } from '../../fakes/appState';
import { sessionId } from '../../fakes/setup';

export const ID = sessionId('one');
export const rows = (recent: Recent) => outputRowsOf(ID, 'session:one', { outputsOf: () => recent, now: NOW });
export const known = (more: Partial<Extract<Recent, { kind: 'known' }>> = {}): Recent => ({
  kind: 'known',
  files: [],
  hasMore: false,
  problem: undefined,
  ...more,
});
export const recentFile = (filename: string, minutesAgo?: number, subfolder = '') => ({
  file: { filename, subfolder, type: 'output' },
  finishedAt: minutesAgo === undefined ? undefined : NOW - minutesAgo * MINUTE,
  picture: undefined,
});
