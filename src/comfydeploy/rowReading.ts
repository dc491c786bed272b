import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { fieldOf } from '../platform/plainJson';
import { inSlices, type Slices } from '../platform/slices';
import { reasonsOf, unreadIn } from '../platform/unread';

export interface Rows<T> {
  readonly rows: readonly T[];
  readonly skipped: readonly SkippedRow[];
  /** Optional fields that could not be read, one entry for each occurrence. */
  readonly unread: readonly string[];
}

/** A row that could not be read. What it describes exists. */
export interface SkippedRow {
  /** Undefined if even that cannot be read. */
  readonly id: string | undefined;
  /** Its name, if it can be read. */
  readonly name: string | undefined;
  /** Names fields, never values. */
  readonly why: string;
}

/** How to read rows. */
export interface RowReader<S extends z.core.$ZodType> {
  readonly row: S;
  /** The field with a row's id. */
  readonly key: string;
  /** Reads a row of the usual form as the schema would, ten times as fast. */
  readonly plain?: (item: unknown) => z.output<S> | undefined;
}

/** Reads a list row by row: a bad row costs that row, never the list. */
export async function readRows<S extends z.core.$ZodType>(
  items: readonly unknown[],
  reader: RowReader<S>,
  slices: Slices,
): Promise<Rows<z.output<S>>> {
  return rowsFrom(await inSlices(items, (item) => readRow(reader, item), slices));
}

export function rowsFrom<T>(items: readonly ReadRow<T>[]): Rows<T> {
  const rows: T[] = [];
  const skipped: SkippedRow[] = [];
  const unread: string[] = [];
  for (const read of items) {
    if ('row' in read) rows.push(read.row);
    else skipped.push(read.skipped);
    if (read.unread.length > 0) unread.push(...read.unread);
  }
  return { rows, skipped, unread };
}

/** One member of a list, as read. */
export type ReadRow<T> = { readonly unread: readonly string[] } & (
  { readonly row: T } | { readonly skipped: SkippedRow }
);

const NOTHING: readonly string[] = [];

export function readRow<S extends z.core.$ZodType>(
  { row, key, plain }: RowReader<S>,
  item: unknown,
): ReadRow<z.output<S>> {
  const read = plain?.(item);
  if (read !== undefined) return { row: read, unread: NOTHING };
  const parsed = z.safeParse(row, item);
  if (parsed.success) return { row: parsed.data, unread: unreadIn(row, item) };
  const skipped = { id: textIn(item, key), name: textIn(item, 'name'), why: reasonsOf(parsed.error) };
  return { skipped, unread: NOTHING };
}

function textIn(item: unknown, key: string): string | undefined {
  const text = fieldOf(item, key);
  return typeof text === 'string' && text !== '' ? text : undefined;
}

export function skippedText(count: number): string {
  return count === 1
    ? l10n.t(
        "1 row of ComfyDeploy's answer could not be read. It may be out of date or missing. See the log for details.",
      )
    : l10n.t(
        "{0} rows of ComfyDeploy's answer could not be read. They may be out of date or missing. See the log for details.",
        count,
      );
}
