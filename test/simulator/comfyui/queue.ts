/** A prompt in API format: node id -> class and inputs. */
export type Prompt = Readonly<Record<string, PromptNode>>;

export interface PromptNode {
  readonly class_type: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

export interface QueueItem {
  /** The lowest runs first; prompts posted with `front` have negative numbers. */
  readonly number: number;
  readonly promptId: string;
  readonly prompt: Prompt;
  readonly extraData: Readonly<Record<string, unknown>>;
  /** The output nodes to execute. */
  readonly outputs: readonly string[];
  /** Absent when the submitter sent none: then all clients receive its progress. */
  readonly clientId: string | undefined;
}

/** Waiting prompts and the running one. The waiting ones are stored, and shown, in the order of a binary heap. */
export class PromptQueue {
  #heap: QueueItem[] = [];
  #running: QueueItem | undefined;

  constructor(private readonly changed: () => void) {}

  get running(): QueueItem | undefined {
    return this.#running;
  }

  /** In heap order: only the first is certain to be the next. */
  get pending(): readonly QueueItem[] {
    return this.#heap;
  }

  get remaining(): number {
    return this.#heap.length + (this.#running ? 1 : 0);
  }

  submit(item: QueueItem): void {
    this.#heap.push(item);
    this.#rise(this.#heap.length - 1);
    this.changed();
  }

  /** Makes the next one the running one. */
  take(): QueueItem | undefined {
    const last = this.#heap.pop();
    if (!last) return undefined;
    const [first] = this.#heap;
    if (first) {
      this.#heap[0] = last;
      this.#sink(0);
    }
    this.#running = first ?? last;
    this.changed();
    return this.#running;
  }

  /** The running one is over, however it ended. */
  done(): void {
    this.#running = undefined;
    this.changed();
  }

  clear(): void {
    this.#heap = [];
    this.changed();
  }

  /** Takes a waiting one out; the running one and unknown ids are left alone. */
  delete(promptId: string): void {
    const rest = this.#heap.filter((item) => item.promptId !== promptId);
    if (rest.length === this.#heap.length) return;
    this.#heap = rest;
    for (let index = (rest.length >> 1) - 1; index >= 0; index--) this.#sink(index);
    this.changed();
  }

  #rise(index: number): void {
    const parent = (index - 1) >> 1;
    if (index === 0 || !this.#swapIfBefore(index, parent)) return;
    this.#rise(parent);
  }

  #sink(index: number): void {
    const [left, right] = [2 * index + 1, 2 * index + 2];
    const lesser = this.#before(right, left) ? right : left;
    if (this.#swapIfBefore(lesser, index)) this.#sink(lesser);
  }

  #swapIfBefore(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (!a || !b || !this.#before(one, other)) return false;
    this.#heap[one] = b;
    this.#heap[other] = a;
    return true;
  }

  #before(one: number, other: number): boolean {
    const [a, b] = [this.#heap[one], this.#heap[other]];
    if (!a || !b) return false;
    return a.number === b.number ? a.promptId < b.promptId : a.number < b.number;
  }
}

/** The five-element form of /queue and /history. */
export const itemTuple = ({ number, promptId, prompt, extraData, outputs }: QueueItem): readonly unknown[] => [
  number,
  promptId,
  prompt,
  extraData,
  outputs,
];
