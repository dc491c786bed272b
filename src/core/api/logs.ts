import { createParser } from 'eventsource-parser';
import * as z from 'zod/mini';
import { redact } from '../logger';
import { parseJson } from './failure';
import { parseInstant } from './instant';

export interface LogLine {
  readonly message: string;
  readonly level: string;
  /** Server time, ms; 0 when the line carries none. */
  readonly at: number;
}

const Line = z.object({
  message: z.string(),
  level: z.optional(z.string()),
  timestamp: z.optional(z.string()),
});

/**
 * The lines of a server-sent log stream, without its sentinels and unreadable events. A new connection replays
 * everything from the start, and a session's stream does not end with the session: the caller ends it.
 */
export async function* readLog(stream: ReadableStream<Uint8Array>): AsyncGenerator<LogLine> {
  const ready: LogLine[] = [];
  const parser = createParser({
    onEvent: ({ data }) => {
      const parsed = z.safeParse(Line, parseJson(data));
      if (parsed.success) ready.push(lineOf(parsed.data));
    },
  });
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  try {
    for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
      parser.feed(decoder.decode(chunk.value, { stream: true }));
      yield* ready.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined); // already broken: there is nothing left to cancel
  }
}

/** The tunnel's address appears in ComfyUI's own output, and it is a key. */
function lineOf({ message, level, timestamp }: z.output<typeof Line>): LogLine {
  return { message: redact(message), level: level ?? 'info', at: parseInstant(timestamp ?? '') ?? 0 };
}
