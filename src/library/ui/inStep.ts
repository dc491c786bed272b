import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import type { Version, WorkflowId } from '../../comfydeploy/library';
import type { LibraryClient } from '../../comfydeploy/libraryClient';
import type { Clock } from '../../platform/clock';
import { toApiError } from '../../platform/errors';
import type { Memory } from '../../platform/memory';
import { Slices } from '../../platform/slices';
import { codeLens } from '../../platform/ui/shownInFiles';
import { MINUTE } from '../../platform/units';
import { workflowInText, type WorkflowFile } from '../../workflows/ui/workflowFile';
import type { WorkflowFiles } from '../../workflows/ui/workflowFiles';
import { digestOfWork, Origins, type Origin } from '../origin';
import { stepText } from '../versionText';
import { newestOf } from './sides';

export interface InStepContext {
  readonly clock: Clock;
  readonly library: Pick<LibraryClient, 'versions'>;
  readonly memory: Memory;
  readonly files: Pick<WorkflowFiles, 'known' | 'onDidChange'>;
}

type Numbered = Pick<Version, 'id' | 'number'>;

export interface Stand {
  readonly origin: Origin | undefined;
  readonly digest: string;
}

/** How long an answer counts. */
const FRESH = 5 * MINUTE;
/** How long a failed question is not repeated. */
const REST = MINUTE;
/** Characters. Longer files have no lenses. */
const LONGEST = 1_000_000;

/** Shows how each file stands to the versions of its workflow. The server is asked only about files that are shown. */
export class InStep implements vscode.Disposable, vscode.CodeLensProvider {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #origins: Origins;
  readonly #newest = new Map<WorkflowId, { readonly at: number; readonly version: Numbered | 'gone' | undefined }>();
  readonly #owned: { dispose(): unknown }[];
  #isRegistered = false;

  constructor(private readonly context: InStepContext) {
    this.#origins = new Origins(context.memory);
    const { onDidRenameFiles, onDidDeleteFiles } = vscode.workspace;
    const move = (files: readonly { readonly from: vscode.Uri; readonly to?: vscode.Uri }[]) =>
      void this.#origins.move(files.map(({ from, to }) => ({ from: from.toString(), to: to?.toString() })));
    this.#owned = [
      this.#changed,
      context.files.onDidChange(() => this.#look()),
      onDidRenameFiles(({ files }) => move(files.map(({ oldUri, newUri }) => ({ from: oldUri, to: newUri })))),
      onDidDeleteFiles(({ files }) => move(files.map((from) => ({ from })))),
    ];
  }

  /** The version that a file came from, and the digest of what is in it now. @throws an `AbortError`. */
  async standOf({ uri, workflow }: Pick<WorkflowFile, 'uri' | 'workflow'>): Promise<Stand> {
    const digest = await digestOfWork(workflow, new Slices(this.context.clock));
    const origin = this.#origins.of(uri.toString(), workflow, digest);
    await this.#origins.recall(uri.toString(), origin);
    return { digest, origin };
  }

  /** A file is a version now. */
  async note(uri: vscode.Uri, origin: Origin): Promise<void> {
    this.learn(origin.workflow, { id: origin.id, number: origin.version });
    await this.#origins.note(uri.toString(), origin);
    this.#changed.fire();
  }

  /** The newest version of a workflow is known. */
  learn(workflow: WorkflowId, version: Numbered | 'gone' | undefined): void {
    this.#newest.set(workflow, { at: this.context.clock.monotonic(), version });
    this.#changed.fire();
  }

  /** What others may have saved is asked again: the user wants to see what is new, or an answer was a surprise. */
  forget(): void {
    this.#newest.clear();
    this.#changed.fire();
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    const { uri } = document;
    const text = document.getText();
    const isKnown = this.context.files.known.some((known) => known.toString() === uri.toString());
    if (!isKnown || text.length > LONGEST) return [];
    const { clock } = this.context;
    const workflow = await workflowInText(text, clock);
    const { origin, digest } = workflow ? await this.standOf({ uri, workflow }) : {};
    if (!origin) return [];
    const step = stepText({ origin, newest: this.#newestOf(origin.workflow), isChanged: digest !== origin.digest });
    const top = new vscode.Range(0, 0, 0, 0);
    return [
      codeLens(top, step, 'comfydeploy.compareWorkflow', uri),
      codeLens(top, l10n.t('Pull'), 'comfydeploy.pullVersion', uri),
      // Without a drawing, no version is taken.
      ...(workflow?.graph ? [codeLens(top, l10n.t('Push'), 'comfydeploy.saveVersion', uri)] : []),
      codeLens(top, l10n.t('Compare'), 'comfydeploy.compareWorkflow', uri),
    ];
  }

  dispose(): void {
    for (const one of this.#owned) one.dispose();
  }

  #look(): void {
    if (this.#isRegistered || this.context.files.known.length === 0) return;
    this.#isRegistered = true;
    this.#owned.push(vscode.languages.registerCodeLensProvider({ pattern: '**/*.json' }, this));
  }

  /** What is known, while the server is asked if it was long ago. */
  #newestOf(workflow: WorkflowId): Numbered | 'gone' | undefined {
    const { clock, library } = this.context;
    const known = this.#newest.get(workflow);
    if (known && clock.monotonic() - known.at < FRESH) return known.version;
    this.#newest.set(workflow, { at: clock.monotonic(), version: known?.version });
    void newestOf(library, workflow).then(
      (newest) => this.learn(workflow, newest),
      (error: unknown) => {
        if (toApiError(error).kind === 'missing') return this.learn(workflow, 'gone');
        // Whether it is in step is not known any more; nobody asked for more.
        this.#newest.set(workflow, { at: clock.monotonic() - FRESH + REST, version: undefined });
        this.#changed.fire();
      },
    );
    return known?.version;
  }
}
