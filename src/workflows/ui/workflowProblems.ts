import * as vscode from 'vscode';
import type { Place } from '../places';
import type { NodeProblem } from '../../comfyui/refusal';
import { problemIn } from '../../platform/ui/shown';
import { openDocument, type WorkflowFile } from './workflowFile';

interface Shown {
  readonly uri: vscode.Uri;
  readonly problems: readonly NodeProblem[];
  /** The values that are wrong, by problem. */
  readonly values: readonly (string | undefined)[];
}

/**
 * What ComfyUI has against nodes, at their places in the file. A problem is not seen while its value is another one or its
 * node is not there; all go when the file is queued again or closed.
 */
export class WorkflowProblems implements vscode.Disposable {
  readonly #collection = vscode.languages.createDiagnosticCollection('ComfyUI');
  readonly #files = new Map<string, Shown>();
  readonly #subscriptions = [
    vscode.workspace.onDidChangeTextDocument(({ document }) => void this.#follow(document)),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => this.clear(uri)),
  ];

  /** @returns whether any of them has a place in the file. */
  async set(file: Pick<WorkflowFile, 'uri' | 'text'>, problems: readonly NodeProblem[]): Promise<boolean> {
    const { uri } = file;
    const asked = await findPlaces(file.text, problems);
    const values = asked.map((place, index) => (problems[index]?.input === undefined ? undefined : place?.text));
    const shown = { uri, problems, values };
    this.#files.set(uri.toString(), shown);
    await this.#draw(shown, openDocument(uri)?.getText() ?? file.text);
    return asked.some((place) => place !== undefined);
  }

  clear(uri: vscode.Uri): void {
    this.#files.delete(uri.toString());
    this.#collection.delete(uri);
  }

  /** Opens the file at the first of its problems. */
  async show(uri: vscode.Uri): Promise<void> {
    const [first] = this.#collection.get(uri) ?? [];
    await vscode.window.showTextDocument(uri, first ? { selection: first.range } : {});
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
    const diagnostics = problems.flatMap((problem, index) => {
      const [place, value] = [places[index], values[index]];
      return place && (value === undefined || value === place.text) ? [diagnosticOf(problem, place)] : [];
    });
    this.#collection.set(uri, diagnostics);
  }
}

/** A bundle of its own, read when first needed. */
async function findPlaces(text: string, problems: readonly NodeProblem[]): Promise<readonly (Place | undefined)[]> {
  const { placesOf } = await import('../places');
  return placesOf(text, problems);
}

function diagnosticOf({ message }: NodeProblem, { start, end }: Place): vscode.Diagnostic {
  const range = new vscode.Range(start.line, start.character, end.line, end.character);
  return problemIn(range, message);
}
