import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { useLanguage } from '../language';

/** The texts of a language by their English ones, if there are any. */
export type TextsOf = (language: string) => Readonly<Record<string, string>> | undefined;

/** From now on texts are in the language of VS Code, where we have it; else they stay as they are in the code. */
export function useTranslations(textsOf: TextsOf): void {
  const { language } = vscode.env;
  const texts = textsOf(language);
  l10n.config({ contents: texts ?? {} });
  useLanguage(texts ? language : 'en');
}
