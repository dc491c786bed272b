import * as l10n from '@vscode/l10n';
import { age, terse } from '../platform/durations';
import { fieldOf } from '../platform/plainJson';

// What the view showed last, stored so that the next window shows it at once. This file is loaded before the rest of
// the extension, so it must not import schemas or the store.

/** Its key in the editor's memory, shared by all windows. */
export const LAST_TIME = 'lastTime';
/** The most rows that are stored; nobody reads more before the first answer comes. */
export const MOST_ROWS = 60;
const LONGEST = 120;

/** A row as it was: a machine's name and description, or a session's GPU and end. */
export interface LastRow {
  readonly label: string;
  /** Of a machine; empty for a session, whose state is outdated. For a session in its machine's place, its GPU. */
  readonly description: string;
  readonly isSession: boolean;
  /** It is shown in its machine's place. */
  readonly isAlone: boolean;
  /** End of a session, local clock, ms; undefined if not known. */
  readonly endsAt: number | undefined;
}

export interface LastTime {
  /** The account that the rows belong to: account and server as a short hash. */
  readonly scope: string;
  /** When they were up to date, local clock, ms. */
  readonly at: number;
  readonly rows: readonly LastRow[];
}

/** The stored rows, which may come from any version; undefined if they are not this account's. */
export function lastTimeFrom(kept: unknown, scope: string): LastTime | undefined {
  const rows = fieldOf(kept, 'rows');
  const at = numberIn(kept, 'at');
  if (fieldOf(kept, 'scope') !== scope || at === undefined || !Array.isArray(rows)) return undefined;
  return { scope, at, rows: rows.slice(0, MOST_ROWS).flatMap(rowFrom) };
}

function rowFrom(kept: unknown): readonly LastRow[] {
  const [label, description] = [fieldOf(kept, 'label'), fieldOf(kept, 'description')];
  if (typeof label !== 'string' || typeof description !== 'string') return [];
  const isSession = fieldOf(kept, 'isSession') === true;
  const isAlone = fieldOf(kept, 'isAlone') === true;
  return [{ label: cut(label), description: cut(description), isSession, isAlone, endsAt: numberIn(kept, 'endsAt') }];
}

function numberIn(kept: unknown, name: string): number | undefined {
  const value = fieldOf(kept, name);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function cut(text: string): string {
  return text.slice(0, LONGEST);
}

/** A stored row as it is shown now. */
export interface ShownLastRow {
  readonly id: string;
  readonly parent: string | undefined;
  readonly label: string;
  readonly description: string;
  readonly icon: 'vm-outline' | 'server-environment';
}

/** The rows that may still be true: sessions that have ended, or had no known end, are left out. */
export function shownLastTime({ rows }: LastTime, now: number): readonly ShownLastRow[] {
  let machine: string | undefined; // a machine's row comes before those of its sessions
  return rows.flatMap(({ label, description, isSession, isAlone, endsAt }, index): readonly ShownLastRow[] => {
    const id = `last:${index}`;
    const left = endsAt === undefined || endsAt <= now ? undefined : terse(endsAt - now);
    if (isAlone && left !== undefined)
      return [{ id, parent: undefined, label, description: `${left} · ${description}`, icon: 'vm-outline' }];
    if (!isSession || isAlone) {
      machine = id;
      return [{ id, parent: undefined, label, description, icon: 'server-environment' }];
    }
    return left === undefined ? [] : [{ id, parent: machine, label, description: left, icon: 'vm-outline' }];
  });
}

/** The message above the rows. */
export function ageOfLastTime({ at }: LastTime, now: number): string {
  return l10n.t('Updated {0}.', age(Math.max(0, now - at)));
}
