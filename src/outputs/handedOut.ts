import * as l10n from '@vscode/l10n';
import { isAbort, toApiError, type ApiError } from '../platform/errors';
import { sleep, type Clock } from '../platform/clock';
import type { ComfyUi } from '../comfyui/client';
import { DiskError } from '../platform/folder';
import type { OutputFile, Run } from '../comfyui/outputs';

/** Rests before it is asked, ms: while it loads a model it may answer nothing for seconds, and is well. */
const RESTS = [0, 1_000, 3_000];

/**
 * Whether ComfyUI answers at all, asked for something small. Tells a file that it cannot hand out from a ComfyUI that is
 * gone: nobody gives up all files for the silence about one.
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

/** Whether such a failure may be that of the whole ComfyUI, and not of the one thing that was asked for. */
export function mayConcernAll(failure: ApiError): boolean {
  return failure.kind === 'offline' || failure.kind === 'busy' || failure.kind === 'missing';
}

/** Why ComfyUI never hands a file out, whatever is asked: its name says so. Undefined for all others. */
export function whyNever({ filename }: Pick<OutputFile, 'filename'>): string | undefined {
  // The name stands in a header of the answer, where it ends the connection instead.
  if (/\p{Cc}/u.test(filename))
    return l10n.t("ComfyUI can't deliver files with a line break or another control character in their name.");
  return filename.includes('..')
    ? l10n.t("ComfyUI can't deliver files with two dots in a row in their name.")
    : undefined;
}

/** Whether trying again would bring nothing else. */
export function isGoneForGood(file: OutputFile, failure: ApiError | DiskError): boolean {
  return whyNever(file) !== undefined || (!(failure instanceof DiskError) && failure.kind === 'missing');
}

/** Why one file could not be had while others can. For the user. */
export function whyNot(file: OutputFile | undefined, error: unknown): string {
  if (error instanceof DiskError) return error.message;
  const { kind, message } = toApiError(error);
  if (file === undefined) return message;
  if (kind === 'missing') return l10n.t('It no longer exists in the session.');
  const never = whyNever(file);
  if (never !== undefined && kind !== 'malformed') return never;
  return kind === 'offline' ? l10n.t('The connection kept closing while it was downloaded.') : message;
}

/** Why nothing more is tried. For the user. */
export function whyGone(error: ApiError): string {
  return error.kind === 'offline' ? error.message : l10n.t("The session's ComfyUI stopped responding.");
}

/** What is missing where the history could not be read to its end, as a name among those of files. */
export function restOfHistory(): string {
  return l10n.t('The rest of the history');
}

export function whyEndless(isTooLong: boolean): string {
  return isTooLong ? l10n.t('ComfyUI listed more runs than it keeps.') : l10n.t('ComfyUI took too long to list it.');
}

/** A run of which not all could be read, among the files that are not saved. */
export function cutRun({ promptId }: Run): { readonly filename: string; readonly why: string } {
  return {
    filename: l10n.t('Run {0}', promptId),
    why: l10n.t('ComfyUI reported more about it than can be read.'),
  };
}
