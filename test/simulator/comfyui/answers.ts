import { pythonJson } from './json';

/** Thrown where the real server crashes: a plain 500 without CORS headers. */
export class ServerTrouble extends Error {}

export const json = (value: unknown, status = 200): Response =>
  sized(pythonJson(value), { status, headers: { 'Content-Type': 'application/json; charset=utf-8' } });

export const text = (body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response =>
  sized(body, { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers } });

export const empty = (status = 200): Response =>
  new Response(null, { status, headers: status === 204 ? {} : { 'Content-Length': '0' } });

/** The static folder's answer for a path without a file. */
export const nothingThere = (): Response =>
  new Response(null, { status: 404, headers: { 'Content-Type': 'application/octet-stream', 'Content-Length': '0' } });

export const trouble = (): Response => text('500 Internal Server Error\n\nServer got itself in trouble', 500);

/** The body as JSON, whatever its content type says. */
export async function bodyOf(request: Request): Promise<unknown> {
  const body = await request.text();
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw new ServerTrouble('not JSON', { cause });
  }
}

function sized(body: string, init: { readonly status: number; readonly headers: Readonly<Record<string, string>> }) {
  return new Response(body, {
    status: init.status,
    headers: { ...init.headers, 'Content-Length': String(Buffer.byteLength(body)) },
  });
}
