import * as l10n from '@vscode/l10n';
import { TooLong } from './body';
import { ApiError, isAbort } from './errors';
import { TooMuch } from './jsonLimits';
import { networkCodeOf } from './networkCode';

// What to report if there was no answer, or none that can be read.

export function notUnderstood(name: string): string {
  return l10n.t('{0} answered in a way this version does not understand.', name);
}

/** As sent by networks or proxies that require a sign-in. */
export function webPage(name: string): string {
  return l10n.t(
    '{0} answered with a web page. A network or proxy may require a sign-in, or the address in the settings is wrong.',
    name,
  );
}

export class TimedOut extends Error {
  constructor(readonly ms: number) {
    super('timed out');
  }
}

/** Translates what `fetch` throws. Its own message may contain the address. */
export function asOffline(error: unknown, name: string, caller: AbortSignal | undefined): Error {
  if (error instanceof ApiError) return error;
  if (caller?.aborted && caller.reason instanceof Error) return caller.reason;
  if (error instanceof TimedOut)
    return new ApiError('offline', l10n.t('{0} did not answer within {1} seconds.', name, error.ms / 1000), {
      cause: error,
    });
  if (error instanceof TooLong || error instanceof TooMuch)
    return new ApiError('malformed', l10n.t('{0} sent an answer that is too large to read.', name), {
      cause: error,
      isTooLarge: true,
    });
  if (isAbort(error) && error instanceof Error) return error;
  return new ApiError('offline', l10n.t('{0} could not be reached.', name), {
    cause: error,
    code: networkCodeOf(error),
  });
}

/** A timeout is not repeated: the user has waited long enough, and the poller tries again. */
export function isWorthRepeating(error: ApiError): boolean {
  return (error.kind === 'offline' && !(error.cause instanceof TimedOut)) || error.kind === 'busy';
}
