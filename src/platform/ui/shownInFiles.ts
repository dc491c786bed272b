import * as vscode from 'vscode';
import { plainText } from '../plainText';
import type { Tooltip } from '../tooltip';
import { tooltipMarkdown } from './shown';

// What stands in the files of others goes out here, and nowhere else: see `shown`.

const LONGEST = 500;

/** About one place of a file. */
export function hover(tooltip: Tooltip, range: vscode.Range): vscode.Hover {
  return new vscode.Hover(tooltipMarkdown(tooltip), range);
}

/** What may stand in one place of a file. @param text that is put there. */
export function completion(label: string, text: string, range: vscode.Range): vscode.CompletionItem {
  const item = new vscode.CompletionItem(plainText(label, LONGEST), vscode.CompletionItemKind.Value);
  item.insertText = item.filterText = text;
  item.sortText = '!'; // before what VS Code itself offers in JSON: it begins with a quotation mark
  item.range = range;
  return item;
}

/** A link above one place of a file. @param command whole name. */
export function codeLens(
  range: vscode.Range,
  title: string,
  command: string,
  ...args: readonly unknown[]
): vscode.CodeLens {
  return new vscode.CodeLens(range, { title: plainText(title), command, arguments: [...args] });
}

/** A problem at a place in a file, in ComfyUI's words. */
export type ProblemSeverity = 'error' | 'warning' | 'info';

export function problemIn(
  range: vscode.Range,
  message: string,
  severity: ProblemSeverity = 'error',
): vscode.Diagnostic {
  const { Error: error, Warning: warning, Information: info } = vscode.DiagnosticSeverity;
  const diagnostic = new vscode.Diagnostic(range, plainText(message), { error, warning, info }[severity]);
  diagnostic.source = 'ComfyUI';
  return diagnostic;
}

/** Replaces the text at one place of a file. */
export function quickFix(title: string, uri: vscode.Uri, range: vscode.Range, text: string): vscode.CodeAction {
  const action = new vscode.CodeAction(plainText(title, LONGEST), vscode.CodeActionKind.QuickFix);
  action.edit = new vscode.WorkspaceEdit();
  action.edit.replace(uri, range, text);
  action.isPreferred = true;
  return action;
}
