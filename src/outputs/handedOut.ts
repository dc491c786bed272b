import { isAbort, toApiError, type ApiError } from '../platform/errors';
import { sleep, type Clock } from '../platform/clock';
import type { ComfyUi } from '../comfyui/client';
import { DiskError } from '../platform/folder';
import type { OutputFile } from '../comfyui/outputs';

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
    return 'ComfyUI hands out no file with a line break or another control character in its name.';
  return filename.includes('..') ? 'ComfyUI hands out no file with two dots in a row in its name.' : undefined;
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
  if (kind === 'missing') return 'The session no longer has it.';
  const never = whyNever(file);
  if (never !== undefined && kind !== 'malformed') return never;
  return kind === 'offline' ? 'The connection was closed again and again while it was fetched.' : message;
}

/** Why nothing more is tried. For the user. */
export function whyGone(error: ApiError): string {
  return error.kind === 'offline' ? error.message : "The session's ComfyUI does not answer any more.";
}
