import type { Clock } from '../../src/platform/clock';
import { withFault, written, type Fault } from './faults';
import { naive, type Wire } from './wire';

export interface Call {
  readonly method: string;
  /** Below the base address, without the query. */
  readonly path: string;
  readonly query: string;
  readonly body: Wire | undefined;
  readonly key: string | undefined;
  readonly redirect: RequestRedirect | undefined;
  /** Local clock, ms. */
  readonly at: number;
}

const BASE = 'https://api.test/api';
const MINUTE = 60_000;

/** ComfyDeploy in memory. Tests talk to it as the extension does: through `fetch`. */
export class FakeComfyDeploy {
  readonly calls: Call[] = [];
  machines: readonly Wire[] = [];
  /** Every session the server still knows. The list shows only those that have a deadline. */
  sessions: readonly Wire[] = [];
  /**
   * Sessions that the list leaves out although they have a deadline, as the server does for a moment after a create.
   */
  unlisted: readonly string[] = [];
  events: readonly Wire[] = [];
  prices: Wire = { A10G: 0.000337, CPU: 4.2e-5 };
  credit: Wire = { autumn_data: null, list: [], credit_schema: {} };
  /** Whether an extension really moves the deadline, as the server claims. */
  extendsTruly = true;
  /** Server minus local, ms; undefined sends no `Date`. */
  clockOffset: number | undefined;
  readonly #faults = new Map<string, Fault[]>();
  readonly #gates = new Map<string, Promise<void>>();
  #created = 0;

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** The next calls of this kind (`GET /sessions`) go wrong, in this order. */
  fail(call: string, ...faults: readonly Fault[]): void {
    this.#faults.set(call, [...(this.#faults.get(call) ?? []), ...faults]);
  }

  /** Holds the next answer of this kind until released. Its content is the one at the time of the request. */
  hold(call: string): () => void {
    let release = () => {};
    this.#gates.set(call, new Promise((resolve) => (release = resolve)));
    return release;
  }

  /** How often something was asked: `GET /sessions`. */
  count(call: string): number {
    return this.calls.filter(({ method, path }) => `${method} ${path}` === call).length;
  }

  change(id: string, fields: Wire): void {
    this.sessions = this.sessions.map((session) => (session['id'] === id ? { ...session, ...fields } : session));
  }

  /** The container has reported its end: the server no longer knows the session. */
  finish(id: string): void {
    this.sessions = this.sessions.filter((session) => session['id'] !== id);
  }

  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const call = this.#record(input instanceof Request ? input.url : input, init);
    const name = `${call.method} ${call.path}`;
    const fault = this.#faults.get(name)?.shift();
    const signal = init.signal ?? new AbortController().signal;
    signal.throwIfAborted();
    const response = await withFault(fault, () => this.#answer(call), signal);
    const gate = this.#gates.get(name);
    this.#gates.delete(name);
    await gate;
    signal.throwIfAborted();
    return response;
  };

  #record(address: string | URL, init: RequestInit): Call {
    const { pathname, search } = new URL(address);
    const headers = new Headers(init.headers);
    const call = {
      method: init.method ?? 'GET',
      path: pathname.slice(new URL(BASE).pathname.length),
      query: search,
      body: typeof init.body === 'string' ? (JSON.parse(init.body) as Wire) : undefined,
      key: headers.get('authorization')?.slice('Bearer '.length),
      redirect: init.redirect,
      at: this.clock.now(),
    };
    this.calls.push(call);
    return call;
  }

  #answer(call: Call): Response {
    const [status, body] = this.#route(call);
    const headers =
      this.clockOffset === undefined
        ? undefined
        : { date: new Date(this.clock.now() + this.clockOffset).toUTCString() };
    return written(status, body, headers);
  }

  #route({ method, path, body }: Call): readonly [status: number, body: unknown] {
    const [, first, id = '', last] = path.split('/');
    if (path === '/machines/all') return [200, this.machines];
    if (path === '/sessions') return [200, this.sessions.filter((session) => this.#isListed(session))];
    if (path === '/platform/gpu-pricing') return [200, this.prices];
    if (path === '/platform/autumn-data') return [200, this.credit];
    if (first === 'machine' && last === 'events') return [200, this.events];
    if (first === 'user') return [200, { user_id: id, username: `name of ${id}`, first_name: null, last_name: null }];
    if (first !== 'session') return [404, { detail: 'Not Found' }];
    if (id === '') return [200, this.#create(body ?? {})];
    if (id === 'increase-timeout') return this.#increaseOldWay(body ?? {});
    return this.#session(method, id, body ?? {}, last);
  }

  #session(method: string, id: string, body: Wire, last: string | undefined): readonly [number, unknown] {
    const session = this.sessions.find((one) => one['id'] === id);
    if (!session) return [404, { detail: method === 'POST' ? 'GPU event not found' : 'GPUEvent not found' }];
    if (method === 'DELETE') {
      this.change(id, { timeout_end: null });
      return [200, { success: true }];
    }
    return last === 'increase-timeout' ? this.#increase(id, session, Number(body['minutes'])) : [200, session];
  }

  #isListed({ id, timeout_end: end }: Wire): boolean {
    return end !== null && !this.unlisted.includes(String(id));
  }

  #create({ machine_id, gpu, timeout }: Wire): Wire {
    const id = `created-${++this.#created}`;
    const now = this.clock.now() + (this.clockOffset ?? 0);
    const fields = { id, session_id: id, gpu_event_id: `event-of-${id}`, url: null, gpu, machine_id, timeout };
    const times = { created_at: naive(now), timeout_end: naive(now + Number(timeout ?? 15) * MINUTE) };
    this.sessions = [{ ...fields, ...times, user_id: 'user-me', org_id: 'None' }, ...this.sessions];
    return { session_id: id, url: null };
  }

  #increase(id: string, session: Wire, minutes: number): readonly [number, unknown] {
    const end = session['timeout_end'];
    if (typeof end !== 'string') return [404, { detail: 'Timeout end not found for session' }];
    if (this.extendsTruly) this.change(id, { timeout_end: naive(Date.parse(`${end}Z`) + minutes * MINUTE) });
    return [200, { message: 'Timeout increased successfully' }];
  }

  /** The old endpoint: raises the length asked for and leaves the deadline where it is. */
  #increaseOldWay({ session_id: id, timeout }: Wire): readonly [number, unknown] {
    const session = this.sessions.find((one) => one['id'] === id);
    if (!session) return [404, { detail: 'GPU event not found' }];
    if (this.extendsTruly) this.change(String(id), { timeout: Number(session['timeout']) + Number(timeout) });
    return [200, { message: 'Timeout increased successfully' }];
  }
}
