import type { Web } from './comfyui/client';
import type { App } from './app';
import type { Memory } from './platform/memory';
import type { Disposable } from './platform/emitter';
import type { Settings } from './platform/ui/settings';
import { machinesOf } from './sessions/snapshot';
import type { Surfaces } from './surfaces';
import { InStep } from './library/ui/inStep';
import { versionCommands } from './library/ui/versionCommands';
import type { KeptNodes } from './workflows/keptNodes';
import type { WorkflowFiles } from './workflows/ui/workflowFiles';

interface Context {
  readonly files: WorkflowFiles;
  readonly kept: KeptNodes;
  readonly settings: Settings;
  /** Of this window's workspace. */
  readonly workspaceMemory: Memory;
}

export interface Versions extends Disposable, ReturnType<typeof versionCommands> {}

/** Connects workflow files with the versions that ComfyDeploy keeps. No decision is made here. */
export function createVersions(
  { clock }: Web,
  { library, appState }: App,
  { tabs, targets, texts }: Surfaces,
  { files, kept, settings, workspaceMemory: memory }: Context,
): Versions {
  const snapshot = () => appState().snapshot;
  const step = new InStep({ clock, library, memory, files });
  const hasPlaces = () => settings.get('comparePositions', true);
  const comparing = { clock, kept, hasPlaces };
  const machineName: Parameters<typeof versionCommands>[0]['saving']['machineName'] = ({ machineId }) =>
    machinesOf(snapshot()).find(({ id }) => id === machineId)?.name;
  const saving = { ...comparing, library, step, machineName, appState };
  const commands = versionCommands({
    comparing: { ...comparing, texts },
    saving,
    choosing: { clock, library, tabs, snapshot, appState, files },
    targets,
    step,
    kept,
    isNoted: () => settings.get('versionInFile', false),
  });
  return { ...commands, dispose: () => step.dispose() };
}
