import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Leadership } from '../../windows/leaderLease';
import type { SessionId } from '../../comfydeploy/model';
import { type Snapshot, ownReady } from '../../sessions/snapshot';
import type { OutputsFolder } from './outputsFolder';
import { warn } from '../../platform/ui/shown';

export interface FolderCheckInput {
  readonly snapshot: Snapshot;
}

export interface FolderCheckContext {
  readonly appState: () => FolderCheckInput;
  readonly leadership: Pick<Leadership, 'isLeader'>;
  readonly outputsFolder: OutputsFolder;
  readonly report: (error: unknown) => void;
}

/**
 * Warns when a session starts that its outputs cannot be saved to the folder in the settings, while that can still be
 * fixed.
 */
export class FolderCheck {
  #seen: ReadonlySet<SessionId> = new Set();

  constructor(private readonly context: FolderCheckContext) {}

  redraw(): void {
    const { appState, leadership, report } = this.context;
    const { snapshot } = appState();
    if (!leadership.isLeader || snapshot.kind !== 'ready') return;
    const ids = ownReady(snapshot).map(({ id }) => id);
    const hasNews = ids.some((id) => !this.#seen.has(id));
    this.#seen = new Set(ids);
    if (hasNews) this.#check().catch(report);
  }

  dispose(): void {
    this.#seen = new Set();
  }

  async #check(): Promise<void> {
    const why = await this.#whyNot();
    if (why === undefined) return;
    const settingsButton = l10n.t('Open Settings');
    const answer = await warn(l10n.t("The outputs of your sessions can't be saved. {0}", why), settingsButton);
    if (answer === settingsButton)
      await vscode.commands.executeCommand('workbench.action.openSettings', 'comfydeploy.outputsFolder');
  }

  async #whyNot(): Promise<string | undefined> {
    try {
      const { outputsFolder } = this.context;
      const folder = outputsFolder.known();
      return folder === undefined ? undefined : await outputsFolder.whyNotWritable(folder);
    } catch (error) {
      return error instanceof Error ? error.message : undefined;
    }
  }
}
