import * as l10n from '@vscode/l10n';
import { backoff } from '../platform/backoff';
import { ApiError, isAbort, toApiError } from '../platform/errors';
import { bothOf, elapsed, momentOf, youngPermit, type Moment } from '../sessions/acts';
import { sleep, type Clock } from '../platform/clock';
import type { Disposable } from '../platform/emitter';
import { OUR_CLIENT } from '../comfyui/endedRuns';
import { planOf, refinedPlan, type Plan } from '../comfyui/plan';
import { isOver, named, posted, progressOf, trackingOf } from '../comfyui/progress';
import type { Over, Stage, Tracking } from '../comfyui/progress';
import type { Accepted, Prompts, Submission } from '../comfyui/prompts';
import type { NodeProblem } from '../comfyui/refusal';
import type { Sockets } from '../platform/sockets';
import type { Ids, Outcome } from './outcome';
import { MINUTE, SECOND } from '../platform/units';

export interface RenderingOptions {
  readonly prompts: Prompts;
  readonly sockets: Sockets;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly job: Pick<Submission, 'prompt' | 'graph'>;
  /** The ids of a prompt that was sent before this window was reloaded: it is followed, not sent. */
  readonly sent?: Ids | undefined;
  /** The user has cancelled it. */
  readonly cancelled: AbortSignal;
  /** The session is gone. */
  readonly gone: AbortSignal;
  readonly listener: RenderingListener;
}

export interface RenderingListener {
  /** Called before it is sent. */
  readonly sending: (ids: Ids) => PromiseLike<void>;
  /** @param isSilent ComfyUI did not answer the last request. */
  readonly progress: (stage: Stage, isSilent: boolean) => void;
  /** It was sent, and the answer does not show whether it was accepted: that is being checked. */
  readonly asking: () => void;
  /** It is in the queue; outputs with these problems are left out. @param promptId the server's own. */
  readonly accepted: (problems: readonly NodeProblem[], promptId: string) => void;
  /** It goes on although it was cancelled. */
  readonly notCancelled: (error: ApiError) => void;
}

/** How long to wait for the socket before the prompt is sent: earlier messages would be lost. */
const GREETING = 5 * SECOND;
/** How long the socket may be silent before the history is read. */
const LOOK = 5 * SECOND;
/**
 * How long the knowledge that it is running stays valid for an interrupt: old servers ignore the id, and stop whatever
 * runs.
 */
const KNOWN = 15 * SECOND;
const LONG_AGO: Moment = { wall: Number.NEGATIVE_INFINITY, steady: Number.NEGATIVE_INFINITY };
/** How often the queue, which may be large, is searched to make sure that it is still there. */
const DOUBT = MINUTE;
/** The socket reports the end before the history has the entry: when to read it. */
const ENTRY_WAITS = [0, 200, 500, SECOND, 2 * SECOND, 5 * SECOND];
/** When to look for a prompt whose answer was lost. */
const SETTLING_WAITS = [0, 2 * SECOND, 5 * SECOND, 10 * SECOND];
const RECONNECT = { first: SECOND, longest: 30 * SECOND };

/** One prompt from sending it to its end: sent once, followed by its own socket, and by requests if that fails. */
export class Rendering {
  readonly #clientId: string;
  #tracking: Tracking;
  #plan: Plan;
  #socket: Disposable | undefined;
  #isConnected = false;
  #failures = 0;
  #isSilent = false;
  /** When the run last gave a sign. */
  #heardAt: Moment = LONG_AGO;
  /** When the user cancelled it. */
  #givenUpAt: Moment | undefined;
  /** Steady clock, ms: when it was last seen in the queue. */
  #seenAt = Number.NEGATIVE_INFINITY;
  #stir = () => {};

  constructor(private readonly options: RenderingOptions) {
    const { sent, job } = options;
    this.#clientId = sent?.clientId ?? `${OUR_CLIENT}${crypto.randomUUID()}`;
    this.#tracking = sent ? posted(trackingOf(sent.promptId)) : trackingOf(crypto.randomUUID());
    this.#plan = planOf(job.prompt);
    options.cancelled.addEventListener('abort', () => {
      this.#givenUpAt = momentOf(options.clock);
      this.#stir();
    });
  }

  /** @throws {PromptRefused | ApiError} if it was not queued, or that is not known; or the reason of `gone`. */
  async run(): Promise<Outcome> {
    try {
      this.#connect();
      await this.#greeted();
      if (!this.options.sent) {
        if (this.options.cancelled.aborted) return { kind: 'takenOut' };
        await this.options.listener.sending(this.#id);
        await this.#submit();
      }
      return await this.#follow();
    } finally {
      this.#socket?.dispose();
    }
  }

  get #id(): Ids {
    return { promptId: this.#tracking.promptId, clientId: this.#clientId };
  }

  #connect(): void {
    const { sockets, prompts, clock, random } = this.options;
    this.#socket = sockets.open(prompts.socketAddress(this.#clientId), {
      opened: () => undefined,
      said: (text) => this.#hear(text),
      closed: () => {
        if (this.#isConnected) this.#seenAt = Number.NEGATIVE_INFINITY; // ComfyUI may have been restarted
        this.#isConnected = false;
        const rest = backoff(++this.#failures, (1 + random()) / 2, RECONNECT.first, RECONNECT.longest);
        this.#socket = clock.after(rest, () => this.#connect());
        this.#stir();
      },
    });
  }

  async #greeted(): Promise<void> {
    const { clock } = this.options;
    const until = clock.monotonic() + GREETING;
    while (!this.#isConnected && this.#failures === 0 && clock.monotonic() < until)
      await this.#nap(until - clock.monotonic());
  }

  #hear(text: string): void {
    const { clock } = this.options;
    const before = this.#tracking;
    this.#isConnected = true;
    this.#failures = 0;
    this.#tracking = progressOf(before, text, this.#plan);
    const { stage, remaining } = this.#tracking;
    // The queue is shorter by one, which may be this prompt.
    if (stage.kind === 'waiting' && (before.remaining ?? 0) > (remaining ?? 0)) this.#seenAt = Number.NEGATIVE_INFINITY;
    if (stage !== before.stage && stage.kind === 'running') this.#heardAt = momentOf(clock);
    if (stage !== before.stage && this.#tracking.isPosted) this.#notify();
    if (stage.kind === 'waiting' || isOver(stage)) this.#stir();
  }

  async #submit(): Promise<void> {
    const { prompts, job, gone, listener, clock } = this.options;
    this.#tracking = posted(this.#tracking);
    const accepted = await prompts.submit({ ...job, ...this.#id }, gone).catch((error: unknown) => this.#settle(error));
    this.#tracking = named(this.#tracking, accepted.promptId);
    this.#seenAt = clock.monotonic();
    this.#heardAt = momentOf(clock);
    listener.accepted(accepted.problems, accepted.promptId);
    this.#notify();
    const isOutput = (name: string) => prompts.isOutput(name, gone);
    void refinedPlan(job.prompt, accepted.leftOut, isOutput).then((plan) => (this.#plan = plan));
  }

  /** The prompt may be in the queue although the answer is missing. It is looked for, and never sent again. */
  async #settle(error: unknown): Promise<Accepted> {
    const failure = toApiError(error);
    if (isAbort(error) || !failure.outcomeUnknown) throw error;
    this.options.listener.asking();
    let isAbsent = false;
    for (const wait of SETTLING_WAITS) {
      await this.#nap(wait);
      const look = await this.#lookForIt();
      if (typeof look === 'object') return { promptId: look.promptId, problems: [], leftOut: [] };
      isAbsent = look === 'absent';
    }
    if (isAbsent) throw new ApiError('refused', l10n.t('{0} The workflow is not in its queue.', failure.message));
    throw new ApiError(
      failure.kind,
      l10n.t('{0} The workflow may be in its queue: check there before you queue it again.', failure.message),
    );
  }

  async #lookForIt(): Promise<{ readonly promptId: string } | 'absent' | 'unknown'> {
    const { prompts, gone } = this.options;
    const isHeard = () => this.#tracking.stage.kind !== 'waiting';
    const look = async () => {
      const found = isHeard() ? this.#id : await prompts.find(this.#id, gone);
      if (found) return found;
      const isEnded = (await prompts.ending(this.#id.promptId, gone)) !== undefined;
      return isEnded || isHeard() ? this.#id : 'absent';
    };
    return look().catch((error: unknown) => this.#unanswered(error));
  }

  async #follow(): Promise<Outcome> {
    const { cancelled, clock } = this.options;
    let isCancelled = false;
    for (let misses = 0; misses < 2;) {
      if (cancelled.aborted && !isCancelled) {
        isCancelled = true;
        const outcome = await this.#cancel();
        if (outcome) return outcome;
      }
      const { stage } = this.#tracking;
      if (isOver(stage)) return this.#confirm(stage);
      const rest = LOOK - elapsed(clock, this.#heardAt);
      const look = rest > 0 ? 'there' : await this.#look();
      if (typeof look === 'object') return look;
      misses = look === 'absent' ? misses + 1 : 0;
      if (misses < 2) await this.#rest(LOOK, isCancelled);
    }
    return { kind: 'lost' };
  }

  /** Waits until the next check, the end, or a cancellation. */
  async #rest(ms: number, isCancelled: boolean): Promise<void> {
    const { clock, cancelled } = this.options;
    const until = clock.monotonic() + ms;
    while (clock.monotonic() < until && !isOver(this.#tracking.stage) && (isCancelled || !cancelled.aborted))
      await this.#nap(until - clock.monotonic());
  }

  async #look(): Promise<Outcome | 'there' | 'absent' | 'unknown'> {
    const { prompts, clock, gone } = this.options;
    const look = async () => {
      const ending = await prompts.ending(this.#id.promptId, gone);
      if (ending) return ending;
      const remaining = await prompts.remaining(gone);
      this.#answered();
      if (remaining === 0) return 'absent';
      if (clock.monotonic() - this.#seenAt < DOUBT) return 'there';
      if (!(await prompts.find(this.#id, gone))) return 'absent';
      this.#seenAt = clock.monotonic();
      return 'there';
    };
    return look().catch((error: unknown) => this.#unanswered(error));
  }

  /** The history decides, and has the files. */
  async #confirm(over: Over): Promise<Outcome> {
    const { prompts, gone } = this.options;
    for (const wait of ENTRY_WAITS) {
      await this.#nap(wait);
      const ending = await prompts.ending(this.#id.promptId, gone).catch((error: unknown) => this.#unanswered(error));
      if (typeof ending === 'object') return ending;
    }
    return over.kind === 'done' ? { kind: 'forgotten' } : over;
  }

  /** Undefined if it is running: it ends when its node checks for the interrupt. */
  async #cancel(): Promise<Outcome | undefined> {
    const { prompts, gone, listener, clock } = this.options;
    const { promptId } = this.#id;
    // Old servers stop whatever runs, so it must have been seen running just now.
    let knownAt = this.#heardAt;
    const isHeard = this.#isConnected && elapsed(clock, knownAt) < LOOK;
    const isWanted = youngPermit(clock, this.#givenUpAt ?? momentOf(clock));
    try {
      if (!isHeard || this.#tracking.stage.kind === 'waiting') {
        await prompts.takeOut(promptId, isWanted);
        knownAt = momentOf(clock);
        const found = await prompts.find(this.#id, gone);
        if (!found) return (await prompts.ending(promptId, gone)) ?? { kind: 'takenOut' };
        if (found.place === 'pending') throw new ApiError('refused', l10n.t("It couldn't be removed from the queue."));
      }
      if (!isOver(this.#tracking.stage))
        await prompts.interrupt(promptId, bothOf(isWanted, youngPermit(clock, knownAt, KNOWN)));
    } catch (error) {
      gone.throwIfAborted();
      listener.notCancelled(toApiError(error));
    }
    return undefined;
  }

  #answered(): void {
    if (!this.#isSilent) return;
    this.#isSilent = false;
    this.#notify();
  }

  #unanswered(error: unknown): 'unknown' {
    this.options.gone.throwIfAborted();
    if (isAbort(error)) throw error;
    this.#seenAt = Number.NEGATIVE_INFINITY; // ComfyUI may have been restarted
    this.#isSilent = true;
    this.#notify();
    return 'unknown';
  }

  #notify(): void {
    this.options.listener.progress(this.#tracking.stage, this.#isSilent);
  }

  /** Waits until something happens, or for so many ms. @throws the reason of `gone`. */
  async #nap(ms: number): Promise<void> {
    const { clock, gone } = this.options;
    gone.throwIfAborted();
    if (ms <= 0) return;
    const stirred = new AbortController();
    this.#stir = () => stirred.abort();
    await sleep(clock, ms, AbortSignal.any([stirred.signal, gone])).catch(() => undefined); // either is fine
    gone.throwIfAborted();
  }
}
