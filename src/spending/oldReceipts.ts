import * as z from 'zod/mini';

/** Version 0.1 wrote texts where there are codes now. */
const Old = z.lazy(() =>
  z.looseObject({
    kind: z.string(),
    why: z.optional(z.string()),
    source: z.optional(z.string()),
  }),
);

/* eslint-disable texts/marked -- as they stand in files */
const CODES: ReadonlyMap<string | undefined, string> = new Map([
  ['it was rendering', 'rendering'],
  ['you kept it', 'asked'],
  ['failed to start', 'failedToStart'],
  ['billing row', 'billed'],
]);
/* eslint-enable texts/marked */

/** Converts an event of version 0.1 to codes; returns any other event unchanged. */
export function inCodes(event: unknown): unknown {
  const old = z.safeParse(Old, event).data;
  if (!old) return event;
  const { why, source, ...rest } = old;
  const codes = {
    ...(source === undefined ? {} : { source: CODES.get(source) ?? source }),
    ...(why === undefined ? {} : { why: CODES.get(why) ?? why }),
  };
  switch (old.kind) {
    case 'kept':
    case 'closed':
      return { ...rest, ...codes };
    case 'moved': {
      // Only the guardian's moves have a reason of their own.
      const { why: code, ...others } = codes;
      return code === 'rendering' ? { ...rest, ...codes } : { ...rest, ...others };
    }
    case 'askedToEnd': {
      const idleMinutes = why === undefined ? undefined : minutesIn(why);
      return idleMinutes === undefined ? rest : { ...rest, idleMinutes };
    }
    default:
      return event;
  }
}

const IDLE_FOR = /^idle for (?:(\d{1,4}) h)? ?(?:(\d{1,2}) min)?$/;

/** `idle for 1 h 5 min`. */
function minutesIn(text: string): number | undefined {
  const [, hours, minutes] = IDLE_FOR.exec(text) ?? [];
  return hours === undefined && minutes === undefined ? undefined : Number(hours ?? 0) * 60 + Number(minutes ?? 0);
}
