import { joined, textOf } from './bytes';
import type { Clock } from './clock';

const KB = 1_000;
const MB = 1_000_000;

/**
 * How much of each kind of answer is read, bytes after decompression: several times what real servers send, and little
 * enough to be parsed without blocking everything else for long, whatever it contains.
 */
export const MOST = {
  /** One row, a name, a confirmation. */
  row: 256 * KB,
  prices: 256 * KB,
  /** Contains the figures of all billing periods. */
  credit: 4 * MB,
  machines: 32 * MB,
  sessions: 8 * MB,
  events: 16 * MB,
  startErrors: 4 * MB,
  /** Only its beginning is used. */
  failure: 64 * KB,
  /** ComfyUI: the length of the queue. */
  count: 64 * KB,
  /** Contains a reason for each node and input of a refused prompt. */
  refusal: 4 * MB,
  stats: MB,
  /** One node class, which may list thousands of file names. */
  nodeClass: 8 * MB,
  /** All node classes, with their lists. */
  nodes: 32 * MB,
  /** One run with its graph. */
  run: 8 * MB,
  /** Up to fifty runs with their graphs; from an old server, all of them. */
  history: 64 * MB,
  queue: 32 * MB,
  workflow: 16 * MB,
  /** A page of names. */
  workflows: 4 * MB,
  /** A few versions with both forms of their graphs. */
  versions: 64 * MB,
} as const;

/** The body is longer than the limit. */
export class TooLong extends Error {
  constructor(readonly most: number) {
    super('too long');
  }
}

type Body = ReadableStream<Uint8Array>;

/** The decompressed bytes of a body as they arrive, up to a limit. @throws {TooLong} after the last of those. */
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
    void reader.cancel().catch(() => undefined); // the rest is not needed
  }
}

/** A whole body. @throws {TooLong} */
export async function wholeWithin(body: Body | null, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  if (body) for await (const bytes of bytesWithin(body, most)) parts.push(bytes);
  return joined(parts);
}

/** The beginning of a body, as much as arrives in time. Never rejects: a broken body is a short one. */
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
    void reader.cancel().catch(() => undefined); // the rest is not needed
  }
  return textOf(joined(parts));
}
