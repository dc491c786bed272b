import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Event } from '../../platform/emitter';
import { codeLens, completion, hover } from '../../platform/ui/shownInFiles';
import { helpTooltip, valueText } from '../helpText';
import { FileValues, type FileValuesContext, type PlacedValue } from './fileValues';
import { isEditable, valueUri, ValueTexts, VALUE_SCHEME } from './valueTexts';

export interface WorkflowHelpContext extends FileValuesContext {
  readonly random: () => number;
  /** Files known to be workflows. */
  readonly files: { readonly known: readonly vscode.Uri[]; readonly onDidChange: Event<void> };
  readonly isOn: () => boolean;
}

const MOST_LENSES = 200;
/** Characters from a key to its value. */
const LONGEST_KEY = 200;
/** Any seed below is valid for every node. */
const SEEDS = 2 ** 32;
const FILES: vscode.DocumentFilter = { pattern: '**/*.json' };

/** Hover, completion and lenses in workflow files. Nothing is registered before a workflow file is known. */
export class WorkflowHelp
  implements vscode.Disposable, vscode.HoverProvider, vscode.CompletionItemProvider, vscode.CodeLensProvider
{
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #values: FileValues;
  readonly #owned: { dispose(): unknown }[];
  #isRegistered = false;
  /** Nobody else knows these names, so nobody else can run them. */
  readonly #randomizeCommand = `comfydeploy.value.${crypto.randomUUID()}`;
  readonly #editCommand = `comfydeploy.value.${crypto.randomUUID()}`;

  constructor(private readonly context: WorkflowHelpContext) {
    this.#values = new FileValues(context);
    this.#owned = [context.files.onDidChange(() => this.#look()), this.#changed];
  }

  async provideHover(document: vscode.TextDocument, position: vscode.Position): Promise<vscode.Hover | undefined> {
    const values = await this.#valuesOf(document);
    const value = values.find(({ range }) => range.contains(position)) ?? keyedAt(document, position, values);
    const tooltip = value && helpTooltip(value);
    return tooltip && hover(tooltip, value.range);
  }

  async provideCompletionItems(
    document: vscode.TextDocument,
    position: vscode.Position,
  ): Promise<vscode.CompletionItem[]> {
    const value = (await this.#valuesOf(document)).find(({ range }) => range.contains(position));
    if (!value?.help) return [];
    const { choices, usual } = value.help;
    const offered = choices.length > 0 || usual === undefined ? choices : [usual];
    return offered.map((json) => completion(valueText(json), json, value.range));
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const { uri } = document;
    if (!this.context.isOn() || !this.#isKnown(uri)) return [];
    const { isDrawn, values } = await this.#values.in(document);
    const top = new vscode.Range(0, 0, 0, 0);
    const lensOf = ({ role, range, json, ...value }: PlacedValue) => {
      if (role === 'seed') return [codeLens(range, l10n.t('Randomize'), this.#randomizeCommand, uri, keyOf(value))];
      const isText = role === 'text' && isEditable(json);
      return isText ? [codeLens(range, l10n.t('Edit Text'), this.#editCommand, uri, keyOf(value))] : [];
    };
    return [
      codeLens(top, l10n.t('Queue'), 'comfydeploy.queueWorkflow', uri),
      codeLens(top, l10n.t('Check'), 'comfydeploy.checkWorkflow', uri),
      codeLens(top, l10n.t('Show Picture'), 'comfydeploy.showPicture', uri),
      ...(isDrawn ? [codeLens(top, l10n.t('Open in Session'), 'comfydeploy.openWorkflow', uri)] : []),
      ...(isDrawn ? [codeLens(top, l10n.t('Export'), 'comfydeploy.exportApi', uri)] : []),
      ...values.flatMap(lensOf).slice(0, MOST_LENSES),
    ];
  }

  dispose(): void {
    for (const one of this.#owned) one.dispose();
  }

  #look(): void {
    if (this.context.isOn() && this.context.files.known.length > 0 && !this.#isRegistered) this.#register();
    this.#changed.fire();
  }

  #register(): void {
    this.#isRegistered = true;
    const { languages, commands, workspace } = vscode;
    const texts = new ValueTexts({
      read: async (uri, key) => (await this.#find(uri, key))?.value.json,
      replace: (uri, key, json) => this.#replace(uri, key, () => json),
    });
    const seed = () => String(Math.floor(this.context.random() * SEEDS));
    this.#owned.push(
      languages.registerHoverProvider(FILES, this),
      languages.registerCompletionItemProvider(FILES, this, '"'),
      languages.registerCodeLensProvider(FILES, this),
      commands.registerCommand(this.#randomizeCommand, (uri: vscode.Uri, key: string) => this.#replace(uri, key, seed)),
      commands.registerCommand(this.#editCommand, (uri: vscode.Uri, key: string) => this.#edit(uri, key)),
      workspace.registerFileSystemProvider(VALUE_SCHEME, texts),
    );
  }

  #isKnown(uri: vscode.Uri): boolean {
    return this.context.files.known.some((known) => known.toString() === uri.toString());
  }

  async #valuesOf(document: vscode.TextDocument): Promise<readonly PlacedValue[]> {
    return this.context.isOn() && this.#isKnown(document.uri) ? (await this.#values.in(document)).values : [];
  }

  /** Where it is now, since the text may have changed after its lens was drawn. */
  async #find(uri: vscode.Uri, key: string) {
    const document = await vscode.workspace.openTextDocument(uri);
    const { values } = await this.#values.in(document);
    const value = values.find((one) => one.role !== undefined && keyOf(one) === key);
    return value && { document, value };
  }

  /** Changes the bytes of this value alone, and saves the file if it had no other changes. */
  async #replace(uri: vscode.Uri, key: string, make: () => string): Promise<boolean> {
    const found = await this.#find(uri, key);
    if (!found) return false;
    const { document, value } = found;
    const json = make();
    if (json === value.json) return true;
    const [wasSaved, edit] = [!document.isDirty && value.role === 'text', new vscode.WorkspaceEdit()];
    edit.replace(uri, value.range, json);
    const isDone = await vscode.workspace.applyEdit(edit);
    if (isDone && wasSaved) await document.save();
    return isDone;
  }

  async #edit(uri: vscode.Uri, key: string): Promise<void> {
    const found = await this.#find(uri, key);
    if (!found) return;
    const { classType = '', input = '' } = found.value;
    const text = await vscode.workspace.openTextDocument(valueUri(uri, key, `${classType} ${input}`));
    await vscode.window.showTextDocument(text, vscode.ViewColumn.Beside);
  }
}

/** The value whose key is pointed at: it follows on the same line, with nothing between that begins or ends another. */
function keyedAt(
  document: vscode.TextDocument,
  position: vscode.Position,
  values: readonly PlacedValue[],
): PlacedValue | undefined {
  const line = document.lineAt(position).text;
  return values.find(({ range: { start } }) => {
    const ahead = start.line === position.line ? start.character - position.character : 0;
    return (
      ahead > 0 && ahead <= LONGEST_KEY && /^[^,[\]{}]*:\s*$/.test(line.slice(position.character, start.character))
    );
  });
}

/** Names a value of a file. */
function keyOf({ nodeId, input = '' }: Pick<PlacedValue, 'nodeId' | 'input'>): string {
  return JSON.stringify([nodeId, input]);
}
