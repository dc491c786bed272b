import { setTimeout as delay } from 'node:timers/promises';

/** A path (and what lies below it) or a pattern; without the `/api` that may stand before it. */
export type PathPattern = string | RegExp;

export type Corruption = 'truncated' | 'html' | 'empty';

type Fault =
  | { readonly kind: 'stall'; readonly ms: number }
  | { readonly kind: 'corrupt'; readonly how: Corruption }
  | { readonly kind: 'refuse'; readonly status: number }
  | { readonly kind: 'cut'; readonly bytes: number; readonly isQuiet: boolean }
  | { readonly kind: 'close' };

/** Faults between the server and its clients, by path, until `mend`. */
export class Faults {
  #faults: readonly { readonly pattern: PathPattern; readonly fault: Fault }[] = [];

  add(pattern: PathPattern, fault: Fault): void {
    this.#faults = [...this.#faults, { pattern, fault }];
  }

  mend(): void {
    this.#faults = [];
  }

  /** The status that a gateway answers instead of the server. */
  refusal(path: string): number | undefined {
    return this.#on(path, 'refuse').at(-1)?.status;
  }

  /** Whether the connection is closed without an answer. */
  closes({ pathname, search }: URL): boolean {
    return this.#on(pathname + search, 'close').length > 0;
  }

  async stall(path: string): Promise<void> {
    for (const { ms } of this.#on(path, 'stall')) await delay(ms, undefined, { ref: false });
  }

  /** The connection breaks, or stalls, in the middle of the body. */
  cut(path: string, answer: Response): Response {
    const fault = this.#on(path, 'cut').at(-1);
    if (!fault || !answer.body) return answer;
    let left = fault.bytes;
    const half = new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        controller.enqueue(chunk.subarray(0, left));
        left -= chunk.length;
      },
      async flush() {
        if (left > 0) return; // shorter than that: it is whole
        // What was sent must arrive before the connection closes.
        await delay(fault.isQuiet ? 600_000 : 200, undefined, { ref: false });
        throw new Error('cut');
      },
    });
    return new Response(answer.body.pipeThrough(half), answer);
  }

  async corrupt(path: string, answer: Response): Promise<Response> {
    const [fault] = this.#on(path, 'corrupt');
    if (!fault) return answer;
    const body = await answer.text();
    const broken = {
      truncated: body.slice(0, body.length / 2),
      html: '<!doctype html><title>Loading</title>',
      empty: '',
    };
    const headers = new Headers(answer.headers);
    headers.delete('Content-Length');
    if (fault.how === 'html') headers.set('Content-Type', 'text/html');
    return new Response(broken[fault.how], { status: answer.status, headers });
  }

  #on<K extends Fault['kind']>(path: string, kind: K): readonly Extract<Fault, { kind: K }>[] {
    const bare = path.replace(/^\/api(?=\/)/, '');
    return this.#faults
      .filter(({ pattern }) => matches(pattern, bare))
      .map(({ fault }) => fault)
      .filter((fault): fault is Extract<Fault, { kind: K }> => fault.kind === kind);
  }
}

const matches = (pattern: PathPattern, path: string): boolean =>
  typeof pattern === 'string' ? path === pattern || path.startsWith(`${pattern}/`) : pattern.test(path);
