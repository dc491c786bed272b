import * as z from 'zod/mini';
// Imported by name: through `z.core` all of it would be bundled, with texts in forty languages.
import { $ZodLazy, $ZodNullable, $ZodObject, $ZodOptional, $ZodPipe, $ZodTransform, $ZodUnion } from 'zod/v4/core';
import type { Logger } from './logger';

/** Stands for a value that this version cannot read. */
export const UNREAD = Symbol('unread');

/** A missing or null value is undefined; an unreadable one is `UNREAD`, and affects nothing else. */
export const doubtful = <S extends z.core.$ZodType>(schema: S) =>
  orElse(
    z.pipe(
      z.nullish(schema),
      z.transform((value): z.output<S> | undefined => value ?? undefined),
    ),
    UNREAD,
  );

/** Replaces an unreadable value. `z.catch` would do the same in 10 kB. */
export const orElse = <S extends z.core.$ZodType, const T>(schema: S, value: T) =>
  z.union([schema, z.transform(() => value)]);

/** A value that may be missing, null, or in an unknown form: all of these give undefined, and affect nothing else. */
export const optional = <S extends z.core.$ZodType>(schema: S) =>
  z.pipe(
    doubtful(schema),
    z.transform((value): z.output<S> | undefined => known(value)),
  );

/** A map, which is a list of pairs in a file. `z.tuple` would take 2 kB. */
export const mapOf = <K, V>(key: z.ZodMiniType<K>, value: z.ZodMiniType<V>): z.ZodMiniType<ReadonlyMap<K, V>> =>
  z.pipe(
    z.array(z.pipe(pairOf('key', 'value'), z.object({ key, value }))),
    z.transform((entries): ReadonlyMap<K, V> => new Map(entries.map((entry) => [entry.key, entry.value]))),
  );

/** The first members of a list, by name. */
export const pairOf = (first: string, second: string) =>
  z.pipe(
    ListWire,
    z.transform((list): unknown => ({ [first]: list[0], [second]: list[1] })),
  );

/** A list of anything: a schema for each member of a hostile list would be slow. */
export const ListWire = z.lazy(() => z.custom<readonly unknown[]>(Array.isArray));

export function known<T>(value: T | typeof UNREAD): T | undefined {
  return value === UNREAD ? undefined : value;
}

/** The fields of an answer that were present but unreadable, by the schema's names; never values. */
export function unreadIn(schema: z.core.$ZodType, value: unknown, path = ''): readonly string[] {
  if (schema instanceof $ZodLazy) return unreadIn(schema._zod.innerType, value, path);
  if (schema instanceof $ZodPipe) return unreadIn(schema._zod.def.in, value, path);
  if (schema instanceof $ZodUnion) {
    const [inner, other] = schema._zod.def.options;
    if (!inner || !(other instanceof $ZodTransform)) return [];
    return z.safeParse(inner, value).success ? unreadIn(inner, value, path) : [path];
  }
  if (schema instanceof $ZodOptional || schema instanceof $ZodNullable)
    return unreadIn(schema._zod.def.innerType, value, path);
  if (schema instanceof $ZodObject && typeof value === 'object' && value !== null)
    return Object.entries(schema._zod.def.shape).flatMap(([key, field]) =>
      unreadIn(field, Reflect.get(value, key), path === '' ? key : `${path}.${key}`),
    );
  return [];
}

/** Why an answer could not be read: fields and kinds of failure, never values, at most one line. */
export function reasonsOf({ issues }: Pick<z.core.$ZodError, 'issues'>): string {
  return issues
    .slice(0, MOST)
    .map(({ path, code }) => (path.length === 0 ? wordsFor(code) : `${path.map(nameOf).join('.')}: ${wordsFor(code)}`))
    .join(', ');
}

/* eslint-disable texts/marked -- for the log */
/** The parser's failure codes in words. */
const WORDS: ReadonlyMap<string | undefined, string> = new Map([
  ['invalid_type', 'missing, or of another type'],
  ['too_small', 'too short'],
  ['too_big', 'too long'],
  ['invalid_union', 'in no known form'],
]);

function wordsFor(code: string | undefined): string {
  return WORDS.get(code) ?? 'not as expected';
}
/* eslint-enable texts/marked */

/** Fields named in one line. */
const MOST = 8;

/** A key from the server could be any text. */
function nameOf(key: PropertyKey): string {
  return /^\w{1,40}$/.test(String(key)) ? String(key) : '…';
}

/** Logs once what cannot be read of an answer, and again when that changes. */
export class UnreadLog {
  readonly #said = new Map<string, string>();

  constructor(private readonly log: Pick<Logger, 'warn'>) {}

  /** @param answer the request. @param fields one entry for each unreadable occurrence. */
  note(answer: string, fields: readonly string[]): void {
    const said = this.#said.get(answer);
    const text = summaryOf(fields);
    if (said === text || (said === undefined && text === '')) return;
    this.#said.delete(answer);
    if (text === '') return;
    this.#said.set(answer, text);
    const [oldest] = this.#said.keys();
    if (this.#said.size > KEPT && oldest !== undefined) this.#said.delete(oldest);
    this.log.warn(`${answer}: not read: ${text}`);
  }
}

/** How many requests are remembered. */
const KEPT = 200;

function summaryOf(fields: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const field of fields) counts.set(field, (counts.get(field) ?? 0) + 1);
  const parts = [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MOST);
  // eslint-disable-next-line texts/marked -- for the log
  const rest = counts.size > MOST ? `; and ${counts.size - MOST} more` : '';
  return parts.map(([field, count]) => (count === 1 ? field : `${field} (${count} times)`)).join('; ') + rest;
}
