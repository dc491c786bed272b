/** Thrown by a handler; becomes `{"detail": …}`. Anything else that is thrown becomes the server's bare 500. */
export class Refusal extends Error {
  override readonly name = 'Refusal';

  constructor(
    readonly status: number,
    readonly detail: unknown,
  ) {
    super(typeof detail === 'string' ? detail : `HTTP ${status}`);
  }
}

/** What a database error looks like from outside, for instance an id that is no UUID. */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

export function json(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return Response.json(body, { status, headers });
}

export function plain(text: string, status = 200): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/plain; charset=utf-8' } });
}

export function html(text: string, status = 200): Response {
  return new Response(text, { status, headers: { 'content-type': 'text/html; charset=utf-8' } });
}

export function failed(error: unknown): Response {
  return error instanceof Refusal ? json({ detail: error.detail }, error.status) : plain('Internal Server Error', 500);
}
