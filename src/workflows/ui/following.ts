import type { ActivityMonitor } from '../../activity/activityMonitor';
import { pageOf, type Session, type SessionId } from '../../comfydeploy/model';
import { ComfyUi, type Web } from '../../comfyui/client';
import { PromptRefused } from '../../comfyui/refusal';
import type { Sockets } from '../../platform/sockets';
import { SECOND } from '../../platform/units';
import type { Store } from '../../sessions/store';
import { until } from '../../sessions/waits';
import type { MemoryTaken } from '../memoryTaken';
import type { Outcome } from '../outcome';
import { percentOf } from '../queueText';
import { Rendering, type RenderingOptions } from '../rendering';

export interface FollowingContext {
  readonly web: Web;
  readonly store: Pick<Store, 'snapshot' | 'follows' | 'onDidChange' | 'onDidEnd'>;
  readonly monitor: Pick<ActivityMonitor, 'noteShare'>;
  readonly sockets: Sockets;
}

/** The result of a prompt; `closed` if this window no longer follows it, and it goes on. */
export type Followed = Outcome | PromptRefused | 'sessionEnded' | 'closed';

type Sent = Pick<RenderingOptions, 'prompts' | 'job' | 'sent' | 'cancelled' | 'listener'>;

/** Follows prompts from sending them to their end, or to the end of their session. */
export class Following {
  readonly #closed = new AbortController();

  constructor(private readonly context: FollowingContext) {}

  /** @throws {ApiError} if it was not queued, or that is not known. */
  async follow(id: SessionId, { listener, ...sent }: Sent): Promise<Followed> {
    const ended = this.#endOf(id);
    const share = this.#sharer(id);
    const { web, sockets } = this.context;
    const rendering = new Rendering({
      ...sent,
      sockets,
      clock: web.clock,
      random: web.random,
      gone: AbortSignal.any([ended.signal, this.#closed.signal]),
      listener: {
        ...listener,
        progress: (stage, isSilent) => {
          listener.progress(stage, isSilent);
          share(stage.kind === 'running' ? percentOf(stage) : undefined);
        },
      },
    });
    try {
      return await rendering.run();
    } catch (error) {
      if (error instanceof PromptRefused) return error;
      if (this.#closed.signal.aborted) return 'closed';
      if (error instanceof Gone) return 'sessionEnded';
      throw error;
    } finally {
      ended.stop();
      share(undefined);
    }
  }

  dispose(): void {
    this.#closed.abort(new Gone());
  }

  /** Reports the progress for its row at most once a second, since each report redraws it. */
  #sharer(id: SessionId): (percent: number | undefined) => void {
    const { web, monitor } = this.context;
    const { clock } = web;
    let reportedAt = Number.NEGATIVE_INFINITY;
    return (percent) => {
      if (percent !== undefined && clock.monotonic() - reportedAt < SECOND) return;
      reportedAt = clock.monotonic();
      monitor.noteShare(id, percent);
    };
  }

  /** A signal for the end of the session, or for being signed out. */
  #endOf(id: SessionId): { readonly signal: AbortSignal; readonly stop: () => void } {
    const [over, waiting] = [new AbortController(), new AbortController()];
    until(this.context.store, waiting.signal, ({ kind }, ended) => {
      return ended?.session.id === id || kind === 'signedOut' || kind === 'loading' ? true : undefined;
    }).then(
      () => over.abort(new Gone()),
      () => undefined, // waiting was stopped
    );
    return { signal: over.signal, stop: () => waiting.abort() };
  }
}

/** The session is gone, or the user has signed out. */
class Gone extends Error {}

interface Noting {
  readonly web: Web;
  readonly taken: Pick<MemoryTaken, 'note'>;
}

/** Notes the memory in use after a run, with everything that is kept loaded: the run needed no more. Never rejects. */
export async function noteMemory(
  { web, taken }: Noting,
  run: Followed | Error,
  session: Session,
  job: Parameters<MemoryTaken['note']>[0],
): Promise<void> {
  if (typeof run === 'string' || run instanceof Error || run.kind !== 'done' || run.isCached) return;
  const url = pageOf(session) ?? '';
  const vram = await new ComfyUi(url, web).vram().catch(() => undefined); // another run will measure it
  if (vram) await taken.note(job, session.gpu, vram.used).catch(() => undefined);
}
