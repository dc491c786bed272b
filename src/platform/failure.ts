import { parseJson } from './plainJson';
import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { ApiError, type ApiErrorKind } from './errors';

/** FastAPI's errors, validation lists, objects with details, and two routes that use `error` instead. */
const Body = z.lazy(() =>
  z.object({
    detail: z.optional(
      z.union([
        z.string(),
        z.array(z.object({ loc: z.optional(z.array(z.union([z.string(), z.number()]))), msg: z.string() })),
        z.object({ message: z.optional(z.string()), error: z.optional(z.string()) }),
      ]),
    ),
    error: z.optional(z.string()),
    message: z.optional(z.string()),
  }),
);

/** The error that a failed answer means, with the server's own message if it has one. */
export function failureOf(response: Response, text: string, name: string): ApiError {
  const kind = kindOf(response.status);
  const said =
    kind === 'offline' || text.length > LONGEST_BODY
      ? undefined
      : sayable(sentenceOf(parseJson(text)), response.status);
  return new ApiError(kind, said ?? fallback(kind, response.status, name), {
    retryAfter: parseRetryAfter(response.headers),
    ...(response.status === 407 ? { code: 'PROXY_RESPONSE_407' } : {}),
    said,
  });
}

function kindOf(status: number): ApiErrorKind {
  if (status === 401) return 'unauthorized';
  if (status === 402 || status === 403) return 'forbidden';
  if (status === 404) return 'missing';
  if (status === 407) return 'offline'; // from a proxy, so the request did not reach the server
  if (status === 408 || status === 429 || status >= 500) return 'busy';
  return 'refused';
}

function sentenceOf(payload: unknown): string | undefined {
  const parsed = z.safeParse(Body, payload);
  if (!parsed.success) return undefined;
  const { detail, error, message } = parsed.data;
  return (detail === undefined ? undefined : detailOf(detail)) ?? error ?? message;
}

/** Characters; a longer body has a format of its own. */
const LONGEST_BODY = 262_144;
/** Characters; a longer text is not a sentence. */
const LONGEST = 300;
const LONGEST_OF_TROUBLE = 120;

/**
 * The server's message as far as it is meant for people. A failing server may send a kilobyte of SQL with other
 * people's data: of that, only a short line without quoted or bracketed text is used.
 */
function sayable(sentence: string | undefined, status: number): string | undefined {
  const line = sentence
    ?.slice(0, 2 * LONGEST)
    .replace(/[\s\x00-\x1f\x7f-\x9f]+/g, ' ')
    .trim();
  if (!line) return undefined;
  if (status < 500) return line.length <= LONGEST ? line : `${line.slice(0, LONGEST)}…`;
  return line.length <= LONGEST_OF_TROUBLE && /^[^'"`[\]{}()<>\\=]*$/.test(line) ? line : undefined;
}

function detailOf(detail: NonNullable<z.output<typeof Body>['detail']>): string | undefined {
  if (typeof detail === 'string') return detail || undefined;
  if (!Array.isArray(detail)) return detail.message ?? detail.error;
  return (
    detail.map(({ loc, msg }) => [loc?.slice(1).join('.'), msg].filter(Boolean).join(': ')).join('; ') || undefined
  );
}

function fallback(kind: ApiErrorKind, status: number, name: string): string {
  if (status >= 300 && status < 400)
    return l10n.t('{0} redirected the request (HTTP {1}), which is not followed.', name, status);
  if (status === 429) return l10n.t('{0} asks for fewer requests.', name);
  if (kind === 'offline') return l10n.t('{0} could not be reached.', name);
  if (kind === 'busy') return l10n.t('{0} had a server error ({1}).', name, status);
  return l10n.t('{0} rejected the request (HTTP {1}).', name, status);
}

/** Seconds or a date, as ms from the server's own `Date`. */
function parseRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after');
  if (!text) return undefined;
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - Date.parse(headers.get('date') ?? '') : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
