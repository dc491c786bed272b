import { ApiError, asSentence, isAbort, toApiError } from './errors';

/**
 * The same failure with what came to nothing before its sentence, which alone says neither what failed nor of what:
 * `sd-box (A10G) was not ended: Not now.` Walking away stays what it is.
 */
export function failing(what: string, error: unknown): unknown {
  if (isAbort(error)) return error;
  const { kind, sentence, message, cause, retryAfter, code } = toApiError(error);
  const told = `${what}: ${asSentence(message)}`;
  return new ApiError(kind, told, { cause, retryAfter, code, sentence });
}

/** Of several things that were to be ended, in one text. @param failures what each is called, and why it goes on. */
export function notEnded(failures: readonly (readonly [name: string, error: unknown])[]): unknown {
  const [first, ...more] = failures.filter(([, error]) => !isAbort(error));
  if (!first) return failures[0]?.[1];
  const [name, error] = first;
  // After a lost answer, it may have ended all the same.
  const isOpen = [first, ...more].some(([, why]) => toApiError(why).outcomeUnknown);
  if (more.length === 0) return failing(`${name} ${isOpen ? 'may not have ended' : 'was not ended'}`, error);
  const lines = more.map(([other, why]) => ` ${other}: ${asSentence(toApiError(why).message)}`);
  const { kind, sentence, message } = toApiError(error);
  const text = `${more.length + 1} sessions ${isOpen ? 'may not have ended' : 'were not ended'}. ${name}: ${asSentence(message)}${lines.join('')}`;
  return new ApiError(kind, text, { sentence });
}
