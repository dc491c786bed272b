import * as l10n from '@vscode/l10n';
import { createParser } from 'eventsource-parser';
import * as z from 'zod/mini';
import { redact } from '../platform/logger';
import { bytesWithin } from '../platform/body';
import { ApiError } from '../platform/errors';
import { harmless, plain } from '../platform/escapes';
import { parseJson } from '../platform/plainJson';
import { parseInstant } from './instant';
import { optional } from '../platform/unread';

export type LogLevel = 'error' | 'warning' | 'info' | 'debug';

export interface LogLine {
  /** May contain colours, as escape sequences, and line breaks; all other control sequences are removed. */
  readonly message: string;
  readonly level: LogLevel;
  /** Server time, ms; 0 if the line has none. */
  readonly at: number;
}

const Line = z.lazy(() =>
  z.object({
    message: z.string(),
    level: optional(z.string()),
    timestamp: optional(z.string()),
  }),
);
const Sentinel = z.lazy(() => z.object({ type: z.string() }));

/** Characters of one message: some programs print whole files. */
const LONGEST = 4_000;

/**
 * Characters of one event; real ones hold a batch of lines. Without a bound, an endless one would be kept in memory.
 */
const LONGEST_EVENT = 1_000_000;

/**
 * The lines of a server-sent log stream, in batches as they come, without its sentinels and unreadable events. A new
 * connection replays everything from the start, or about the last thousand lines of a longer log. A session's stream
 * does not end with the session: the caller ends it. Returns whether the server said that the log is complete.
 * @throws {ApiError} `refused` if the server keeps no logs.
 */
export async function* readLog(stream: ReadableStream<Uint8Array>): AsyncGenerator<readonly LogLine[], boolean> {
  const ready: LogLine[] = [];
  let isComplete = false;
  const tooLong = { isNow: false, isSaid: false };
  const parser = createParser({
    maxBufferSize: LONGEST_EVENT,
    onError: ({ type }) => (tooLong.isNow ||= type === 'max-buffer-size-exceeded'),
    onEvent: ({ data }) => {
      const payload = parseJson(data);
      const parsed = z.safeParse(Line, payload);
      if (parsed.success) ready.push(lineOf(parsed.data));
      const said = parsed.success ? undefined : z.safeParse(Sentinel, payload).data?.type;
      if (said === 'stream_unavailable') throw new ApiError('refused', l10n.t('This server keeps no logs.'));
      isComplete ||= said === 'stream_complete';
    },
  });
  const decoder = new TextDecoder();
  // The stream has no known length, so what is kept of it is bounded, not what comes.
  for await (const bytes of bytesWithin(stream, Number.POSITIVE_INFINITY)) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    if (tooLong.isNow) {
      parser.reset(); // what follows is read again
      if (!tooLong.isSaid) ready.push(leftOut());
      tooLong.isSaid = true;
      tooLong.isNow = false;
    }
    if (ready.length > 0) yield ready.splice(0);
  }
  return isComplete;
}

function leftOut(): LogLine {
  return { message: l10n.t('A part of the log is too long to read.'), level: 'warning', at: 0 };
}

function lineOf({ message, level, timestamp }: z.output<typeof Line>): LogLine {
  return { message: safe(message), level: levelOf(level ?? ''), at: parseInstant(timestamp ?? '') ?? 0 };
}

/** ComfyUI's own output contains the tunnel's address, which gives access to the session. Colours may split it. */
function safe(message: string): string {
  const shown = harmless(shortened(message));
  const words = plain(shown);
  const discreet = redact(words);
  return discreet === words ? shown : discreet;
}

/** Cut between words: half an address might not be recognized as one. */
function shortened(message: string): string {
  if (message.length <= LONGEST) return message;
  return `${message.slice(0, LONGEST).replace(/\S{0,300}$/, '')}… ${l10n.t('({0} characters)', message.length)}`;
}

function levelOf(level: string): LogLevel {
  if (/err|crit|fatal/i.test(level)) return 'error';
  if (/warn/i.test(level)) return 'warning';
  return /debug|trace/i.test(level) ? 'debug' : 'info';
}
