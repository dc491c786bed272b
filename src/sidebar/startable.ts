import * as l10n from '@vscode/l10n';
import type { Machine } from '../comfydeploy/model';
import type { Choice } from '../platform/choice';
import { missingLast, type MissingOn } from '../workflows/checkText';
import { startable } from '../sessions/builds';
import type { Snapshot } from '../sessions/snapshot';

/** Shown beside the name: the GPU, and whether it is being built. */
function startableText({ gpu, hosting }: Machine): string {
  return [gpu ?? l10n.t('no default GPU'), ...(hosting.kind === 'able' ? [] : [l10n.t('building')])].join(' · ');
}

/** Machines that lack the fewest models or nodes of the workflow come first. */
export function machineChoices(snapshot: Snapshot, missing: MissingOn | undefined): readonly Choice<Machine>[] {
  const choices = startable(snapshot).map((machine) => ({
    value: machine,
    label: machine.name,
    description: startableText(machine),
  }));
  return missingLast(choices, missing, ({ id }) => id);
}

/** By its ID, or by a name that no other machine has. */
export function machineNamed(machines: readonly Machine[], text: string | undefined): Machine | undefined {
  const [named, another] = machines.filter(({ name }) => name === text);
  return machines.find(({ id }) => id === text) ?? (another ? undefined : named);
}
