import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { sleep, type Clock } from '../../platform/clock';
import { toApiError } from '../../platform/errors';
import { Slices } from '../../platform/slices';
import { NOTHING, type Box, type Shown } from '../picture';
import { pictureDocument } from '../pictureDocument';

/** What a picture is drawn of. */
export interface Source {
  readonly title: string;
  /** The texts that change it. */
  readonly texts: readonly vscode.Uri[];
  /** First what can be drawn at once, then what takes longer. @throws {ApiError} */
  readonly read: (slices: Slices, signal: AbortSignal) => AsyncGenerator<Shown, void>;
  /** Shows where a box is in the text. */
  readonly open: (box: Box) => Promise<void>;
}

export interface PageContext {
  readonly clock: Clock;
  readonly report: (error: unknown) => void;
}

/** `loaded`, or the key of a box. */
const FromPage = z.lazy(() => z.string());
/** After the last key, ms. */
const REST_MS = 500;

/** A tab with a picture, drawn again when what it shows has changed. */
export class PicturePage {
  #shown: Shown = { picture: NOTHING, labels: [], about: '' };
  #drawing = new AbortController();

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly source: Source,
    private readonly context: PageContext,
  ) {
    const { webview } = panel;
    webview.options = { enableScripts: true, localResourceRoots: [] };
    webview.onDidReceiveMessage((message: unknown) => this.#hear(message));
    const { title } = source;
    const changed = (uris: readonly vscode.Uri[]) => uris.some((uri) => source.texts.some((own) => isSame(own, uri)));
    const followed = [
      vscode.workspace.onDidChangeTextDocument(({ document: { uri } }) => changed([uri]) && this.#draw(REST_MS)),
      vscode.languages.onDidChangeDiagnostics(({ uris }) => changed(uris) && this.#draw(REST_MS)),
    ];
    panel.onDidDispose(() => {
      this.#drawing.abort();
      for (const one of followed) one.dispose();
    });
    webview.html = pictureDocument({ title, language: vscode.env.language, nonce: crypto.randomUUID() });
  }

  #hear(message: unknown): void {
    const { data = '' } = FromPage.safeParse(message);
    if (data === 'loaded') this.#draw(0);
    const box = this.#shown.picture.boxes.find(({ key }) => key === data);
    if (box) this.source.open(box).catch(this.context.report);
  }

  /** A hidden page asks once it is back. A newer drawing replaces an older one. */
  #draw(rest: number): void {
    this.#drawing.abort();
    if (!this.panel.visible) return;
    const { signal } = (this.#drawing = new AbortController());
    const work = async () => {
      if (rest > 0) await sleep(this.context.clock, rest, signal);
      for await (const shown of this.source.read(new Slices(this.context.clock, signal), signal)) {
        if (signal.aborted) return;
        this.#shown = shown;
        void this.panel.webview.postMessage(shown);
      }
    };
    work().catch((error: unknown) => {
      if (signal.aborted) return;
      void this.panel.webview.postMessage({ ...this.#shown, about: toApiError(error).message } satisfies Shown);
    });
  }
}

export function isSame(one: vscode.Uri, other: vscode.Uri): boolean {
  return one.toString() === other.toString();
}
