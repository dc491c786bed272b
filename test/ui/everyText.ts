import assert from 'node:assert/strict';
import type * as vscode from 'vscode';
import type { TreeNode } from '../../src/sidebar/ui/sessionTree';
import { MarkdownString, type TreeItem } from '../fakes/vscode';
import { ICON, LINK, UNSEEN } from '../fakes/vscode/expressions';
import { FakeInputBox, FakeQuickPick } from '../fakes/vscode/quickInput';
import type { World } from './start';

/** A text that VS Code shows. */
export interface ShownText {
  readonly where: string;
  readonly text: string;
}

/** Every text that is, or was, shown anywhere in the window. */
export function everyText(world: World): readonly ShownText[] {
  const { editor } = world;
  const found: ShownText[] = [];
  const add = (where: string, ...texts: readonly (string | undefined)[]) => {
    for (const text of texts) if (text !== undefined) found.push({ where, text });
  };
  for (const { text, options } of editor.messages) add('notice', text, options.detail);
  for (const { title, steps } of editor.progresses) {
    add('progress', title, ...steps, ...steps.map((step) => `${title}: ${step}`));
  }
  add('status message', ...editor.statusMessages);
  for (const { name, text, tooltip, isVisible, accessibilityInformation } of editor.statusItems) {
    add('status item', name, text, ...wordsOf(tooltip));
    if (isVisible) add('spoken', accessibilityInformation?.label ?? '');
  }
  for (const { message, title, badge } of editor.treeViews) add('view', message, title, badge?.tooltip);
  for (const item of itemsOf(world)) {
    add('row', item.label, String(item.description ?? ''));
    add('spoken', item.accessibilityInformation?.label ?? '');
    add('row', ...wordsOf(item.tooltip));
  }
  for (const input of editor.inputs) {
    add('prompt', input.title, input.placeholder);
    if (input instanceof FakeInputBox) add('prompt', input.prompt, input.complaint);
    if (input instanceof FakeQuickPick)
      for (const { label, description } of input.items as readonly vscode.QuickPickItem[])
        add('item', label, description);
  }
  add('tab', ...editor.panels.map(({ title }) => title));
  for (const { name, newName } of editor.terminals) add('terminal', name, newName);
  for (const { options } of [...editor.saveDialogs, ...editor.folderDialogs]) add('dialog', options.title);
  for (const document of editor.documents) add('text', document.uri.path, ...document.getText().split('\n'));
  add('problem', ...[...editor.problems.values()].flat().map(({ message }) => message));
  return found;
}

/**
 * After any test: no shown text has an unintended link or icon, or hidden or reversed parts, and a screen reader has
 * words for each row and status item, without names of icons.
 */
export function assertInert(world: World): void {
  const wrong = everyText(world).filter(({ where, text }) => {
    const isSpoken = ['status message', 'item', 'spoken'].includes(where);
    const words = isSpoken ? text : text.replace(/^\$\([a-z~-]+\) /, ''); // one of our icons comes first
    const isLong = words.length > 1_000 && where !== 'text' && where !== 'notice';
    const isMute = where === 'spoken' && words.trim() === '';
    return [LINK, ICON, UNSEEN].some((pattern) => words.search(pattern) >= 0) || isLong || isMute;
  });
  assert.deepEqual(wrong, []);
}

const wordsOf = (tooltip: string | vscode.MarkdownString | undefined): readonly string[] =>
  tooltip instanceof MarkdownString ? tooltip.parts.filter((part) => !isOurLinks(part)).map(({ value }) => value) : [];

/** Intended links: the label is ours, and the arguments have no character that could end the link. */
const isOurLinks = ({ kind, value }: MarkdownString['parts'][number]) =>
  kind === 'markdown' && /^\n\n(\[[\p{L} …]+\]\(command:comfydeploy\.\w+\?[%\w]+\)( \u00a0 )?)+$/u.test(value);

/** The rows, each with its tooltip if that needs no request. */
function itemsOf(world: World): readonly TreeItem[] {
  const [view] = world.editor.treeViews;
  if (!view) return [];
  const none = {} as vscode.CancellationToken;
  return world.nodes().map((node: TreeNode) => {
    const item = world.item(node);
    if (node.kind !== 'output') void view.provider.resolveTreeItem?.(item, node, none);
    return item;
  });
}
