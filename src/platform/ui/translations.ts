import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { useLanguage } from '../language';

/** The texts of a language by their English texts, if there are any. */
export type TextsOf = (language: string) => Readonly<Record<string, string>> | undefined;

/** Sets the language of the texts to VS Code's, if there are translations; otherwise they stay English. */
export function useTranslations(textsOf: TextsOf): void {
  const { language } = vscode.env;
  const texts = textsOf(language);
  l10n.config({ contents: texts ?? {} });
  useLanguage(texts ? language : 'en');
}
