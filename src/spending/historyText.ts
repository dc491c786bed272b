import * as l10n from '@vscode/l10n';
import { plainText } from '../platform/plainText';
import { listText } from '../platform/language';
import {
  MOST_OF_REASON,
  type AskedToEnd,
  type Closed,
  type Moved,
  type NotStarted,
  type Receipt,
  type WhyKept,
} from './receipts';
import { minutesText } from '../platform/durations';

/** `ended by you`, `time ran out`. */
export function endText(receipt: Receipt): string {
  const end = whyEnded(receipt) ?? l10n.t('running');
  return receipt.closed?.source === 'seen' ? l10n.t('{0} (end time estimated)', end) : end;
}

/** The same without the note on estimates; undefined while it runs. */
export function whyEnded({ closed, askedToEnd, notStarted }: Receipt): string | undefined {
  if (!closed) return undefined;
  const isAsked = closed.why === askedToEnd?.by && closed.why !== 'you';
  const reason = isAsked ? askedText(askedToEnd) : notStarted && reasonText(notStarted);
  if (isCanceled({ closed, askedToEnd })) return l10n.t('Start canceled');
  if (closed.why === 'you' && askedToEnd?.byAgent) return l10n.t('ended by an agent');
  // The reason already names the rule that ended the session.
  const how = howEnded(isAsked ? 'guardian' : closed.why);
  return reason === undefined ? howEnded(closed.why) : l10n.t('{0}: {1}', how, reason);
}

/** The user ended it before it was ready. Without a container, the bill says that it began when it ended. */
export function isCanceled({ closed, askedToEnd }: Pick<Receipt, 'closed' | 'askedToEnd'>): boolean {
  return closed?.why === 'you' && (askedToEnd?.isUnready === true || closed.startedAt === closed.endedAt);
}

function howEnded(why: Closed['why']): string {
  switch (why) {
    case 'you':
      return l10n.t('ended by you');
    case 'idle':
      return l10n.t('ended automatically when idle');
    case 'finished':
    case 'atTime':
      return l10n.t('{0}: {1}', howEnded('guardian'), askedText({ by: why }) ?? '');
    case 'guardian':
      return l10n.t('ended automatically');
    case 'deadline':
      return l10n.t('time ran out');
    case 'failedToStart':
      return l10n.t('failed to start');
    case 'elsewhere':
      return l10n.t('ended elsewhere');
    case 'lost':
      return l10n.t('ended while VS Code was closed');
  }
}

/** The server's words, made safe to show. */
export function reasonText({ reason }: NotStarted): string {
  return plainText(reason, MOST_OF_REASON);
}

/** Why its end was requested: `idle for 12 min`. */
export function askedText({ by, idleMinutes }: Pick<AskedToEnd, 'by' | 'idleMinutes'>): string | undefined {
  switch (by) {
    case 'you':
      return l10n.t('you asked for it');
    case 'idle':
      return idleMinutes === undefined ? undefined : l10n.t('idle for {0}', minutesText(idleMinutes));
    case 'finished':
      return l10n.t('its queue was empty');
    case 'atTime':
      return l10n.t('it reached the time you set');
    case 'guardian':
      return undefined;
  }
}

function whyKept(why: WhyKept): string {
  switch (why) {
    case 'rendering':
      return l10n.t('it was rendering');
    case 'asked':
      return l10n.t('you kept it');
    case 'lease':
      return l10n.t('it was on a lease and in use');
  }
}

/** `kept alive: it was rendering, you kept it`; undefined if it was not kept. */
function keptText({ kept }: Receipt): string | undefined {
  if (kept.length === 0) return undefined;
  return l10n.t('kept alive: {0}', listText(kept.map(whyKept).sort()));
}

/** `extended 15 min by you, extended 10 min automatically`; undefined if its end was never moved. */
function movesText({ moved }: Receipt): string | undefined {
  const byAgent = moved.filter((move) => move.byAgent);
  const others = moved.filter((move) => !move.byAgent);
  const parts = (['you', 'guardian', 'elsewhere'] as const).flatMap((who) => {
    const minutes = minutesMoved(others, who);
    return minutes === 0 ? [] : [moveText(minutes, who)];
  });
  const minutes = minutesMoved(byAgent, 'you');
  if (minutes > 0) parts.push(l10n.t('extended {0} by an agent', minutesText(minutes)));
  return parts.length === 0 ? undefined : parts.join(', ');
}

function moveText(minutes: number, who: Moved['by']): string {
  const length = minutesText(Math.abs(minutes));
  if (minutes < 0) return l10n.t('shortened {0}', length);
  switch (who) {
    case 'you':
      return l10n.t('extended {0} by you', length);
    case 'guardian':
      return l10n.t('extended {0} automatically', length);
    case 'elsewhere':
      return l10n.t('extended {0} elsewhere', length);
  }
}

/** Who started it, how its end was moved, and why it was kept alive. */
export function detailsOf(receipt: Receipt): readonly string[] {
  const started = receipt.opened.byAgent ? l10n.t('started by an agent') : undefined;
  return [started, movesText(receipt), keptText(receipt)].filter((part) => part !== undefined);
}

export function minutesMoved(moved: Receipt['moved'], who: Moved['by']): number {
  return moved.filter(({ by }) => by === who).reduce((sum, { minutes }) => sum + minutes, 0);
}
