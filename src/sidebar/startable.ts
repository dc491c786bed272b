import * as l10n from '@vscode/l10n';
import type { Machine, MachineId } from '../comfydeploy/model';
import type { Choice } from '../platform/choice';
import type { Missing } from '../workflows/checkText';
import { isStartable } from '../sessions/builds';
import { machinesOf, sessionsOf, type Snapshot } from '../sessions/snapshot';

/** Machines on which a session can be started: those in use first, those still being built last. */
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

/** Shown beside the name: the GPU, and whether it is being built. */
function startableText({ gpu, hosting }: Machine): string {
  return [gpu ?? l10n.t('no default GPU'), ...(hosting.kind === 'able' ? [] : [l10n.t('building')])].join(' · ');
}

/** Machines that lack the fewest models or nodes of the workflow come first. */
export function machineChoices(
  snapshot: Snapshot,
  missing: ReadonlyMap<MachineId, Missing> | undefined,
): readonly Choice<Machine>[] {
  const countOf = ({ id }: Machine) => missing?.get(id)?.count ?? 0;
  return startable(snapshot)
    .toSorted((one, other) => countOf(one) - countOf(other))
    .map((machine) => ({
      value: machine,
      label: machine.name,
      description: [startableText(machine), missing?.get(machine.id)?.text].filter(Boolean).join(' · '),
    }));
}
