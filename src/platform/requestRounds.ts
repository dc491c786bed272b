import { abortReason, type Clock } from './clock';
import type { Disposable } from './emitter';
import { MINUTE } from './units';

export interface RequestRoundsOptions<Request, T> {
  /**
   * Serves all requests of one round. Once the signal fires, nobody waits for it: it should stop, and change nothing.
   */
  readonly run: (requests: readonly Request[], signal: AbortSignal) => Promise<T>;
  /** Called once for each round that throws or never ends, besides rejecting its callers. */
  readonly failed?: (error: unknown) => void;
  readonly clock: Pick<Clock, 'after'>;
  /** A round that takes longer than this, ms, is given up, and the next one starts. */
  readonly patience?: number;
}

interface Caller<Request, T> {
  readonly request: Request;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
  /** Stops listening to its signal. */
  readonly release: () => void;
}

interface Round<Request, T> {
  readonly callers: Set<Caller<Request, T>>;
  readonly controller: AbortController;
  alarm: Disposable | undefined;
}

/** More than any sequence of requests with waits takes, ms. */
const PATIENCE = 5 * MINUTE;
const MOMENTS = 10;
/** A disk that takes longer does not answer, ms. */
const OF_A_DISK = 30_000;

/** A round was given up. Its callers get this error. */
export class NeverEnded extends Error {}

/**
 * Work that several callers share and that never runs twice at once. Each caller gets a round that begins after its
 * call and serves its request: a request made during a round is part of the next one.
 */
export class RequestRounds<Request = void, T = void> implements Disposable {
  #next: readonly Caller<Request, T>[] = [];
  #current: Round<Request, T> | undefined;
  #isPlanned = false;
  #isOver = false;

  constructor(private readonly options: RequestRoundsOptions<Request, T>) {}

  /** Whether a round is running or about to begin. */
  get isBusy(): boolean {
    return this.#current !== undefined || this.hasNext;
  }

  /** Whether a round is about to begin. */
  get hasNext(): boolean {
    return this.#next.length > 0;
  }

  /**
   * The result of the round with this request. Requests of the same moment share one.
   * @param signal drops this request only; a round without waiting callers is stopped.
   * @throws what the round throws, the signal's reason, {NeverEnded}, or an `AbortError` after `clear` or `dispose`.
   */
  request(request: Request, signal?: AbortSignal): Promise<T> {
    return new Promise((resolve, reject) => {
      if (this.#isOver) return reject(over());
      if (signal?.aborted) return reject(abortReason(signal));
      const leave = () => signal && this.#leave(caller, abortReason(signal));
      const release = () => signal?.removeEventListener('abort', leave);
      const caller = { request, resolve, reject, release };
      signal?.addEventListener('abort', leave, { once: true });
      this.#next = [...this.#next, caller];
      this.#plan();
    });
  }

  /** Makes the running round obsolete: its callers get the next one, which starts at once. */
  renew(): void {
    const round = this.#stop(new DOMException('Begun anew', 'AbortError'));
    if (round) this.#next = [...round.callers, ...this.#next];
    this.#plan();
  }

  /** Rejects all callers with an `AbortError`: their requests no longer matter. */
  clear(): void {
    const left = [...(this.#stop(over())?.callers ?? []), ...this.#next];
    this.#next = [];
    for (const { release, reject } of left) {
      release();
      reject(over());
    }
  }

  /** The same, and no round starts any more. */
  dispose(): void {
    this.#isOver = true;
    this.clear();
  }

  /** Starts after all callers of this moment, which share the round. */
  #plan(): void {
    if (this.#isPlanned || this.#current || !this.hasNext) return;
    this.#isPlanned = true;
    queueMicrotask(() => {
      this.#isPlanned = false;
      if (!this.#current && this.hasNext) this.#begin();
    });
  }

  #begin(): void {
    const { run } = this.options;
    const round: Round<Request, T> = {
      callers: new Set(this.#next),
      controller: new AbortController(),
      alarm: undefined,
    };
    this.#next = [];
    this.#current = round;
    this.#checkOn(round, MOMENTS);
    const requests = [...round.callers].map(({ request }) => request);
    const work = async () => run(requests, round.controller.signal);
    work().then(
      (value) => this.#end(round, ({ resolve }) => resolve(value)),
      (error: unknown) => this.#fail(round, error),
    );
  }

  /** In moments, since a frozen window does not wait. */
  #checkOn(round: Round<Request, T>, left: number): void {
    const { clock, patience = PATIENCE } = this.options;
    if (left === 0) return this.#fail(round, new NeverEnded('It never came to an end.'));
    round.alarm = clock.after(patience / MOMENTS, () => this.#checkOn(round, left - 1));
  }

  #fail(round: Round<Request, T>, error: unknown): void {
    if (this.#current !== round) return;
    this.#end(round, ({ reject }) => reject(error), error);
    this.options.failed?.(error);
  }

  /** The end of a round that was given up is ignored. */
  #end(round: Round<Request, T>, settle: (caller: Caller<Request, T>) => void, reason?: unknown): void {
    if (this.#current !== round) return;
    this.#stop(reason);
    for (const caller of round.callers) {
      caller.release();
      settle(caller);
    }
    this.#plan();
  }

  #leave(caller: Caller<Request, T>, reason: Error): void {
    this.#next = this.#next.filter((one) => one !== caller);
    const round = this.#current;
    if (round?.callers.delete(caller) && round.callers.size === 0) this.#stop(reason);
    caller.reject(reason);
    this.#plan();
  }

  /** Fires its signal, so that everything it still does ends too. */
  #stop(reason: unknown): Round<Request, T> | undefined {
    const round = this.#current;
    this.#current = undefined;
    round?.alarm?.dispose();
    round?.controller.abort(reason);
    return round;
  }
}

/** One reading of a file at a time, so that an older one cannot overwrite the result of a newer one. */
export function readings<T>(
  clock: Pick<Clock, 'after'>,
  read: (signal: AbortSignal) => Promise<T>,
): RequestRounds<void, T> {
  return new RequestRounds({ run: (_, signal) => read(signal), clock, patience: OF_A_DISK });
}

function over(): DOMException {
  return new DOMException('Closed', 'AbortError');
}
