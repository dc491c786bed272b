import * as l10n from '@vscode/l10n';
import { asSentence } from '../platform/errors';
import type { Announcement } from './announcement';
import type { Limit } from './guardInput';
import type { Session } from '../comfydeploy/model';
import type { Warning } from './ladder';
import { about } from '../platform/dollars';
import { extensionLeft, freePlanText } from '../spending/lengths';
import { askedText } from '../spending/historyText';
import { costText } from '../spending/menus';
import type { Spending } from '../spending/spending';
import { minutesText, timeOfDay } from '../platform/durations';
import { leaseLimitText, moneyReason, notRenewedText, renewedBlindText, uncoveredText, unusedText } from './leaseText';
import { spendingLimitsText, type SpendingLimitTextInput } from '../spending/moneyText';
import { reminderText, type ReminderTextInput } from './reminderText';
import { ownerOf, sessionName, type OwnerInput } from '../sessions/sessionText';

export interface NoticeTextInput extends OwnerInput, ReminderTextInput, SpendingLimitTextInput {
  readonly spending: Pick<Spending, 'of'>;
  /** In all, for one session. */
  readonly limits: { readonly planMinutes: number };
}

/**
 * The text of a notice. It cannot be changed later, so it says what stays true: a time of day, not a remaining time.
 */
export function noticeText(news: Announcement, input: NoticeTextInput): string {
  switch (news.kind) {
    case 'warn':
      if (news.isLeased) return unusedText(news.session, input.snapshot);
      return sentences(warningText(news.session, input), anotherText(news.session, input));
    case 'countdown':
      return sentences(
        idleText(news, input),
        l10n.t('It ends automatically at {0}.', timeOfDay(news.endsAt)),
        putOffText(news),
      );
    case 'spendingLimit':
      return spendingLimitsText([news.warning], input);
    case 'remind':
      return reminderText(news, input);
    case 'leaseLimit':
      return leaseLimitText(news, input.snapshot);
    case 'uncovered':
      return uncoveredText(news, input.snapshot);
    case 'renewedBlind':
      return renewedBlindText(news.session, news.endsAt, input.snapshot);
    case 'limit':
      return sentences(
        l10n.t('{0} is rendering and ends at {1}.', nameIn(news, input), timeOfDay(news.session.endsAt)),
        limitText(news.why, news.added),
      );
    case 'extended':
      return l10n.t("{0}: extended to {1} because it's rendering.", nameIn(news, input), timeOfDay(news.endsAt));
    case 'ended':
      return endedText(news, input);
    case 'failed':
      return sentences(failureOf(news, input), asSentence(news.error.message), l10n.t('Retrying automatically.'));
  }
}

function sentences(...all: readonly (string | undefined)[]): string {
  return all.filter((sentence) => sentence !== undefined).join(' ');
}

function nameIn({ session }: { readonly session: Session }, { snapshot }: OwnerInput): string {
  return sessionName(session, snapshot);
}

/**
 * `Ended A10G on sd-box: idle for 15 min. Total cost: about $0.58.` Stays until read, for users who come back later.
 */
function endedText(news: Extract<Announcement, { kind: 'ended' }>, input: NoticeTextInput): string {
  const cost = input.spending.of(news.session.id);
  const total = cost > 0n ? l10n.t('Total cost: {0}.', about(cost)) : undefined;
  const ended = l10n.t({
    message: 'Ended {0}: {1}.',
    args: [nameIn(news, input), reasonText(news)],
    comment: ['{0} is a session, {1} says why: idle for 15 min, time ran out'],
  });
  return sentences(ended, total);
}

function reasonText({ why, idleMinutes }: Extract<Announcement, { kind: 'ended' }>): string {
  switch (why) {
    case 'time':
      return l10n.t('time ran out');
    case 'idle':
    case 'finished':
    case 'atTime':
      return askedText({ by: why, idleMinutes }) ?? '';
  }
}

function failureOf({ act }: Extract<Announcement, { kind: 'failed' }>, input: NoticeTextInput): string {
  const name = nameIn(act, input);
  switch (act.kind) {
    case 'end':
      return l10n.t('{0} could not be ended and is still billed.', name);
    case 'renew':
      return notRenewedText(act.session, input.snapshot);
    case 'extend':
      return l10n.t(
        '{0} is rendering and ends at {1}, but could not be extended.',
        name,
        timeOfDay(act.session.endsAt),
      );
  }
}

function idleText(news: Extract<Announcement, { kind: 'countdown' }>, input: NoticeTextInput): string {
  const name = nameIn(news, input);
  switch (news.why) {
    case 'idle':
      return l10n.t('{0} has been idle since {1}.', name, timeOfDay(news.idleSince));
    case 'finished':
      return l10n.t('The queue of {0} is empty.', name);
    case 'atTime':
      return l10n.t('You set {0} to end at this time.', name);
  }
}

function putOffText({ putOffUntil }: Extract<Announcement, { kind: 'countdown' }>): string | undefined {
  if (putOffUntil === undefined) return undefined;
  return l10n.t(
    'If its outputs are still being saved then, it ends once they are saved, at {0} at the latest.',
    timeOfDay(putOffUntil),
  );
}

function limitText(why: Limit, added: number): string {
  switch (why) {
    case 'minutes':
      return added === 0
        ? l10n.t("Your settings don't allow extending it.")
        : l10n.t('It was extended by {0}, the most that your settings allow.', minutesText(added));
    case 'plan':
      return freePlanText();
    case 'price':
    case 'session':
    case 'day':
    case 'month':
      return l10n.t({
        message: "It won't be extended further: {0}.",
        args: [moneyReason(why)],
        comment: ['{0} says why'],
      });
  }
}

function anotherText(session: Session, { prices, limits }: NoticeTextInput): string | undefined {
  if (extensionLeft(session, limits.planMinutes) < 60) return freePlanText();
  const price = prices?.get(session.gpu);
  return price === undefined ? undefined : l10n.t('Another hour costs {0}.', costText(price, 60));
}

function warningText(session: Warning['session'], input: OwnerInput): string {
  const { snapshot, nameOf } = input;
  const owner = snapshot.kind === 'ready' ? ownerOf(session, snapshot, nameOf) : undefined;
  const [name, at] = [sessionName(session, snapshot), timeOfDay(session.endsAt)];
  return owner === undefined
    ? l10n.t('{0} ends at {1}.', name, at)
    : l10n.t('{0}, started by {1}, ends at {2}.', name, owner, at);
}
