import * as l10n from '@vscode/l10n';
import type { Prices, Session } from '../comfydeploy/model';
import { hourly } from '../platform/dollars';
import { allOwn, isOwn, type Ready } from '../sessions/snapshot';

/** Longer questions are not read. */
const MOST_LINES = 10;

/** At most ten lines, and how many more there are. */
export function tenLines(lines: readonly string[]): string {
  const more = lines.length - MOST_LINES;
  if (more <= 0) return lines.join('\n');
  const rest = more === 1 ? l10n.t('and 1 more') : l10n.t('and {0} more', more);
  return [...lines.slice(0, MOST_LINES), rest].join('\n');
}

/** `Together they cost about $4.20 an hour.`, as far as prices are known. */
export function togetherText(sessions: readonly Session[], prices: Prices | undefined): string {
  const { sum, missing } = hourlyOf(sessions, prices);
  if (sum === undefined) return l10n.t('The price is not known.');
  if (sessions.length === 1) return l10n.t('It costs {0}.', sum);
  return missing === 0
    ? l10n.t('Together they cost {0}.', sum)
    : l10n.t('Together they cost {0}, not counting {1} with no known price.', sum, missing);
}

/** The user's own and other members' sessions: `Live sessions: 2 of yours, 1 of other members`. */
export function liveText(ready: Ready): string {
  const own = allOwn(ready).length;
  const others = ready.sessions.length - own;
  if (others === 0) return own === 1 ? l10n.t('1 live session') : l10n.t('{0} live sessions', own);
  return l10n.t('Live sessions: {0} of yours, {1} of other members', own, others);
}

/** The hourly cost of all sessions, split in the same way; empty if no price is known. */
export function burnText(ready: Ready, prices: Prices | undefined): readonly string[] {
  const { sessions, account } = ready;
  const ownOnes = allOwn(ready);
  const others = ownOnes.length === sessions.length ? [] : sessions.filter((session) => !isOwn(account, session));
  const { sum, missing } = hourlyOf(sessions, prices);
  if (sum === undefined) return [];
  const [own, theirs] = [hourlyOf(ownOnes, prices).sum, hourlyOf(others, prices).sum];
  return [
    ...(own === undefined ? [] : [l10n.t('Your sessions cost about {0}.', own)]),
    ...(theirs === undefined ? [] : [l10n.t('Those of other members cost about {0}.', theirs)]),
    ...(missing > 0 ? [l10n.t('Some prices are unknown.')] : []),
  ];
}

interface Hourly {
  /** Undefined if no price is known. */
  readonly sum: string | undefined;
  /** Sessions without a known price, which the sum leaves out. */
  readonly missing: number;
}

/** The cost of the sessions together in an hour. */
export function hourlyOf(sessions: readonly Session[], prices: Prices | undefined): Hourly {
  const known = sessions.flatMap(({ gpu }) => prices?.get(gpu) ?? []);
  const sum = known.length === 0 ? undefined : hourly(known.reduce((total, price) => total + price, 0));
  return { sum, missing: sessions.length - known.length };
}
