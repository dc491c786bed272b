import * as l10n from '@vscode/l10n';
import { backoff } from '../platform/backoff';
import { ApiError } from '../platform/errors';
import { sleep, type Clock } from '../platform/clock';
import type { ComfyUi, Known, Opened } from '../comfyui/client';
import type { Folder } from '../platform/folder';
import { whyNever } from './handedOut';
import type { OutputFile } from '../comfyui/outputs';

/** One file, from the session to its place on the disk. */
export interface Transfer {
  readonly file: OutputFile;
  readonly path: string;
  /** As the server showed it last. */
  readonly known: Known;
  /** Whether what has come of it so far is of that state of the file. */
  readonly canResume: boolean;
}

export interface Line {
  readonly comfyUi: Pick<ComfyUi, 'open'>;
  readonly folder: Pick<Folder, 'arrived' | 'receive' | 'discard'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Bytes that are on the disk now: negative for those that had to be thrown away. */
  readonly came: (bytes: number, isNew: boolean) => void;
}

/** In a row, with hardly a byte in between. */
const ATTEMPTS = 4;
const ATTEMPTS_AT_HOPELESS = 1;
/** Without a byte. */
const PATIENCE = 30_000;
/** What comes more slowly than this many bytes in that time, ms, counts as broken off. */
const SLOWEST = { bytes: 16_384, within: 120_000 };
/** Bytes that have to come between two failures, lest they count as in a row. */
const PROGRESS = 2 * SLOWEST.bytes;
/** Of a file whose size is not told. */
const MOST_UNTOLD = 8_000_000_000;

/**
 * Fetches a file until it is whole, going on where it broke off. It has no name yet then: see `Folder.finish`.
 * @throws {ApiError | DiskError}, or an `AbortError` when the signal fires: what has come so far stays.
 */
export async function download(transfer: Transfer, line: Line): Promise<Known> {
  const { clock, random, signal, folder } = line;
  if (transfer.known.size === 0) {
    await (await folder.receive(transfer.path, 0)).close();
    return transfer.known;
  }
  let { known, canResume } = transfer;
  const attempts = whyNever(transfer.file) === undefined ? ATTEMPTS : ATTEMPTS_AT_HOPELESS;
  let counted = 0;
  for (let failures = 0; ;) {
    const there = canResume ? await folder.arrived(transfer.path) : 0;
    line.came(there - counted, false);
    counted = there;
    let progress = 0;
    const came = (bytes: number) => {
      counted += bytes;
      progress += bytes;
      if (progress >= PROGRESS) failures = 0;
      line.came(bytes, true);
    };
    try {
      const opened = await line.comfyUi.open(transfer.file, there, signal);
      if (fits(opened, there, known)) {
        known = { size: opened.size ?? known.size, tag: opened.tag ?? known.tag };
        // Nothing would tell its rest from that of another file.
        canResume = opened.tag !== undefined;
        if (there > 0 && opened.from === 0) {
          line.came(-there, false);
          counted = 0;
        }
        return await receive({ ...transfer, known }, opened, { ...line, came });
      }
      await opened.body?.cancel();
      // Another file by now, or another part than was asked for: all of it, as it is now.
      canResume = false;
      known = { size: opened.size, tag: opened.tag };
      if (++failures >= attempts) throw new ApiError('malformed', l10n.t('It kept changing while it was downloaded.'));
    } catch (error) {
      if (!isWorthRepeating(error) || ++failures >= attempts) throw error;
      await sleep(clock, backoff(failures, random()), signal);
    }
  }
}

function fits(opened: Opened, from: number, known: Known): boolean {
  if (opened.from === 0) return true;
  const isSame = opened.tag !== undefined && opened.tag === known.tag && (known.size ?? opened.size) === opened.size;
  return isSame && opened.from === from;
}

/** Writes down what comes, up to the size that was told: nothing beyond it reaches the disk, nor stays there. */
async function receive({ path, known }: Transfer, opened: Opened, line: Line): Promise<Known> {
  const most = known.size ?? MOST_UNTOLD;
  const sink = await line.folder.receive(path, opened.from);
  const keepsPace = paceOf(line.clock);
  let size = opened.from;
  try {
    if (opened.body) {
      for await (const bytes of chunksOf(opened.body, line)) {
        size += bytes.length;
        if (size > most) break;
        await sink.write(bytes);
        line.came(bytes.length, true);
        if (!keepsPace(bytes.length)) throw brokenOff();
      }
    }
  } finally {
    await sink.close();
  }
  if (known.size !== undefined && size < known.size) throw brokenOff();
  if (size <= most) return { ...known, size };
  await line.folder.discard(path);
  const why =
    known.size === undefined
      ? l10n.t('It is too large, and the server did not say how large.')
      : l10n.t('It is larger than the server said.');
  throw new ApiError('malformed', why);
}

function brokenOff(): ApiError {
  return new ApiError('offline', l10n.t('The connection was lost.'));
}

/** Whether what comes is more than a trickle, which could go on for ever. */
function paceOf(clock: Clock): (bytes: number) => boolean {
  let [began, came] = [clock.monotonic(), 0];
  return (bytes) => {
    came += bytes;
    if (came >= SLOWEST.bytes) [began, came] = [clock.monotonic(), 0];
    return clock.monotonic() - began < SLOWEST.within;
  };
}

/** Whatever breaks a body on its way says so in words that may hold the address. */
export async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  { clock, signal }: Pick<Line, 'clock' | 'signal'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  const stop = () => reader.cancel().catch(() => undefined); // whoever reads no further needs no more
  try {
    for (;;) {
      const silence = new AbortController();
      const alarm = clock.after(PATIENCE, () => {
        silence.abort();
        void stop();
      });
      const part = await reader
        .read()
        .catch(() => undefined)
        .finally(() => alarm.dispose());
      signal.throwIfAborted();
      if (!part || silence.signal.aborted) throw brokenOff();
      if (part.done) return;
      yield part.value;
    }
  } finally {
    await stop();
  }
}

function isWorthRepeating(error: unknown): boolean {
  return error instanceof ApiError && (error.kind === 'offline' || error.kind === 'busy');
}
