import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { ApiError } from '../../platform/errors';
import type { Money } from '../money';
import type { Spending } from '../spending';
import { historyCsv } from '../historyCsv';
import { historyText } from '../historyText';
import type { CommandHandlers } from '../../platform/ui/commands';
import { askWhereToSave, note } from '../../platform/ui/shown';
import type { Texts } from '../../platform/ui/texts';
import { writeWhole } from '../../platform/ui/wholeFile';

const NOTE_FOR = 5_000;

export interface HistoryInput {
  readonly spending: Spending;
  /** Server time, ms. */
  readonly now: number;
}

export interface HistoryContext {
  readonly appState: () => HistoryInput;
  readonly money: Pick<Money, 'history'>;
  readonly texts: Texts;
  readonly subscriptions: vscode.ExtensionContext['subscriptions'];
}

/** Shows and exports the history of the user's sessions. */
export function historyCommands(context: HistoryContext): Pick<CommandHandlers, 'showHistory' | 'exportHistory'> {
  const { texts, money, appState, subscriptions } = context;
  const name = l10n.t('ComfyDeploy History');
  const { history } = money;
  const page = () => {
    const { spending, now } = appState();
    return historyText(history.receipts, spending, now);
  };
  subscriptions.push(history.onDidChange(() => texts.update(name, page)));
  return {
    async showHistory() {
      await history.read();
      await texts.show(name, page());
    },

    async exportHistory() {
      const receipts = await history.read();
      const [folder] = vscode.workspace.workspaceFolders ?? [];
      const target = await askWhereToSave({
        title: l10n.t('Export History'),
        filters: { CSV: ['csv'] },
        ...(folder ? { defaultUri: vscode.Uri.joinPath(folder.uri, 'comfydeploy-history.csv') } : {}),
      });
      if (!target) return;
      await write(target, historyCsv(receipts));
      note(l10n.t('History exported'), NOTE_FOR);
    },
  };
}

async function write(target: vscode.Uri, text: string): Promise<void> {
  try {
    await writeWhole(target, new TextEncoder().encode(text));
  } catch (error) {
    throw new ApiError('refused', l10n.t('The history could not be written there. Choose another place.'), {
      cause: error,
    });
  }
}
