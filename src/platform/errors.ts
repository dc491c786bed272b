import * as l10n from '@vscode/l10n';

export type ApiErrorKind =
  | 'unauthorized' // the key is missing, wrong, expired or revoked
  | 'forbidden' //    the account may not do this: plan, credit or suspension
  | 'refused' //      the server understood and said no
  | 'missing' //      no such machine or session, or it has already ended
  | 'busy' //         the server is overloaded or broken: try again later
  | 'offline' //      no answer, or half of one
  | 'malformed' //    an answer we cannot read
  | 'misconfigured' // the API address in the settings cannot be used
  | 'keyStore'; //    VS Code's key store cannot be read or written

/** Every failure of a call to ComfyDeploy. The message is for the user and holds no key, url or query. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** How long the server asked us to stay away, ms. */
  readonly retryAfter: number | undefined;
  /** What the network calls its failure: `ECONNREFUSED`, `SELF_SIGNED_CERT_IN_CHAIN`. */
  readonly code: string | undefined;
  /** There is an answer, and more of it than is read. */
  readonly isTooLarge: boolean;
  /** The server's own words, where it had any. */
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

  /** A write that failed like this may have been carried out all the same. */
  get outcomeUnknown(): boolean {
    return this.kind === 'offline' || this.kind === 'busy' || this.kind === 'malformed';
  }
}

/** It was decided, and had not left when that was no longer right: nothing has happened. */
export class NotSent extends ApiError {
  constructor(message: string) {
    super('refused', message);
  }
}

/** The caller gave up; nobody needs to be told. */
export function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError';
}

/** The server leaves out its full stops. */
export function asSentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

/** Any thrown thing as an `ApiError`, so that state holds one vocabulary. */
export function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  return new ApiError('malformed', l10n.t('Something unexpected went wrong.'), { cause: error });
}
