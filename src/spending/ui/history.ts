import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { ApiError } from '../../platform/errors';
import type { Money } from '../money';
import { historyCsv } from '../historyCsv';
import type { CommandHandlers } from '../../platform/ui/commands';
import { askWhereToSave, note } from '../../platform/ui/shown';
import { writeWhole } from '../../platform/ui/wholeFile';
import { SpendingPage, type SpendingPageContext } from './spendingPage';

const NOTE_FOR = 5_000;

export interface HistoryContext extends Omit<SpendingPageContext, 'history' | 'usageOf'> {
  readonly money: Pick<Money, 'history' | 'usages'>;
  readonly subscriptions: vscode.ExtensionContext['subscriptions'];
}

/** Shows what the user's sessions cost, and exports their history. */
export function historyCommands({
  money: { history, usages },
  subscriptions,
  ...context
}: HistoryContext): Pick<CommandHandlers, 'showSpending' | 'showHistory' | 'exportHistory'> {
  const page = new SpendingPage({ ...context, history, usageOf: usages.of });
  subscriptions.push(page);
  const showSpending = () => page.show();
  return {
    showSpending,
    showHistory: showSpending, // its name of earlier versions, which keys may be bound to

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
