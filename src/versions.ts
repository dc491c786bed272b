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
import type { NodeLists } from './workflows/ui/nodeLists';
import type { WorkflowPlaces } from './workflows/ui/workflowPlaces';
import type { WorkflowFiles } from './workflows/ui/workflowFiles';

interface Context {
  readonly files: WorkflowFiles;
  readonly nodes: { readonly kept: KeptNodes; readonly lists: NodeLists };
  readonly places: WorkflowPlaces;
  readonly settings: Settings;
  /** Of this window's workspace. */
  readonly workspaceMemory: Memory;
}

export interface Versions extends Disposable, ReturnType<typeof versionCommands> {
  /** The user asks for what is new. */
  forget(): void;
}

/** Connects workflow files with the versions that ComfyDeploy keeps. No decision is made here. */
export function createVersions(
  { clock }: Web,
  { library, appState }: App,
  { tabs, targets, texts }: Surfaces,
  { files, nodes: { kept, lists }, places, settings, workspaceMemory: memory }: Context,
): Versions {
  const snapshot = () => appState().snapshot;
  const step = new InStep({ clock, library, memory, files });
  const hasPlaces = () => settings.get('comparePositions', true);
  const comparing = { clock, kept: lists, hasPlaces, texts };
  const machineName: Parameters<typeof versionCommands>[0]['saving']['machineName'] = ({ machineId }) =>
    machinesOf(snapshot()).find(({ id }) => id === machineId)?.name;
  const saving = { ...comparing, library, step, machineName, appState, comments: new Map() };
  const commands = versionCommands({
    comparing,
    saving,
    choosing: { clock, library, tabs, snapshot, appState, files },
    targets,
    step,
    kept,
    lists,
    places,
    isNoted: () => settings.get('versionInFile', false),
  });
  return { ...commands, forget: () => step.forget(), dispose: () => step.dispose() };
}
