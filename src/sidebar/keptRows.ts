import type { Clock } from '../platform/clock';
import type { Memory } from '../platform/memory';
import { findSession, isStale, type Ready, type Snapshot } from '../sessions/snapshot';
import { cut, LAST_TIME, MOST_ROWS, type LastRow, type LastTime } from './lastTime';
import type { Row } from './rows';
import { MINUTE } from '../platform/units';

/** How often the age is rewritten when the rows are unchanged, ms. */
const EVERY = 10 * MINUTE;

interface KeptRowsOptions {
  readonly memory: Memory;
  readonly appState: () => { readonly snapshot: Snapshot; readonly now: number; readonly localNow: number };
  readonly rows: () => Iterable<Row>;
  /** Whether another window writes the rows. */
  readonly isOthers: () => boolean;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** Stores what the view shows for the next window, but only when it changed or the stored copy is old. */
export class KeptRows {
  /** The rows as stored, with their account. */
  #written: string | undefined;
  #at = Number.NEGATIVE_INFINITY;

  constructor(private readonly options: KeptRowsOptions) {}

  redraw(): void {
    const { memory, appState, isOthers, clock } = this.options;
    const now = appState();
    if (now.snapshot.kind === 'signedOut') return this.#forget();
    if (now.snapshot.kind !== 'ready' || isStale(now.snapshot) || isOthers()) return;
    const { scope, asOf } = now.snapshot;
    const rows = this.#rows(now.snapshot, now.localNow - now.now);
    const text = JSON.stringify([scope, rows]);
    if (text === this.#written && clock.monotonic() - this.#at < EVERY) return;
    this.#written = text;
    this.#at = clock.monotonic();
    void memory.update(LAST_TIME, { scope, at: asOf, rows } satisfies LastTime);
  }

  /** Nobody is signed in: removes the stored rows. */
  #forget(): void {
    this.#written = undefined;
    if (this.options.memory.get(LAST_TIME) !== undefined) void this.options.memory.update(LAST_TIME, undefined);
  }

  /** @param ahead how far the local clock is ahead of the server's, ms. */
  #rows(snapshot: Ready, ahead: number): readonly LastRow[] {
    const kept: LastRow[] = [];
    for (const row of this.options.rows()) {
      if (kept.length >= MOST_ROWS) break;
      if (row.kind === 'machine' || row.kind === 'group')
        kept.push({
          label: cut(row.label),
          description: cut(row.description),
          isSession: false,
          isAlone: false,
          endsAt: undefined,
        });
      if (row.kind !== 'session') continue;
      const session = findSession(snapshot, row.sessionId);
      // Rounded, or every new measurement of the clock offset would change the text.
      const endsAt =
        session && 'endsAt' in session ? Math.round((session.endsAt + ahead) / SECONDS) * SECONDS : undefined;
      const isAlone = row.parent === undefined;
      const description = isAlone ? cut(session?.gpu ?? '') : '';
      kept.push({ label: cut(row.label), description, isSession: true, isAlone, endsAt });
    }
    return kept;
  }
}

/** ms. */
const SECONDS = 10_000;
