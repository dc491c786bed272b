import * as l10n from '@vscode/l10n';
import { backoff } from '../platform/backoff';
import { ApiError } from '../platform/errors';
import { sleep, type Clock } from '../platform/clock';
import type { ComfyUi, Known, Opened } from '../comfyui/client';
import type { Folder } from '../platform/folder';
import { whyNever } from './handedOut';
import type { OutputFile } from '../comfyui/outputs';

/** One file on its way from the session to the disk. */
export interface Transfer {
  readonly file: OutputFile;
  readonly path: string;
  /** As last reported by the server. */
  readonly known: Known;
  /** Whether the bytes received so far belong to that state of the file. */
  readonly canResume: boolean;
}

export interface Line {
  readonly comfyUi: Pick<ComfyUi, 'open'>;
  readonly folder: Pick<Folder, 'arrived' | 'receive' | 'discard'>;
  readonly clock: Clock;
  /** In [0, 1). */
  readonly random: () => number;
  readonly signal: AbortSignal;
  /** Called with the bytes that are on the disk now; negative if some were discarded. */
  readonly came: (bytes: number, isNew: boolean) => void;
}

/** Failures in a row with hardly a byte in between. */
const ATTEMPTS = 4;
const ATTEMPTS_AT_HOPELESS = 1;
/** The longest wait without a byte, ms. */
const PATIENCE = 30_000;
/** A slower transfer counts as broken: fewer bytes than this within so many ms. */
const SLOWEST = { bytes: 16_384, within: 120_000 };
/** Failures with so many bytes between them do not count as in a row. */
const PROGRESS = 2 * SLOWEST.bytes;
/** The most bytes of a file whose size is not known. */
const MOST_UNKNOWN = 8_000_000_000;

/**
 * Downloads a file until it is complete, continuing where it broke off. It has no final name yet: see `Folder.finish`.
 * @throws {ApiError | DiskError}, or an `AbortError` when the signal fires: the bytes received so far stay.
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
        // Without a tag, its rest could not be distinguished from that of another file.
        canResume = opened.tag !== undefined;
        if (there > 0 && opened.from === 0) {
          line.came(-there, false);
          counted = 0;
        }
        return await receive({ ...transfer, known }, opened, { ...line, came });
      }
      await opened.body?.cancel();
      // The file has changed, or another part came than was requested: download all of it again.
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

/** Writes the body, up to the reported size: nothing beyond it reaches the disk, or stays there. */
async function receive({ path, known }: Transfer, opened: Opened, line: Line): Promise<Known> {
  const most = known.size ?? MOST_UNKNOWN;
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
  throw new ApiError('malformed', l10n.t('It is larger than expected.'));
}

function brokenOff(): ApiError {
  return new ApiError('offline', l10n.t('The connection was lost.'));
}

/** Whether the transfer is fast enough: a trickle could go on forever. */
function paceOf(clock: Clock): (bytes: number) => boolean {
  let [began, came] = [clock.monotonic(), 0];
  return (bytes) => {
    came += bytes;
    if (came >= SLOWEST.bytes) [began, came] = [clock.monotonic(), 0];
    return clock.monotonic() - began < SLOWEST.within;
  };
}

/** Bodies that break report errors that may contain the address. */
export async function* chunksOf(
  body: ReadableStream<Uint8Array>,
  { clock, signal }: Pick<Line, 'clock' | 'signal'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = body.getReader();
  const stop = () => reader.cancel().catch(() => undefined); // the rest is not needed
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
