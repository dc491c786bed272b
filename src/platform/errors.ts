import * as l10n from '@vscode/l10n';

export type ApiErrorKind =
  | 'unauthorized' // the key is missing, wrong, expired or revoked
  | 'forbidden' //    the account may not do this: plan, credit or suspension
  | 'refused' //      the server understood and said no
  | 'missing' // no such machine or session, or it has already ended
  | 'busy' //         the server is overloaded or broken: try again later
  | 'offline' // no answer, or an incomplete one
  | 'malformed' //    an answer we cannot read
  | 'misconfigured' // the API address in the settings cannot be used
  | 'keyStore'; //    VS Code's key store cannot be read or written

/** Every failure of a call to ComfyDeploy. The message is for the user and contains no key, URL or query. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** How long the server asked us to wait, ms. */
  readonly retryAfter: number | undefined;
  /** The network's code for its failure: `ECONNREFUSED`, `SELF_SIGNED_CERT_IN_CHAIN`. */
  readonly code: string | undefined;
  /** The answer is longer than is read. */
  readonly isTooLarge: boolean;
  /** The server's own message, if it sent one. */
  readonly said: string | undefined;

  constructor(
    readonly kind: ApiErrorKind,
    message: string,
    options?: ErrorOptions & {
      readonly retryAfter?: number | undefined;
      readonly code?: string | undefined;
      readonly isTooLarge?: boolean;
      readonly said?: string | undefined;
    },
  ) {
    super(message, options);
    this.retryAfter = options?.retryAfter;
    this.code = options?.code;
    this.isTooLarge = options?.isTooLarge ?? false;
    this.said = options?.said;
  }

  /** Whether a write that failed like this may have been carried out anyway. */
  get outcomeUnknown(): boolean {
    return this.kind === 'offline' || this.kind === 'busy' || this.kind === 'malformed';
  }
}

/** A request that was not sent, since it was no longer right when it was about to leave: nothing has happened. */
export class NotSent extends ApiError {
  constructor(message: string) {
    super('refused', message);
  }
}

/** The caller gave up, so nobody needs to be notified. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** Adds the full stop that the server's messages lack. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Turns anything thrown into an `ApiError`, so that the state contains only those. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('malformed', l10n.t('Something unexpected went wrong.'), { cause: error });
}
