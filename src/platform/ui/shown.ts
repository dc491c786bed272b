import * as vscode from 'vscode';
import { plainLines, plainName, plainPage, plainText } from '../plainText';
import type { Choice } from '../choice';
import type { Tooltip, TooltipLink } from '../tooltip';
import type { NamedProgress, Stood } from './standing';

// Everything that VS Code shows for us passes here, since any text may contain text of a server, page or file, and VS
// Code turns such text into links that can run commands. The linter forbids the calls below anywhere else.

/** Largest side of a picture, in pixels. */
const LARGEST = 320;
const LONGEST_VALUE = 500;
/** What the user edits is stored as it is then, so it is not cut. */
const LONGEST_INPUT = 100_000;
/**
 * Characters with a meaning in Markdown or HTML that VS Code does not escape; the first is an `&` before a character
 * reference.
 */
const MEANT = /(&(?=#?\w{1,32};)|(?<=www)\.|:(?=\/\/)|@)/i;
const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['.', '&#46;'],
  [':', '&#58;'],
  ['@', '&#64;'],
]);
const LONGEST_ARIA_LABEL = 400;

export type Show = (text: string, ...buttons: readonly string[]) => Thenable<string | undefined>;

export const inform: Show = (text, ...buttons) => vscode.window.showInformationMessage(plainText(text), ...buttons);
export const warn: Show = (text, ...buttons) => vscode.window.showWarningMessage(plainText(text), ...buttons);
export const fail: Show = (text, ...buttons) => vscode.window.showErrorMessage(plainText(text), ...buttons);

/** A dialog that has to be answered. @param detail may have several lines. */
export function ask<A extends string>(
  kind: 'warning' | 'question',
  question: string,
  detail: string,
  answers: readonly A[],
): Thenable<A | undefined> {
  const options = { modal: true, detail: plainLines(detail) };
  const show = kind === 'warning' ? vscode.window.showWarningMessage : vscode.window.showInformationMessage;
  return show(plainText(question), options, ...answers);
}

/** What VS Code asks the user before a tool of an agent does something. */
export function toolQuestion(title: string, detail: string): vscode.PreparedToolInvocation {
  const message = appendPlain(new vscode.MarkdownString(), plainLines(detail));
  return { confirmationMessages: { title: plainText(title), message } };
}

/** A short note in the status bar, without an icon: a screen reader would read out its name. @param ms how long it is shown. */
export function note(text: string, ms: number): void {
  vscode.window.setStatusBarMessage(plainText(text, LONGEST_VALUE), ms);
}

type Work<T> = (say: (message: string, increment?: number) => void, token: vscode.CancellationToken) => Thenable<T>;

/** A notification for long work, with a cancel button. */
export function progress<T>(title: string, work: Work<T>): Thenable<T> {
  const options = { location: vscode.ProgressLocation.Notification, title: plainText(title), cancellable: true };
  return vscode.window.withProgress(options, (bar, token) =>
    work((text, increment) => {
      const message = plainText(text, LONGEST_VALUE);
      bar.report(increment === undefined ? { message } : { message, increment });
    }, token),
  );
}

/**
 * A notice that can be taken back. @param words the answers: the first is a button, the others are links to a command
 * with a random name.
 */
export function standing(text: string, [button = '', ...links]: readonly string[]): Stood {
  const command = `comfydeploy.answer.${crypto.randomUUID()}`;
  const linked = links.map((link, index) => `[${link}](command:${command}?${index})`);
  const title = [plainText(text), ...linked].join(' \u00a0 ');
  let resolve: (word?: string) => void = () => undefined;
  const promise = new Promise<string | undefined>((settle) => (resolve = settle));
  const registered = vscode.commands.registerCommand(command, (index: number) => resolve(links[index]));
  const options = { location: vscode.ProgressLocation.Notification, title, cancellable: button };
  let add: (increment: number) => void = () => undefined;
  let done = 0;
  const window: NamedProgress = vscode.window;
  void window.withProgress(options, (bar, token) => {
    token.onCancellationRequested(() => resolve(button));
    add = (increment) => bar.report({ increment });
    add(0);
    return promise;
  });
  return {
    answered: promise.finally(() => void registered.dispose()),
    moveTo: (share) => {
      add(100 * share - done);
      done = 100 * share;
    },
    takeBack: () => resolve(),
  };
}

/** A progress bar above a view, without text. */
export function busy<T>(viewId: string, work: () => Thenable<T>): Thenable<T> {
  return vscode.window.withProgress({ location: { viewId } }, work);
}

export function askWhereToSave(
  options: vscode.SaveDialogOptions & { readonly title: string },
): Thenable<vscode.Uri | undefined> {
  return vscode.window.showSaveDialog({ ...options, title: plainText(options.title) });
}

/** Asks for one existing folder. */
export function askForFolder(title: string, openLabel: string): Promise<vscode.Uri | undefined> {
  return askForPlace(title, openLabel, true);
}

/** Asks for one existing file. */
export function askForFile(title: string, openLabel: string): Promise<vscode.Uri | undefined> {
  return askForPlace(title, openLabel, false);
}

async function askForPlace(title: string, openLabel: string, isFolder: boolean): Promise<vscode.Uri | undefined> {
  const options = { title: plainText(title), openLabel, canSelectFiles: !isFolder, canSelectFolders: isFolder };
  return (await vscode.window.showOpenDialog(options))?.[0];
}

export type PickItem<T> = vscode.QuickPickItem & { readonly choice: Choice<T> };

/** A list to choose from; `offer` sets its items. */
export interface ShownPick<T> {
  readonly input: Omit<vscode.QuickPick<PickItem<T>>, 'items' | 'title' | 'placeholder'>;
  readonly offer: (items: readonly PickItem<T>[]) => void;
}

export function quickPick<T>(title: string, placeholder: string): ShownPick<T> {
  const input = vscode.window.createQuickPick<PickItem<T>>();
  input.title = plainText(title);
  input.placeholder = plainText(placeholder);
  return { input, offer: (items) => (input.items = items) };
}

export function pickItem<T>(choice: Choice<T>): PickItem<T> {
  const { label, description, icon } = choice;
  return {
    label: plainText(label, LONGEST_VALUE),
    description: plainText(description, LONGEST_VALUE),
    // Not in the label: a screen reader would read out its name. That of a mark is a word of its own.
    ...(icon === undefined ? {} : { iconPath: new vscode.ThemeIcon(icon) }),
    choice,
  };
}

/** A text box; `complain` shows what is wrong with the text. */
export interface ShownInput {
  readonly input: Omit<vscode.InputBox, 'title' | 'prompt' | 'placeholder' | 'validationMessage'>;
  readonly complain: (text: string | undefined) => void;
}

export function inputBox(texts: Readonly<Record<'title' | 'prompt' | 'placeholder', string>>): ShownInput {
  const input = vscode.window.createInputBox();
  input.title = plainText(texts.title);
  input.prompt = plainText(texts.prompt);
  input.placeholder = plainText(texts.placeholder);
  const complain = (text: string | undefined) =>
    (input.validationMessage = text === undefined ? undefined : plainText(text, LONGEST_VALUE));
  return { input, complain };
}

/** Asks for one line of text. Undefined if the user cancels, or leaves it as it was shown. */
export async function askForText(title: string, value: string): Promise<string | undefined> {
  const shown = plainText(value, LONGEST_INPUT);
  const answer = await vscode.window.showInputBox({ title: plainText(title), value: shown });
  return answer === shown ? undefined : answer;
}

export function statusBarItem(id: string, name: string): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem(id, vscode.StatusBarAlignment.Left, 10);
  item.name = plainText(name);
  return item;
}

interface StatusTexts {
  /** A codicon before the text. */
  readonly icon: string;
  readonly text: string;
  /** For screen readers. */
  readonly ariaLabel: string;
  readonly tooltip: Tooltip;
}

export function drawStatus(item: vscode.StatusBarItem, { icon, text, ariaLabel, tooltip }: StatusTexts): void {
  item.text = `$(${icon}) ${plainName(text)}`;
  item.tooltip = tooltipMarkdown(tooltip);
  item.accessibilityInformation = { label: plainText(ariaLabel, LONGEST_ARIA_LABEL) };
}

interface RowTexts {
  readonly label: string;
  readonly description: string;
  /** For screen readers. */
  readonly ariaLabel: string;
}

export function treeItem(
  { label, description, ariaLabel }: RowTexts,
  state: vscode.TreeItemCollapsibleState,
): vscode.TreeItem {
  const item = new vscode.TreeItem(plainText(label, LONGEST_VALUE), state);
  item.description = plainText(description, LONGEST_VALUE);
  item.accessibilityInformation = { label: plainText(ariaLabel, LONGEST_ARIA_LABEL) };
  return item;
}

/** A row that is about to be removed. */
export function emptyItem(): vscode.TreeItem {
  return new vscode.TreeItem('');
}

export function explainItem(item: vscode.TreeItem, tooltip: Tooltip): void {
  item.tooltip = tooltipMarkdown(tooltip);
}

/**
 * Draws a tooltip. Names and values come from the server, so they are appended as text, never as Markdown. Its links
 * run the commands that they name and nothing else.
 */
export function tooltipMarkdown({ title, lines, note, picture, links = [] }: Tooltip): vscode.MarkdownString {
  const markdown = new vscode.MarkdownString();
  const append = (text: string) => appendPlain(markdown, plainText(text, LONGEST_VALUE));
  markdown.appendMarkdown('**');
  append(title).appendMarkdown('**\n\n');
  if (picture !== undefined) markdown.appendMarkdown(`![](${picture}|width=${LARGEST})\n\n`);
  for (const [name, value] of lines) {
    append(name).appendMarkdown(': ');
    append(value).appendMarkdown('  \n');
  }
  if (note !== undefined) {
    markdown.appendMarkdown('\n_');
    append(note).appendMarkdown('_');
  }
  if (links.length === 0) return markdown;
  markdown.isTrusted = { enabledCommands: links.map(({ command }) => commandId(command)) };
  return markdown.appendMarkdown(`\n\n${links.map(linkMarkdown).join(' \u00a0 ')}`);
}

function commandId(command: string): string {
  return `comfydeploy.${command}`;
}

/** The text is ours. Escapes every character that Markdown could take for the end of the address. */
function linkMarkdown({ text, command, target }: TooltipLink): string {
  const query = encodeURIComponent(JSON.stringify([target])).replace(
    /[!'()*~_.-]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `[${text}](command:${commandId(command)}?${query})`;
}

/**
 * Appends plain text. VS Code escapes Markdown, but not character references such as `&lt;`, nor what becomes a link by
 * itself: `www.`, `://` and `@`. Those are escaped here.
 */
function appendPlain(markdown: vscode.MarkdownString, text: string): vscode.MarkdownString {
  for (const part of text.split(MEANT)) {
    const entity = ENTITIES.get(part);
    if (entity === undefined) markdown.appendText(part);
    else markdown.appendMarkdown(entity);
  }
  return markdown;
}

interface ViewTexts {
  readonly title: string;
  /** Beside the title. */
  readonly description?: string;
  /** Above the rows; empty for none. */
  readonly message: string;
  readonly badge: vscode.ViewBadge | undefined;
}

/** Sets only what has changed, since VS Code redraws it every time. */
export function drawView(view: vscode.TreeView<unknown>, { title, description = '', message, badge }: ViewTexts): void {
  const [head, line] = [plainName(title), plainText(message)];
  if (view.badge?.value !== badge?.value)
    view.badge = badge && { value: badge.value, tooltip: plainText(badge.tooltip, LONGEST_VALUE) };
  if (view.message !== line) view.message = line;
  if (view.title !== head) view.title = head;
  if ((view.description ?? '') !== description) view.description = plainText(description);
}

export function webviewPanel(
  viewType: string,
  title: string,
  column: vscode.ViewColumn,
  options: vscode.WebviewPanelOptions,
): vscode.WebviewPanel {
  return vscode.window.createWebviewPanel(viewType, plainName(title), column, options);
}

export function nameTab(panel: vscode.WebviewPanel, title: string): void {
  panel.title = plainName(title);
}

export function terminal(options: vscode.ExtensionTerminalOptions): vscode.Terminal {
  return vscode.window.createTerminal({ ...options, name: terminalName(options.name) });
}

/** Safe as a terminal's name. */
export function terminalName(name: string): string {
  return plainText(name, LONGEST_VALUE);
}

export function treeView<T>(id: string, options: vscode.TreeViewOptions<T>): vscode.TreeView<T> {
  return vscode.window.createTreeView(id, options);
}

/** The title of a text's tab, and the text. */
export function textToRead(name: string, text: string): readonly [name: string, text: string] {
  return [plainName(name), plainPage(text)];
}
