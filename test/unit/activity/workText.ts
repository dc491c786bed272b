import type { Activity, Work } from '../../../src/comfydeploy/model';
import { MINUTE, NOW } from '../../fakes/appState';

export const SECOND = 1_000;
export const GIB = 2 ** 30;
export const idle = (minutes: number) => ({ kind: 'idle', since: NOW - minutes * MINUTE }) as const;
export const rendering = (queued: number, minutes = 0) =>
  ({ kind: 'rendering', queued, since: NOW - minutes * MINUTE }) as const;
export const work = (activity: Activity, more: Partial<Work> = {}): Work => ({
  activity,
  vram: { used: 18 * GIB, total: 23.7 * GIB },
  readAt: NOW - SECOND,
  ...more,
});
