import * as z from 'zod/mini';
import { largestOf } from '../platform/extremes';
import { readLines } from '../platform/jsonLines';
import { inCodes } from './oldReceipts';
import { bySession, fold, inOrder, ReceiptEvent, type Moved, type Receipt } from './receipts';
import { DAY } from '../platform/units';

/** Accounts and servers share one file: `scope` says whose the line is. A closed receipt is compacted to one line. */
const Line = z.lazy(() => z.object({ scope: z.string(), events: z.array(z.pipe(z.transform(inCodes), ReceiptEvent)) }));
type Line = z.infer<typeof Line>;

export function lineOf(scope: string, events: readonly ReceiptEvent[]): string {
  return JSON.stringify({ scope, events: [...events] } satisfies Line);
}

/** The events of one account on one server. Torn lines and lines of newer versions are only counted. */
export function parseReceipts(
  text: string,
  scope: string,
): { readonly events: readonly ReceiptEvent[]; readonly unreadable: number } {
  const { lines, unreadable } = readLines(text, Line);
  return { events: lines.flatMap(({ line }) => (line.scope === scope ? line.events : [])), unreadable };
}

const KEPT_FOR = 400 * DAY;
/** In all accounts together. */
export const MOST_RECEIPTS = 2_000;
/** Events of a session without an opening may still get one: they are kept this long. */
const WAITS_FOR = 2 * DAY;

/** The text without torn and old lines, and with one line for each session. @param now server time, ms. */
export function compact(text: string, now: number): string {
  const lines = readLines(text, Line).lines.map(({ line }) => line);
  const scopes = new Set(lines.map(({ scope }) => scope));
  const sessions = [...scopes].flatMap((scope) => {
    const events = lines.filter((line) => line.scope === scope).flatMap((line) => line.events);
    const receipts = fold(events);
    return [...bySession(events)].flatMap(([id, own]) => {
      const receipt = receipts.get(id);
      const at = receipt?.opened.createdAt ?? largestOf(own.map((event) => event.at));
      const isKept = now - at < (receipt ? KEPT_FOR : WAITS_FOR);
      return isKept ? [{ at, line: lineOf(scope, inOrder(receipt?.closed ? inShort(receipt) : own)) }] : [];
    });
  });
  const newest = sessions.sort((a, b) => b.at - a.at || (a.line < b.line ? -1 : 1)).slice(0, MOST_RECEIPTS);
  return newest.map(({ line }) => `${line}\n`).join('');
}

/** The fewest events that give the same receipt. */
function inShort({ opened, moved, kept, askedToEnd, notStarted, closed, leak }: Receipt): readonly ReceiptEvent[] {
  const { sessionId, at } = opened;
  const reasons = kept.map((why): ReceiptEvent => ({ kind: 'kept', sessionId, at, why }));
  return [opened, ...together(moved), ...reasons, askedToEnd ?? [], notStarted ?? [], leak ?? [], closed ?? []].flat();
}

/** One move for each pair of who moved it and why, with the sum of the minutes and the last end. */
function together(moved: readonly Moved[]): readonly Moved[] {
  const groups = new Map<string, Moved>();
  for (const move of moved) {
    const key = `${move.by} ${move.why ?? ''} ${move.byAgent ?? ''}`;
    groups.set(key, { ...move, minutes: move.minutes + (groups.get(key)?.minutes ?? 0) });
  }
  return [...groups.values()];
}
