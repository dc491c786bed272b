import type { Web } from './comfyui/client';
import type { App } from './app';
import { KeptVersions } from './library/keptVersions';
import { Shelf } from './library/shelf';
import type { LateLibrary } from './library/ui/lateLibrary';
import { libraryCommands } from './library/ui/libraryCommands';
import { LibraryTree } from './library/ui/libraryTree';
import { LibraryView } from './library/ui/libraryView';
import { together, type Disposable } from './platform/emitter';
import type { Settings } from './platform/ui/settings';
import type { Surfaces } from './surfaces';
import type { Workflows } from './workflows';

export interface Library extends Disposable {
  readonly handlers: ReturnType<typeof libraryCommands>;
  /** The user asks for what is new. */
  refresh(): void;
  redraw(): void;
  /** Another account is in use. */
  reset(): void;
}

interface Context {
  readonly lateLibrary: LateLibrary;
  readonly workflows: Pick<Workflows, 'opening' | 'versions'>;
  readonly settings: Settings;
}

/** Connects the view of workflows that ComfyDeploy keeps. No decision is made here. */
export function createLibrary(
  { clock }: Web,
  { library, appState, windows }: App,
  { texts }: Surfaces,
  { lateLibrary, workflows: { opening, versions }, settings }: Context,
): Library {
  const kept = new KeptVersions(windows.ofAccount);
  const shelf = new Shelf({ library, kept, clock });
  const tree = new LibraryTree(shelf, appState);
  const view = new LibraryView(lateLibrary, tree, shelf, appState, clock);
  return {
    handlers: libraryCommands({
      library,
      kept,
      shelf,
      tree,
      view,
      appState,
      clock,
      texts,
      settings,
      opening,
      versions,
    }),
    refresh: () => view.refresh(true),
    redraw: () => view.redraw(),
    reset: () => shelf.reset(),
    ...together([view, shelf]),
  };
}
