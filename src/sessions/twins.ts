import * as l10n from '@vscode/l10n';
import type { Session } from '../comfydeploy/model';
import { timeOfDay } from '../platform/durations';
import { sessionsOf, type Snapshot } from './snapshot';

/**
 * ` · since 15:41` where another session has the same machine and GPU, and would read the same; with the beginning of
 * its id, too, where that one began in the same minute.
 */
export function apart({ id, machineId, gpu, createdAt }: Session, snapshot: Snapshot): string {
  const twins = sessionsOf(snapshot).filter((one) => one.id !== id && one.machineId === machineId && one.gpu === gpu);
  if (createdAt === undefined || twins.length === 0) return '';
  const from = timeOfDay(createdAt);
  const isSameMinute = twins.some((one) => one.createdAt !== undefined && timeOfDay(one.createdAt) === from);
  const since = l10n.t({
    message: 'since {0}',
    args: [from],
    comment: ['{0} is a time of day: since when a session runs'],
  });
  return ` · ${since}${isSameMinute ? ` · ${id.slice(0, 4)}` : ''}`;
}
