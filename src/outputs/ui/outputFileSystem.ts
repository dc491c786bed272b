import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import { toApiError } from '../../platform/errors';
import type { OutputBytes } from '../outputBytes';
import { keyOf, type OutputFile } from '../../comfyui/outputs';
import { namedOutput, outputAddress, type NamedOutput } from '../outputAddress';
import type { RecentOutputs } from '../recentOutputs';
import type { SessionId } from '../../comfydeploy/model';
import type { Clock } from '../../platform/clock';
import { OUTPUT_SCHEME } from './lateOutputs';

/** The address of a file for VS Code, useless elsewhere. @param place only shown. */
export function outputUri(sessionId: SessionId, file: OutputFile, place = l10n.t('Session')): vscode.Uri {
  return vscode.Uri.from({ scheme: OUTPUT_SCHEME, ...outputAddress({ sessionId, file }, place) });
}

/** Outputs of live sessions, and which of them changed. */
export type LiveOutputs = Pick<RecentOutputs, 'onDidRewrite' | 'placeOf'> & {
  readonly bytes: Pick<OutputBytes, 'read' | 'sizeOf'>;
};

/** Outputs of live sessions as readable files, for VS Code's own previews. */
export class OutputFileSystem implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #owned: readonly { dispose(): unknown }[];
  /** When a file was first requested or last changed, local time: VS Code caches its content while this stays. */
  readonly #times = new Map<string, { readonly uri: vscode.Uri; readonly at: number }>();

  constructor(
    private readonly outputs: LiveOutputs,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.#owned = [outputs.onDidRewrite((file) => this.#rewritten(file)), this.#changed];
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const size = await this.#of(uri, ({ sessionId, file }) => this.outputs.bytes.sizeOf(sessionId, file));
    const key = uri.toString();
    const { at: time } = this.#times.get(key) ?? { at: this.clock.now() };
    this.#times.set(key, { uri, at: time });
    const permissions = vscode.FilePermission.Readonly;
    return { type: vscode.FileType.File, ctime: time, mtime: time, size, permissions };
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#of(uri, ({ sessionId, file }) => this.outputs.bytes.read(sessionId, file));
  }

  /** Changes are always reported. */
  watch(): vscode.Disposable {
    return new vscode.Disposable(() => undefined);
  }

  readDirectory(): never {
    throw vscode.FileSystemError.NoPermissions(l10n.t('Outputs are listed in the ComfyDeploy view.'));
  }

  createDirectory(): never {
    throw readOnly();
  }

  writeFile(): never {
    throw readOnly();
  }

  delete(): never {
    throw readOnly();
  }

  rename(): never {
    throw readOnly();
  }

  dispose(): void {
    for (const one of this.#owned) one.dispose();
  }

  /** Under every address in use: its machine may have been renamed. */
  #rewritten({ sessionId, file }: NamedOutput): void {
    const isIt = (one: NamedOutput | undefined) => one?.sessionId === sessionId && keyOf(one.file) === keyOf(file);
    const uris = [...this.#times.values()].map(({ uri }) => uri).filter((uri) => isIt(namedOutput(uri)));
    for (const uri of uris) this.#times.delete(uri.toString());
    if (uris.length > 0) this.#changed.fire(uris.map((uri) => ({ type: vscode.FileChangeType.Changed, uri })));
  }

  async #of<T>(uri: vscode.Uri, work: (one: NamedOutput) => Promise<T>): Promise<T> {
    const one = namedOutput(uri);
    if (!one) throw vscode.FileSystemError.FileNotFound(l10n.t("This isn't the output of a session."));
    try {
      return await work(one);
    } catch (error) {
      throw asFileError(error);
    }
  }
}

function readOnly(): vscode.FileSystemError {
  return vscode.FileSystemError.NoPermissions(
    l10n.t("Outputs of a session can't be changed here. Save a copy to change it."),
  );
}

function asFileError(error: unknown): vscode.FileSystemError {
  const { kind, message } = toApiError(error);
  if (kind === 'missing') return vscode.FileSystemError.FileNotFound(message);
  return kind === 'refused'
    ? vscode.FileSystemError.NoPermissions(message)
    : vscode.FileSystemError.Unavailable(message);
}
