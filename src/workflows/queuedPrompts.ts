import * as z from 'zod/mini';
import { SessionId } from '../comfydeploy/model';
import type { Memory } from '../platform/memory';

/** A prompt on its way. */
export interface QueuedPrompt {
  readonly sessionId: SessionId;
  readonly promptId: string;
  readonly clientId: string;
  /** The address of its file. */
  readonly file: string;
  /** This machine's clock, ms. */
  readonly at: number;
}

const KEY = 'queuedPrompts';
/** More than anybody follows at a time. */
const MOST = 50;

const Saved = z.lazy(() =>
  z.array(
    z.object({ sessionId: SessionId, promptId: z.string(), clientId: z.string(), file: z.string(), at: z.number() }),
  ),
);

/** The prompts that this window has queued and still follows, for when it is loaded anew. */
export class QueuedPrompts {
  #all: readonly QueuedPrompt[];

  /** @param memory of this window's workspace: other windows follow their own. */
  constructor(private readonly memory: Memory) {
    this.#all = z.safeParse(Saved, memory.get(KEY)).data ?? [];
  }

  get all(): readonly QueuedPrompt[] {
    return this.#all;
  }

  /** Before it is sent, so that it is looked for even if the window does not live to see the answer. */
  async note(prompt: QueuedPrompt): Promise<void> {
    await this.#keep([...this.#without(prompt.promptId), prompt].slice(-MOST));
  }

  /** It is over, or nobody follows it any more. */
  async drop(promptId: string): Promise<void> {
    const rest = this.#without(promptId);
    if (rest.length < this.#all.length) await this.#keep(rest);
  }

  #without(promptId: string): readonly QueuedPrompt[] {
    return this.#all.filter((one) => one.promptId !== promptId);
  }

  async #keep(all: readonly QueuedPrompt[]): Promise<void> {
    this.#all = all;
    await this.memory.update(KEY, all);
  }
}
