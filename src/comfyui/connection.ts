import * as l10n from '@vscode/l10n';
import { isOpenable, withoutSlashes } from '../platform/baseUrl';
import { ApiError, isAbort, toApiError } from '../platform/errors';
import { Http, type HttpOptions } from '../platform/http';
import { redact } from '../platform/logger';
import { ServerTime } from '../platform/serverTime';
import { exactJson } from '../platform/jsonText';

/** What is needed to contact a session's ComfyUI. */
export type Web = Pick<HttpOptions, 'clock' | 'fetch' | 'log' | 'random'>;

export interface Connection {
  readonly http: Http;
  /** ComfyUI's clock. */
  readonly time: ServerTime;
  /** Without a trailing slash. */
  readonly base: string;
}

/** ms; a ComfyUI that is loading a model may not answer for several seconds. */
export const TIMEOUT = 10_000;

/** @throws {ApiError} `refused` if the address is invalid or not safe. */
export function connect(address: string, web: Web): Connection {
  if (!isOpenable(address)) throw new ApiError('refused', l10n.t("The session's address can't be used."));
  web.log.secrets?.address(address);
  const time = new ServerTime(web.clock);
  const { origin, pathname } = new URL(address);
  const base = `${origin}${withoutSlashes(pathname)}`;
  const http = new Http({
    ...web,
    baseUrl: () => base,
    token: () => Promise.resolve(undefined),
    serverTime: time,
    name: l10n.t("The session's ComfyUI"),
    json: 'python',
    write: exactJson,
  });
  return { http, time, base };
}

/** The error without its cause, which may contain the address. */
export function discreet(error: unknown): Error {
  if (error instanceof Error && isAbort(error)) return error;
  const { kind, message, retryAfter, code, isTooLarge } = toApiError(error);
  return new ApiError(kind, redact(message), { retryAfter, code, isTooLarge });
}
