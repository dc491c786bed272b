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
  /** What went wrong, without what this failed for: names of the user's own prove nothing. */
  readonly sentence: string;

  constructor(
    readonly kind: ApiErrorKind,
    message: string,
    options?: ErrorOptions & {
      readonly retryAfter?: number | undefined;
      readonly code?: string | undefined;
      readonly isTooLarge?: boolean;
      readonly sentence?: string;
    },
  ) {
    super(message, options);
    this.retryAfter = options?.retryAfter;
    this.code = options?.code;
    this.isTooLarge = options?.isTooLarge ?? false;
    this.sentence = options?.sentence ?? message;
  }

  /** A write that failed like this may have been carried out all the same. */
  get outcomeUnknown(): boolean {
    return this.kind === 'offline' || this.kind === 'busy' || this.kind === 'malformed';
  }
}

/** It was decided, and had not left when that was no longer right: nothing has happened. */
export class NotSent extends ApiError {
  /** @param why a clause: `another account is in use by now`. */
  constructor(why: string) {
    super('refused', `Nothing was sent, since ${why}. Do it again if you still want it.`);
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
  return new ApiError('malformed', 'Something unexpected went wrong.', { cause: error });
}
