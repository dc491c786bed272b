import * as l10n from '@vscode/l10n';
import * as vscode from 'vscode';
import * as z from 'zod/mini';
import { toApiError } from '../../platform/errors';
import { fromBase64, toBase64 } from '../../platform/base64';
import { safeName } from '../../comfyui/fileNames';
import type { OutputBytes } from '../outputBytes';
import type { OutputFile } from '../../comfyui/outputs';
import type { RecentOutputs } from '../recentOutputs';
import { SessionId } from '../../comfydeploy/model';
import type { Clock } from '../../platform/clock';
import { OUTPUT_SCHEME } from './lateOutputs';

const Key = z.lazy(() => z.tuple([z.string(), z.string(), z.string()]));

/** Names a file for VS Code: neither this nor anything in it is an address that others could use. */
export function outputUri(sessionId: SessionId, { filename, subfolder, type }: OutputFile): vscode.Uri {
  const key = toBase64(new TextEncoder().encode(JSON.stringify([type, subfolder, filename])));
  const safe = key.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const parts = [encodeURIComponent(sessionId), safe, safeName(filename)];
  return vscode.Uri.from({ scheme: OUTPUT_SCHEME, path: `/${parts.join('/')}` });
}

/** Outputs of live sessions, and news of those that changed. */
export type LiveOutputs = Pick<RecentOutputs, 'onDidRewrite'> & {
  readonly bytes: Pick<OutputBytes, 'read' | 'sizeOf'>;
};

interface Named {
  readonly sessionId: SessionId;
  readonly file: OutputFile;
}

function named(uri: vscode.Uri): Named | undefined {
  const [, session = '', key = '', name] = uri.path.split('/');
  if (name === undefined) return undefined;
  try {
    const bytes = fromBase64(key.replace(/-/g, '+').replace(/_/g, '/'));
    const [type, subfolder, filename] = Key.parse(JSON.parse(new TextDecoder().decode(bytes)));
    return { sessionId: SessionId.parse(decodeURIComponent(session)), file: { type, subfolder, filename } };
  } catch {
    return undefined; // not made here
  }
}

/** Outputs of live sessions as files that can be read, for VS Code's own previews. */
export class OutputFileSystem implements vscode.FileSystemProvider, vscode.Disposable {
  readonly #changed = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  readonly onDidChangeFile = this.#changed.event;
  readonly #owned: readonly { dispose(): unknown }[];
  /** When a file was first asked about, or last changed, local time: VS Code keeps what it has read while this stays. */
  readonly #times = new Map<string, number>();

  constructor(
    private readonly outputs: LiveOutputs,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.#owned = [
      outputs.onDidRewrite(({ sessionId, file }) => this.#rewritten(outputUri(sessionId, file))),
      this.#changed,
    ];
  }

  async stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    const size = await this.#of(uri, ({ sessionId, file }) => this.outputs.bytes.sizeOf(sessionId, file));
    const key = uri.toString();
    const time = this.#times.get(key) ?? this.clock.now();
    this.#times.set(key, time);
    const permissions = vscode.FilePermission.Readonly;
    return { type: vscode.FileType.File, ctime: time, mtime: time, size, permissions };
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.#of(uri, ({ sessionId, file }) => this.outputs.bytes.read(sessionId, file));
  }

  /** What changes is told unasked. */
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

  #rewritten(uri: vscode.Uri): void {
    this.#times.delete(uri.toString());
    this.#changed.fire([{ type: vscode.FileChangeType.Changed, uri }]);
  }

  async #of<T>(uri: vscode.Uri, work: (one: Named) => Promise<T>): Promise<T> {
    const one = named(uri);
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
