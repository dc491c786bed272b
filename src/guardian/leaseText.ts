import * as l10n from '@vscode/l10n';
import type { Prices, Session, SessionId, Work } from '../comfydeploy/model';
import { endTime, minutesText, timeOfDay } from '../platform/durations';
import type { GuardPreferences } from '../sessions/preferences';
import { sessionName } from '../sessions/sessionText';
import type { Snapshot } from '../sessions/snapshot';
import { freePlanText } from '../spending/lengths';
import { costText } from '../spending/menus';
import { capital } from '../platform/language';
import type { LeaseSettings, Limit } from './guardInput';
import type { AtLeaseLimit, LeaseLimit, Uncovered } from './lease';
import { shortfallOf, type Shortfall } from './queueCover';
import { HOUR } from '../platform/units';

/** The text in a row. */
export function leaseScheduled(): string {
  return l10n.t('on lease, renewed while used');
}

export function leaseLimitText({ session, why }: AtLeaseLimit, snapshot: Snapshot): string {
  return l10n.t({
    message: '{0} is in use and ends at {1}. {2}',
    args: [sessionName(session, snapshot), timeOfDay(session.endsAt), whyText(why)],
    comment: ['{2} is a sentence: why its lease is not renewed any more'],
  });
}

function whyText(why: LeaseLimit): string {
  switch (why) {
    case 'plan':
      return freePlanText();
    case 'most':
      return l10n.t('Its lease has been renewed for as long as your settings allow.');
    case 'price':
    case 'session':
    case 'day':
    case 'month':
      return l10n.t({ message: 'Its lease is not renewed: {0}.', args: [moneyReason(why)], comment: ['{0} says why'] });
  }
}

/** Why money keeps a session from being extended, inside a sentence. */
export function moneyReason(why: Exclude<Limit, 'minutes' | 'plan'>): string {
  switch (why) {
    case 'price':
      return l10n.t('the price of its GPU is unknown, and you have set a spending limit');
    case 'session':
      return l10n.t('it would exceed your spending limit for one session');
    case 'day':
      return l10n.t('it would exceed your spending limit for one day');
    case 'month':
      return l10n.t('it would exceed your spending limit for one month');
  }
}

export function uncoveredText(news: Uncovered, snapshot: Snapshot): string {
  return l10n.t({
    message: '{0}: {1}. Its lease has reached its limit.',
    args: [sessionName(news.session, snapshot), shortfallText(news)],
    comment: ['{1}: 3 of 12 queued runs may not finish if this computer sleeps'],
  });
}

function shortfallText({ runs, of }: Shortfall): string {
  if (of === 1) return l10n.t('the run may not finish if this computer sleeps');
  return l10n.t('{0} of {1} queued runs may not finish if this computer sleeps', runs, of);
}

export function renewedBlindText(session: Session, endsAt: number, snapshot: Snapshot): string {
  return l10n.t(
    'The queue of {0} cannot be read, so its lease was renewed once, to {1}. Unless it can be read by then, or you use the session, it ends.',
    sessionName(session, snapshot),
    timeOfDay(endsAt),
  );
}

export function unusedText(session: Session & { readonly endsAt: number }, snapshot: Snapshot): string {
  return l10n.t(
    '{0} is not in use. Its lease is not renewed, so it ends at {1}.',
    sessionName(session, snapshot),
    timeOfDay(session.endsAt),
  );
}

export function notRenewedText(session: Session & { readonly endsAt: number }, snapshot: Snapshot): string {
  return l10n.t(
    'The lease of {0} could not be renewed. The session ends at {1}.',
    sessionName(session, snapshot),
    timeOfDay(session.endsAt),
  );
}

/** What is agreed to: `On lease, renewed while used: 15 min at a time …`. @param since server time, ms. */
export function onLeaseText(
  gpu: string,
  lease: LeaseSettings,
  since: number,
  input: Pick<LeaseTextInput, 'prices' | 'now'>,
): string {
  return l10n.t('{0}: {1}', capital(leaseScheduled()), termsText(gpu, lease, since, input));
}

export interface LeaseTextInput {
  /** Server time, ms. */
  readonly now: number;
  readonly work: ReadonlyMap<SessionId, Work>;
  readonly prices: Prices | undefined;
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
  readonly limits: { readonly lease: LeaseSettings };
}

/** `15 min at a time (about $0.31), until 18:05 at the latest`; undefined without a lease. */
export function leaseTerms({ id, gpu }: Session, input: LeaseTextInput): string | undefined {
  const since = input.preferencesOf(id).lease?.since;
  return since === undefined ? undefined : termsText(gpu, input.limits.lease, since, input);
}

function termsText(
  gpu: string,
  { minutes, mostHours }: LeaseSettings,
  since: number,
  { prices, now }: Pick<LeaseTextInput, 'prices' | 'now'>,
): string {
  return l10n.t({
    message: '{0} at a time ({1}), until {2} at the latest',
    args: [minutesText(minutes), costText(prices?.get(gpu), minutes), endTime(since + mostHours * HOUR, now)],
    comment: ['{0} is a length of time, {1} a cost, {2} a time of day, or a day and a time'],
  });
}

/** What happens to its queue if nobody renews the lease; undefined if there is nothing to say. */
export function coverText(session: Session, { now, work, preferencesOf }: LeaseTextInput): string | undefined {
  const read = work.get(session.id);
  if (!('endsAt' in session) || !preferencesOf(session.id).lease || read?.activity.kind !== 'rendering')
    return undefined;
  const short = shortfallOf(read, session.endsAt, now);
  if (!short)
    return l10n.t('it is not known yet how long a run takes, so what waits may not finish if this computer sleeps');
  return short.runs === 0 ? l10n.t('all of it finishes, even if this computer sleeps') : shortfallText(short);
}
