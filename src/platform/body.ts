import { joined, textOf } from './bytes';
import type { Clock } from './clock';

const KB = 1_000;
const MB = 1_000_000;

/**
 * How much of each kind of answer is read, bytes after unpacking: several times what has been seen, and no more than can
 * be parsed without stopping everything else for long, whatever it holds.
 */
export const MOST = {
  /** One row, a name, a yes. */
  row: 256 * KB,
  prices: 256 * KB,
  /** The biller's figures come with every period's. */
  credit: 4 * MB,
  machines: 32 * MB,
  sessions: 8 * MB,
  events: 16 * MB,
  startErrors: 4 * MB,
  /** Nobody reads on; what is cut is told in our own words. */
  failure: 64 * KB,
  /** ComfyUI: how much waits. */
  count: 64 * KB,
  /** Why a prompt is refused is told for each node and input. */
  refusal: 4 * MB,
  stats: MB,
  /** One class may offer thousands of file names. */
  nodeClass: 8 * MB,
  /** All classes, with what they offer. */
  nodes: 32 * MB,
  /** One run with its graph. */
  run: 8 * MB,
  /** Up to fifty runs with their graphs; of an old server, all of them. */
  history: 64 * MB,
  queue: 32 * MB,
  workflow: 16 * MB,
} as const;

/** There is more of it than anybody reads. */
export class TooLong extends Error {
  constructor(readonly most: number) {
    super('too long');
  }
}

type Body = ReadableStream<Uint8Array>;

/** The bytes of a body as they come, unpacked, and no more of them than so many. @throws {TooLong}, once all of those are out. */
export async function* bytesWithin(body: Body, most: number): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  let left = most;
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const { length } = part.value;
      if (length > 0) yield length <= left ? part.value : part.value.subarray(0, left);
      left -= length;
      if (left < 0) throw new TooLong(most);
    }
  } finally {
    void reader.cancel().catch(() => undefined); // whoever reads no further needs no more
  }
}

/** A whole body. @throws {TooLong} */
export async function wholeWithin(body: Body | null, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  if (body) for await (const bytes of bytesWithin(body, most)) parts.push(bytes);
  return joined(parts);
}

/** The beginning of a body, and as much of it as comes in time. Never rejects: what is broken is short. */
export async function beginningOf(body: Body | null, most: number, clock: Clock, patience: number): Promise<string> {
  if (!body) return '';
  const parts: Uint8Array[] = [];
  const reader = body.getReader();
  let giveUp = () => {};
  const late = new Promise<undefined>((resolve) => (giveUp = () => resolve(undefined)));
  const alarm = clock.after(patience, giveUp);
  try {
    for (let left = most; left > 0;) {
      const part = await Promise.race([reader.read().catch(() => undefined), late]);
      if (!part || part.done) break;
      parts.push(part.value.subarray(0, left));
      left -= part.value.length;
    }
  } finally {
    alarm.dispose();
    void reader.cancel().catch(() => undefined); // whoever reads no further needs no more
  }
  return textOf(joined(parts));
}
