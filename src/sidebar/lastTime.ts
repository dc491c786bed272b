import * as l10n from '@vscode/l10n';
import { age, terse } from '../platform/durations';

// What the view showed last, kept so that the next window shows it at once. It is read before the rest of the extension is
// there, so nothing here may need more than it says: no schemas, no store.

/** Where the editor's memory keeps it, for all windows. */
export const LAST_TIME = 'lastTime';
/** Nobody reads more rows before the first answer comes. */
export const MOST_ROWS = 60;
const LONGEST = 120;

/** A row as it was: a machine's name and what it is, or a session's GPU and end. */
export interface LastRow {
  readonly label: string;
  /** Of a machine; what is said of a session is old by now. Of one that stands for its machine, its GPU. */
  readonly description: string;
  readonly isSession: boolean;
  /** It stands in its machine's place. */
  readonly isAlone: boolean;
  /** Of a session, local clock, ms; undefined where none was known. */
  readonly endsAt: number | undefined;
}

export interface LastTime {
  /** Whose rows they are: an account on a server, as a short hash. */
  readonly scope: string;
  /** When they were true, local clock, ms. */
  readonly at: number;
  readonly rows: readonly LastRow[];
}

/** What the memory holds, which may be of any version: undefined for what is not the rows of this account. */
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

function fieldOf(kept: unknown, name: string): unknown {
  return typeof kept === 'object' && kept !== null ? Reflect.get(kept, name) : undefined;
}

function numberIn(kept: unknown, name: string): number | undefined {
  const value = fieldOf(kept, name);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function cut(text: string): string {
  return text.slice(0, LONGEST);
}

/** What can be said of a row now. */
export interface ShownLastRow {
  readonly id: string;
  readonly parent: string | undefined;
  readonly label: string;
  readonly description: string;
  readonly icon: 'vm-outline' | 'server-environment';
}

/** The rows that may still be true: a session whose end is over, or that had none, is not said to run. */
export function shownLastTime({ rows }: LastTime, now: number): readonly ShownLastRow[] {
  let machine: string | undefined; // the rows of a machine's sessions follow it
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

/** The line above them. */
export function ageOfLastTime({ at }: LastTime, now: number): string {
  return l10n.t('Updated {0}.', age(Math.max(0, now - at)));
}
