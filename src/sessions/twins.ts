import * as l10n from '@vscode/l10n';
import type { Session } from '../comfydeploy/model';
import { timeOfDay } from '../platform/durations';
import { sessionsOf, type Snapshot } from './snapshot';

/** ` · since 15:41` where another session has the same machine and GPU, and would read the same. */
export function apart({ machineId, gpu, createdAt }: Session, snapshot: Snapshot): string {
  const isTwin = (one: Session) => one.createdAt !== createdAt && one.machineId === machineId && one.gpu === gpu;
  if (createdAt === undefined || !sessionsOf(snapshot).some(isTwin)) return '';
  return ` · ${l10n.t({ message: 'since {0}', args: [timeOfDay(createdAt)], comment: ['{0} is a time of day: since when a session runs'] })}`;
}
