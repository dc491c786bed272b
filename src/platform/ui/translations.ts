import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';

/** From now on texts are in the language of VS Code, where we have it; else they stay as they are in the code. */
export function useTranslations(): void {
  l10n.config({ contents: vscode.l10n.bundle ?? {} });
}
