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
