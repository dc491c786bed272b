/** What can go wrong between a request and its answer. */
export type Fault =
  /** Another answer instead of the right one; the request was not carried out unless it says so. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly body?: unknown;
      readonly headers?: Readonly<Record<string, string>>;
      readonly carriedOut?: boolean;
    }
  /** The request did not arrive. */
  | { readonly kind: 'unreachable' }
  /** The same, with an error of the network. */
  | { readonly kind: 'broken'; readonly error: Error }
  /** Carried out, but the connection broke before the answer came. */
  | { readonly kind: 'lost' }
  /** Carried out, but the connection broke in the middle of the answer. */
  | { readonly kind: 'cut' }
  /** Carried out, but no answer ever comes. */
  | { readonly kind: 'silent' }
  /** Carried out, but the answer never ends. */
  | { readonly kind: 'stalled' };

export const answer = (status: number, body?: unknown, headers?: Readonly<Record<string, string>>): Fault => ({
  kind: 'answer',
  status,
  body,
  ...(headers === undefined ? {} : { headers }),
});

/** A gateway that gives up on a request which the server carries out all the same. */
export const tooLate = (status: number): Fault => ({ kind: 'answer', status, body: '', carriedOut: true });

/** Answers as `fetch` would with that fault. */
export async function withFault(
  fault: Fault | undefined,
  carryOut: () => Response,
  signal: AbortSignal,
): Promise<Response> {
  switch (fault?.kind) {
    case undefined:
      return carryOut();
    case 'answer':
      if (fault.carriedOut) carryOut();
      return written(fault.status, fault.body, fault.headers);
    case 'unreachable':
      throw new TypeError('fetch failed');
    case 'broken':
      throw fault.error;
    case 'lost':
      carryOut();
      throw new TypeError('fetch failed');
    case 'cut':
      return half(carryOut(), (body) => body.error(new TypeError('terminated')));
    case 'silent':
      carryOut();
      return new Promise((_, reject) => onAbort(signal, reject));
    case 'stalled':
      return half(carryOut(), (body) => onAbort(signal, (reason) => body.error(reason)));
  }
}

/** JSON, or a string as plain text: the server sends both. */
export function written(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return typeof body === 'string' ? new Response(body, { status, headers }) : Response.json(body, { status, headers });
}

/** The first byte of an answer, and then whatever becomes of the rest. */
function half({ status, headers }: Response, rest: (body: ReadableStreamDefaultController) => void): Response {
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('['));
      rest(controller);
    },
  });
  return new Response(body, { status, headers });
}

function onAbort(signal: AbortSignal, giveUp: (reason: Error) => void): void {
  const run = () => giveUp(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
  if (signal.aborted) return run();
  signal.addEventListener('abort', run, { once: true });
}
