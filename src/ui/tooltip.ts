import * as vscode from 'vscode';
import type { Tooltip } from '../core/present/tooltips';

/** Pixels: the larger side of a picture is given at most so many. */
const LARGEST = 320;

/** Draws a tooltip. Names and values come from the server: they are appended as text, never as Markdown. */
export function tooltipMarkdown({ title, lines, note, picture }: Tooltip): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  markdown.appendMarkdown('**').appendText(title).appendMarkdown('**\n\n');
  if (picture !== undefined) markdown.appendMarkdown(`![](${picture}|width=${LARGEST})\n\n`);
  for (const [name, value] of lines) {
    markdown.appendText(name).appendMarkdown(': ').appendText(value).appendMarkdown('  \n');
  }
  if (note !== undefined) markdown.appendMarkdown('\n_').appendText(note).appendMarkdown('_');
  return markdown;
}
