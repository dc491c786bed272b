import * as l10n from '@vscode/l10n';
import { ApiError, asSentence, isAbort, toApiError } from './errors';

/**
 * The same failure with what came to nothing before its sentence, which alone says neither what failed nor of what:
 * `sd-box (A10G) was not ended: Not now.` Walking away stays what it is.
 */
export function failing(what: string, error: unknown): unknown {
  if (isAbort(error)) return error;
  const { kind, said, message, cause, retryAfter, code } = toApiError(error);
  const text = l10n.t('{0}: {1}', what, asSentence(message));
  return new ApiError(kind, text, { cause, retryAfter, code, said });
}

/** Of several things that were to be ended, in one text. @param failures what each is called, and why it goes on. */
export function notEnded(failures: readonly (readonly [name: string, error: unknown])[]): unknown {
  const [first, ...more] = failures.filter(([, error]) => !isAbort(error));
  if (!first) return failures[0]?.[1];
  const [name, error] = first;
  // After a lost answer, it may have ended all the same.
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
