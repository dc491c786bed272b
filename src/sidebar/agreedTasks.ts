import * as z from 'zod/mini';
import { digestOf } from '../platform/digest';
import type { Memory } from '../platform/memory';

const KEY = 'agreedTasks';
const MOST = 50;
const Digests = z.lazy(() => z.array(z.string()));

/** Tasks whose price the user has agreed to: exactly these, at that price. */
export class AgreedTasks {
  /** @param memory of the workspace. */
  constructor(private readonly memory: Memory) {}

  /** @param task everything that the user saw. @returns whether it was agreed to before, and how to remember it. */
  async of(task: unknown): Promise<{ readonly isAgreed: boolean; readonly keep: () => Promise<void> }> {
    const { memory } = this;
    const digest = await digestOf(JSON.stringify(task));
    const known = Digests.safeParse(memory.get(KEY)).data ?? [];
    const isAgreed = known.includes(digest);
    return { isAgreed, keep: async () => memory.update(KEY, isAgreed ? known : [...known, digest].slice(-MOST)) };
  }
}
