import * as l10n from '@vscode/l10n';
import { ApiError, asSentence, isAbort, toApiError } from './errors';

/**
 * The same failure, with what failed in front of its message, which alone does not say what was affected: `sd-box
 * (A10G) was not ended: Not now.` An abort stays an abort.
 */
export function failing(what: string, error: unknown): unknown {
  if (isAbort(error)) return error;
  const { kind, said, message, cause, retryAfter, code } = toApiError(error);
  const text = l10n.t('{0}: {1}', what, asSentence(message));
  return new ApiError(kind, text, { cause, retryAfter, code, said });
}

/** One failure for several things that could not be ended. @param failures the name of each, and why it goes on. */
export function notEnded(failures: readonly (readonly [name: string, error: unknown])[]): unknown {
  const [first, ...more] = failures.filter(([, error]) => !isAbort(error));
  if (!first) return failures[0]?.[1];
  const [name, error] = first;
  // After a lost answer, it may have ended anyway.
  const isOpen = [first, ...more].some(([, why]) => toApiError(why).outcomeUnknown);
  if (more.length === 0)
    return failing(isOpen ? l10n.t('{0} may not have ended', name) : l10n.t('{0} was not ended', name), error);
  const count = more.length + 1;
  const head = isOpen
    ? l10n.t('{0} sessions may not have ended.', count)
    : l10n.t('{0} sessions were not ended.', count);
  const lines = [first, ...more].map(([of, why]) => `${of}: ${asSentence(toApiError(why).message)}`);
  const { kind, said } = toApiError(error);
  return new ApiError(kind, [head, ...lines].join(' '), { said });
}
