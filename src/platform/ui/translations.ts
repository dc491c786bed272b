import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { speak } from '../language';

/** From now on texts are in the language of VS Code, where we have it; else they stay as they are in the code. */
export function useTranslations(): void {
  const { bundle } = vscode.l10n;
  l10n.config({ contents: bundle ?? {} });
  speak(bundle ? vscode.env.language : 'en');
}
