import * as l10n from '@vscode/l10n';
import { isAbort, toApiError, type ApiError } from '../platform/errors';
import { sleep, type Clock } from '../platform/clock';
import type { ComfyUi } from '../comfyui/client';
import { DiskError } from '../platform/folder';
import type { OutputFile, Run } from '../comfyui/outputs';

/** Delays before each try, ms: a ComfyUI that is loading a model may not answer for several seconds. */
const RESTS = [0, 1_000, 3_000];

/**
 * Whether ComfyUI answers a small request at all. This distinguishes a file that it cannot deliver from a ComfyUI that
 * is gone, so that one failing file does not stop the others.
 * @throws {AbortError} when the signal fires.
 */
export async function isAlive(
  comfyUi: Pick<ComfyUi, 'queue'>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<boolean> {
  for (const rest of RESTS) {
    if (rest > 0) await sleep(clock, rest, signal);
    try {
      await comfyUi.queue(signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (isAbort(error)) throw error;
    }
  }
  return false;
}

/** Whether such a failure may concern the whole ComfyUI, not just the requested file. */
export function mayConcernAll(failure: ApiError): boolean {
  return failure.kind === 'offline' || failure.kind === 'busy' || failure.kind === 'missing';
}

/** Why this file can never be downloaded: because of its name. Undefined for all others. */
export function whyNever({ filename }: Pick<OutputFile, 'filename'>): string | undefined {
  // The name becomes part of a header of the answer. A line break there closes the connection.
  if (/[\r\n]/.test(filename)) return l10n.t("ComfyUI can't deliver files with a line break in their name.");
  // ComfyUI sends these, but HTTP forbids them there, and Node refuses the answer. A tab is allowed.
  if (/[^\P{Cc}\t\u0080-\u009f]/u.test(filename))
    return l10n.t("VS Code can't download files with a control character in their name. A browser may.");
  return filename.includes('..')
    ? l10n.t("ComfyUI can't deliver files with two dots in a row in their name.")
    : undefined;
}

/** Whether another try would not help. */
export function isGoneForGood(file: OutputFile, failure: ApiError | DiskError): boolean {
  return whyNever(file) !== undefined || (!(failure instanceof DiskError) && failure.kind === 'missing');
}

/** Why one file could not be saved while others can. For the user. */
export function whyNot(file: OutputFile | undefined, error: unknown): string {
  if (error instanceof DiskError) return error.message;
  const { kind, message } = toApiError(error);
  if (file === undefined) return message;
  if (kind === 'missing') return l10n.t('It no longer exists in the session.');
  const never = whyNever(file);
  if (never !== undefined && kind !== 'malformed') return never;
  return kind === 'offline' ? l10n.t('The connection was lost.') : message;
}

/** Why nothing more is tried. For the user. */
export function whyGone(error: ApiError): string {
  return error.kind === 'offline' ? error.message : l10n.t("The session's ComfyUI stopped responding.");
}

/** What is missing if the history could not be read to its end, in a list of file names. */
export function restOfHistory(): string {
  return l10n.t('The rest of the history');
}

export function whyEndless(): string {
  return l10n.t('ComfyUI listed more runs than it keeps, or took too long.');
}

/** A run that could not be read completely, in the list of files that are not saved. */
export function cutRun({ promptId }: Run): { readonly filename: string; readonly why: string } {
  return {
    filename: l10n.t('Run {0}', promptId),
    why: l10n.t('ComfyUI reported more about it than can be read.'),
  };
}
