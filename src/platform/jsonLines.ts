import * as z from 'zod/mini';
import { parseJson } from './plainJson';

export interface Lines<T> {
  readonly lines: readonly { readonly raw: string; readonly line: T }[];
  /** Torn by a crash, or written by a newer version. */
  readonly unreadable: number;
}

/** The readable lines of a file with one JSON text in each line. */
export function readLines<S extends z.core.$ZodType>(text: string, schema: S): Lines<z.output<S>> {
  const raws = text.split('\n').filter((raw) => raw.trim() !== '');
  const lines = raws.flatMap((raw) => {
    const parsed = z.safeParse(schema, parseJson(raw));
    return parsed.success ? [{ raw, line: parsed.data }] : [];
  });
  return { lines, unreadable: raws.length - lines.length };
}
