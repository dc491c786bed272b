import type * as vscode from 'vscode';
import { Emitter } from '../../../src/platform/emitter';

export class EventEmitter<T> extends Emitter<T> {}

export const disposable = (dispose: () => void): vscode.Disposable => ({ dispose });

export class Disposable implements vscode.Disposable {
  static from(...parts: readonly { dispose(): unknown }[]): Disposable {
    return new Disposable(() => parts.forEach((part) => part.dispose()));
  }

  constructor(private readonly run: () => unknown) {}

  dispose(): void {
    this.run();
  }
}

/** Parses addresses as a browser does, and returns them unchanged. */
export class Uri implements vscode.Uri {
  static parse(text: string, strict?: boolean): Uri {
    if (strict && !/^[a-z][\w+.-]*:/i.test(text)) throw new Error('an address needs a scheme');
    return new Uri(new URL(text), text);
  }

  static from({ scheme, authority = '', path = '', query = '' }: Partial<Uri> & Pick<Uri, 'scheme'>): Uri {
    const host = authority === '' ? '' : `//${authority}`;
    return Uri.parse(
      `${scheme}:${host}${path.replace(/[%?#]/g, encodeURIComponent)}${query && `?${encodeURIComponent(query)}`}`,
    );
  }

  static file(path: string): Uri {
    return Uri.parse(`file://${encodeURI(path)}`);
  }

  static joinPath(base: vscode.Uri, ...segments: readonly string[]): Uri {
    const joined = [base.toString().replace(/\/$/, ''), ...segments].join('/');
    const isToNormalize = /(?:^|\/)\.\.?(?:\/|$)/.test(segments.join('/'));
    return Uri.parse(isToNormalize ? new URL(joined).href.replace(/\/$/, '') : joined);
  }

  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
  readonly fsPath: string;

  private constructor(
    { protocol, host, pathname, search, hash }: URL,
    private readonly text: string,
  ) {
    this.scheme = protocol.slice(0, -1);
    this.authority = host;
    this.path = decodeURIComponent(pathname);
    this.fsPath = this.path;
    this.query = decodeURIComponent(search.slice(1));
    this.fragment = hash.slice(1);
  }

  with(): never {
    throw new Error('not needed so far');
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** Keeps text and Markdown apart: only what was appended as text may come from a server. */
export class MarkdownString implements vscode.MarkdownString {
  readonly parts: { readonly kind: 'markdown' | 'text' | 'code'; readonly value: string }[] = [];
  isTrusted?: boolean | { readonly enabledCommands: readonly string[] };
  supportHtml?: boolean;
  supportThemeIcons?: boolean;

  get value(): string {
    return this.parts.map(({ value }) => value).join('');
  }

  set value(value: string) {
    this.parts.splice(0, Infinity, { kind: 'markdown', value });
  }

  appendText(value: string): this {
    this.parts.push({ kind: 'text', value });
    return this;
  }

  appendMarkdown(value: string): this {
    this.parts.push({ kind: 'markdown', value });
    return this;
  }

  appendCodeblock(value: string): this {
    this.parts.push({ kind: 'code', value });
    return this;
  }
}

export class TreeItem implements vscode.TreeItem {
  id?: string;
  description?: string | boolean;
  tooltip?: string | vscode.MarkdownString | undefined;
  iconPath?: string | vscode.IconPath;
  contextValue?: string;
  resourceUri?: vscode.Uri;
  command?: vscode.Command;
  accessibilityInformation?: vscode.AccessibilityInformation;

  constructor(
    readonly label: string,
    readonly collapsibleState: vscode.TreeItemCollapsibleState = TreeItemCollapsibleState.None,
  ) {}
}

export class ThemeColor implements vscode.ThemeColor {
  constructor(readonly id: string) {}
}

export class ThemeIcon implements vscode.ThemeIcon {
  constructor(
    readonly id: string,
    readonly color?: vscode.ThemeColor,
  ) {}
}

export class FileDecoration implements Pick<vscode.FileDecoration, 'color'> {
  constructor(
    readonly badge: string | undefined,
    readonly tooltip: string | undefined,
    readonly color: vscode.ThemeColor,
  ) {}
}

/** What a file system says is wrong. */
export class FileSystemError extends Error {
  static readonly FileNotFound = (what?: string | vscode.Uri) => new FileSystemError('FileNotFound', what);
  static readonly NoPermissions = (what?: string | vscode.Uri) => new FileSystemError('NoPermissions', what);
  static readonly Unavailable = (what?: string | vscode.Uri) => new FileSystemError('Unavailable', what);

  constructor(
    readonly code: string,
    what: string | vscode.Uri | undefined,
  ) {
    super(String(what));
  }
}

export class DataTransferItem {
  constructor(readonly value: unknown) {}
}

export class Range {
  readonly start: { readonly line: number; readonly character: number };
  readonly end: { readonly line: number; readonly character: number };

  constructor(startLine: number, startCharacter: number, endLine: number, endCharacter: number) {
    this.start = { line: startLine, character: startCharacter };
    this.end = { line: endLine, character: endCharacter };
  }

  contains({ line, character }: { readonly line: number; readonly character: number }): boolean {
    const isBefore = line < this.start.line || (line === this.start.line && character < this.start.character);
    const isAfter = line > this.end.line || (line === this.end.line && character > this.end.character);
    return !isBefore && !isAfter;
  }
}

export enum DiagnosticSeverity {
  Error,
  Warning,
  Information,
  Hint,
}

export class Diagnostic {
  source?: string;

  constructor(
    readonly range: Range,
    readonly message: string,
    readonly severity: DiagnosticSeverity,
  ) {}
}

export class Hover {
  constructor(
    readonly contents: unknown,
    readonly range: Range,
  ) {}
}

export class CompletionItem {
  insertText?: string;
  filterText?: string;
  sortText?: string;
  range?: Range;

  constructor(
    readonly label: string,
    readonly kind: unknown,
  ) {}
}

export const CompletionItemKind = { Value: 11 };

export class CodeLens {
  constructor(
    readonly range: Range,
    readonly command: { readonly title: string; readonly command: string; readonly arguments: readonly unknown[] },
  ) {}
}

export const CodeActionKind = { QuickFix: { value: 'quickfix' } };

export class WorkspaceEdit {
  readonly replaced: { readonly uri: unknown; readonly range: Range; readonly text: string }[] = [];

  replace(uri: unknown, range: Range, text: string): void {
    this.replaced.push({ uri, range, text });
  }
}

export class CodeAction {
  edit?: WorkspaceEdit;
  isPreferred?: boolean;

  constructor(
    readonly title: string,
    readonly kind: unknown,
  ) {}
}

export const QuickInputButtons = { Back: { iconPath: new ThemeIcon('arrow-left'), tooltip: 'Back' } };

export enum TreeItemCollapsibleState {
  None,
  Collapsed,
  Expanded,
}
export enum ProgressLocation {
  SourceControl = 1,
  Window = 10,
  Notification = 15,
}
export enum StatusBarAlignment {
  Left = 1,
  Right,
}
export enum ViewColumn {
  Active = -1,
  Beside = -2,
  One = 1,
}
export enum ConfigurationTarget {
  Global = 1,
  Workspace,
  WorkspaceFolder,
}
export enum LogLevel {
  Off,
  Trace,
  Debug,
  Info,
  Warning,
  Error,
}
export enum ExtensionKind {
  UI = 1,
  Workspace,
}
export enum ColorThemeKind {
  Light = 1,
  Dark = 2,
  HighContrast = 3,
  HighContrastLight = 4,
}
export enum UIKind {
  Desktop = 1,
  Web,
}
export enum FileType {
  File = 1,
  Directory,
}
export enum FilePermission {
  Readonly = 1,
}
export enum FileChangeType {
  Changed = 1,
  Created,
  Deleted,
}

export class TabInputWebview {
  constructor(readonly viewType: string) {}
}

export class TabInputTextDiff {
  constructor(
    readonly original: Uri,
    readonly modified: Uri,
  ) {}
}

export const TaskScope = { Global: 1, Workspace: 2 };

export class CustomExecution {
  constructor(readonly callback: (definition: vscode.TaskDefinition) => Thenable<vscode.Pseudoterminal>) {}
}

export class Task {
  constructor(
    readonly definition: vscode.TaskDefinition,
    readonly scope: vscode.WorkspaceFolder | vscode.TaskScope | undefined,
    readonly name: string,
    readonly source = '',
    readonly execution?: unknown,
    readonly problemMatchers?: string | string[],
  ) {}
}

export class LanguageModelTextPart {
  constructor(readonly value: string) {}
}

/** Newer than the oldest supported VS Code. */
export class LanguageModelDataPart {
  static image(data: Uint8Array, mimeType: string): LanguageModelDataPart {
    return new LanguageModelDataPart(data, mimeType);
  }

  constructor(
    readonly data: Uint8Array,
    readonly mimeType: string,
  ) {}
}

export class LanguageModelToolResult {
  constructor(readonly content: unknown[]) {}
}

export class RelativePattern {
  constructor(
    readonly base: vscode.Uri,
    readonly pattern: string,
  ) {}
}
