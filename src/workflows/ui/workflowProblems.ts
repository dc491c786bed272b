import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { parseJson } from '../../platform/plainJson';
import { problemIn, quickFix, type ProblemSeverity } from '../../platform/ui/shownInFiles';
import type { Fix } from '../findings';
import type { Place, Placed } from '../places';
import { openDocument, type WorkflowFile } from './workflowFile';

/** A problem of a node or its input. */
export interface ShownProblem extends Placed {
  readonly message: string;
  readonly severity?: ProblemSeverity;
  /** Only if the value itself is at its place. */
  readonly mend?: { readonly fix: Fix; readonly value: string };
}

interface Shown {
  readonly uri: vscode.Uri;
  readonly problems: readonly ShownProblem[];
  /** The wrong values, by problem. */
  readonly values: readonly (string | undefined)[];
  drawn: readonly Drawn[];
}

interface Drawn {
  readonly range: vscode.Range;
  readonly problem: ShownProblem;
  readonly text: string;
}

const QUICK = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };
/** Every node accepts seeds below this. */
const SEEDS = 2 ** 32;

/**
 * Shows problems of nodes at their places in the file. A problem is hidden while its value has changed or its node is
 * missing; all are removed when the file is closed.
 */
export class WorkflowProblems implements vscode.Disposable, vscode.CodeActionProvider {
  readonly #collection: vscode.DiagnosticCollection;
  readonly #files = new Map<string, Shown>();
  readonly #subscriptions = [
    vscode.workspace.onDidChangeTextDocument(({ document }) => void this.#follow(document)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => this.clear(uri)),
  ];

  /** @param random for fixing seeds; without it there are no fixes. */
  constructor(
    name: string,
    private readonly random?: () => number,
  ) {
    this.#collection = vscode.languages.createDiagnosticCollection(name);
    if (random) this.#subscriptions.push(vscode.languages.registerCodeActionsProvider(EVERYWHERE, this, QUICK));
  }

  /** @returns whether any of them has a place in the file. */
  async set(file: Pick<WorkflowFile, 'uri' | 'text'>, problems: readonly ShownProblem[]): Promise<boolean> {
    const { uri } = file;
    const asked = await findPlaces(file.text, problems);
    const values = asked.map((place, index) => (problems[index]?.input === undefined ? undefined : place?.text));
    const shown = { uri, problems, values, drawn: [] };
    this.#files.set(uri.toString(), shown);
    await this.#draw(shown, openDocument(uri)?.getText() ?? file.text);
    return asked.some((place) => place !== undefined);
  }

  /** Undefined if none were set. */
  of(uri: vscode.Uri): readonly ShownProblem[] | undefined {
    return this.#files.get(uri.toString())?.drawn.map(({ problem }) => problem);
  }

  clear(uri: vscode.Uri): void {
    this.#files.delete(uri.toString());
    this.#collection.delete(uri);
  }

  /** Opens the file at its first problem. */
  async show(uri: vscode.Uri): Promise<void> {
    const [first] = this.#collection.get(uri) ?? [];
    await vscode.window.showTextDocument(uri, first ? { selection: first.range } : {});
  }

  provideCodeActions({ uri }: vscode.TextDocument, { start, end }: vscode.Range): vscode.CodeAction[] {
    const drawn = this.#files.get(uri.toString())?.drawn ?? [];
    const near = drawn.filter(({ range }) => range.start.line <= end.line && range.end.line >= start.line);
    return near.flatMap(({ range, problem: { mend }, text }) => {
      if (!mend || !stands(mend.value, text)) return [];
      if (mend.fix.kind === 'seed') {
        const seed = Math.floor((this.random?.() ?? 0) * SEEDS);
        return [quickFix(l10n.t('Use a random seed'), uri, range, String(seed))];
      }
      const { json } = mend.fix;
      return [quickFix(l10n.t('Use {0}', String(parseJson(json))), uri, range, json)];
    });
  }

  dispose(): void {
    for (const one of [this.#collection, ...this.#subscriptions]) one.dispose();
  }

  async #follow(document: vscode.TextDocument): Promise<void> {
    const shown = this.#files.get(document.uri.toString());
    if (shown) await this.#draw(shown, document.getText());
  }

  async #draw(shown: Shown, text: string): Promise<void> {
    const { uri, problems, values } = shown;
    const places = await findPlaces(text, problems);
    if (this.#files.get(uri.toString()) !== shown) return;
    shown.drawn = problems.flatMap((problem, index) => {
      const [place, value] = [places[index], values[index]];
      if (!place || (value !== undefined && value !== place.text)) return [];
      return [{ range: rangeOf(place), problem, text: place.text }];
    });
    const { drawn } = shown;
    this.#collection.set(
      uri,
      drawn.map(({ range, problem: { message, severity } }) => problemIn(range, message, severity)),
    );
  }
}

const EVERYWHERE: vscode.DocumentFilter = { pattern: '**/*.json' };

/** A bundle of its own, loaded when first needed. */
export async function findPlaces(text: string, problems: readonly Placed[]): Promise<readonly (Place | undefined)[]> {
  if (problems.length === 0) return [];
  const { placesOf } = await import('../places');
  return placesOf(text, problems);
}

export function rangeOf({ start, end }: Place): vscode.Range {
  return new vscode.Range(start.line, start.character, end.line, end.character);
}

/** Whether it is the value, in any spelling. */
function stands(value: string, text: string): boolean {
  return text === value || parseJson(text) === value;
}
