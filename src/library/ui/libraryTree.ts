import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import type { KeptWorkflow } from '../../comfydeploy/library';
import { skippedText } from '../../comfydeploy/rowReading';
import { explainItem, treeItem } from '../../platform/ui/shown';
import {
  noVersions,
  tooltipOf,
  versionRowText,
  workflowText,
  type LibraryTextInput,
  type RowText,
} from '../libraryText';
import type { Listed, Shelf, VersionRow } from '../shelf';

export type LibraryNode = { readonly id: string } & (
  | { readonly kind: 'workflow'; readonly workflow: KeptWorkflow }
  | { readonly kind: 'version'; readonly workflow: KeptWorkflow; readonly version: VersionRow }
  /** The end of a list: what can be read next, is being read, or could not be read. */
  | { readonly kind: 'rest'; readonly workflow: KeptWorkflow | undefined; readonly texts: RowText }
);

const Target = z.lazy(() => z.object({ id: z.string() }));

/** The rows of the shelf, and below a workflow those of its versions, which are read when VS Code requests them. */
export class LibraryTree {
  readonly onDidChange: Shelf['onDidChange'];
  constructor(
    private readonly shelf: Shelf,
    private readonly appState: () => LibraryTextInput,
  ) {
    this.onDidChange = shelf.onDidChange;
  }

  /** The row that a command was called on. */
  nodeOf(target: unknown): LibraryNode | undefined {
    const { data } = z.safeParse(Target, target);
    return data && this.#all().find(({ id }) => id === data.id);
  }

  /** Everything that it says, to see whether that has changed. */
  said(): string {
    return JSON.stringify(this.#all().map((node) => this.#drawn(node)));
  }

  getChildren(parent?: LibraryNode): LibraryNode[] {
    if (parent?.kind === 'workflow') void this.shelf.open(parent.workflow);
    return parent ? this.#versionsBelow(parent) : this.#workflows();
  }

  getParent({ kind, workflow }: LibraryNode): LibraryNode | undefined {
    return kind === 'workflow' ? undefined : this.nodeOf(workflow);
  }

  getTreeItem(node: LibraryNode): vscode.TreeItem {
    const { kind, id } = node;
    const { label, description, icon } = this.#drawn(node);
    const state = vscode.TreeItemCollapsibleState[kind === 'workflow' ? 'Collapsed' : 'None'];
    const item = treeItem({ label, description, ariaLabel: `${label}, ${description}` }, state);
    item.id = id;
    if (node.kind !== 'rest')
      explainItem(item, tooltipOf(node.workflow, kind === 'version' ? node.version : undefined));
    item.iconPath = new vscode.ThemeIcon(icon);
    item.contextValue = kind === 'workflow' && node.workflow.isPinned ? 'pinned' : kind;
    // Without arguments, since VS Code forgets them while it redraws the row.
    if (kind !== 'workflow') item.command = { command: 'comfydeploy.openKept', title: l10n.t('Open') };
    return item;
  }

  #drawn(node: LibraryNode) {
    if (node.kind === 'rest') return { ...node.texts, icon: 'ellipsis' };
    if (node.kind === 'version') return { ...versionRowText(node.version, this.appState()), icon: 'git-commit' };
    return { ...workflowText(node.workflow, this.appState()), icon: node.workflow.isPinned ? 'pinned' : 'file-code' };
  }

  #all(): readonly LibraryNode[] {
    return this.#workflows().flatMap((node) => [node, ...this.#versionsBelow(node)]);
  }

  #workflows(): LibraryNode[] {
    const { list } = this.shelf;
    if (this.appState().snapshot.kind !== 'ready' || !list) return [];
    const nodes = list.rows.map((workflow) => ({ kind: 'workflow', id: workflow.id, workflow }) as const);
    return [...nodes, ...this.#rest('list', { ...list, problem: undefined })]; // the message above says it
  }

  #versionsBelow(parent: LibraryNode): LibraryNode[] {
    if (parent.kind !== 'workflow') return [];
    const { workflow } = parent;
    const list = this.shelf.versionsOf(workflow);
    const nodes = (list?.rows ?? []).map(
      (version) => ({ kind: 'version', id: `${workflow.id} ${version.id}`, workflow, version }) as const,
    );
    return [...nodes, ...this.#rest(workflow, list)];
  }

  #rest(of: KeptWorkflow | 'list', list: Listed<unknown> | undefined): LibraryNode[] {
    const [workflow, what] = of === 'list' ? [undefined, of] : [of, of.id];
    const texts = this.shelf.isReading(what)
      ? { label: l10n.t('Loading…'), description: '' }
      : list && restText(list, workflow !== undefined);
    return texts ? [{ kind: 'rest', id: `rest:${what}`, workflow, texts }] : [];
  }
}

function restText({ problem, hasMore, rows, unread }: Listed<unknown>, isBelow: boolean): RowText | undefined {
  if (problem) return { label: problem.message, description: '' };
  const description = isBelow && unread > 0 ? skippedText(unread) : '';
  if (hasMore) return { label: l10n.t('More…'), description };
  if (description !== '') return { label: l10n.t('Unreadable: {0}', unread), description };
  return isBelow && rows.length === 0 ? { label: noVersions(), description } : undefined;
}
