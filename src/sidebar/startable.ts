import * as l10n from '@vscode/l10n';
import type { Machine } from '../comfydeploy/model';
import { isStartable } from '../sessions/builds';
import { machinesOf, sessionsOf, type Snapshot } from '../sessions/snapshot';

/** Where a session can be started: machines in use first, and those that are still being built last. */
export function startable(snapshot: Snapshot): readonly Machine[] {
  const inUse = new Set(sessionsOf(snapshot).map(({ machineId }) => machineId));
  return machinesOf(snapshot)
    .filter(isStartable)
    .sort(
      (a, b) =>
        rankOf(a) - rankOf(b) || Number(inUse.has(b.id)) - Number(inUse.has(a.id)) || a.name.localeCompare(b.name),
    );
}

function rankOf({ hosting }: Machine): number {
  return hosting.kind === 'able' ? 0 : 1;
}

/** Beside its name: the GPU, and whether it is being built. */
export function startableText({ gpu, hosting }: Machine): string {
  return [gpu ?? l10n.t('no default GPU'), ...(hosting.kind === 'able' ? [] : [l10n.t('building')])].join(' · ');
}
