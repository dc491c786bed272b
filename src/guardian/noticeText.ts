import { asSentence } from '../platform/errors';
import type { Announcement } from './announcement';
import type { Limit } from './guardInput';
import type { Session } from '../comfydeploy/model';
import { isMine } from '../sessions/snapshot';
import { costText } from '../spending/menus';
import { exactTime, minutesText, timeOfDay } from '../platform/durations';
import { endReasonText } from './endReasonText';
import { ceilingText, type CeilingTextInput } from '../spending/moneyText';
import { reminderText, type ReminderTextInput } from './reminderText';
import { sessionName, type OwnerInput } from '../sessions/sessionText';

export interface NoticeTextInput extends OwnerInput, ReminderTextInput, CeilingTextInput {}

/** What a notice says. It cannot be taken back or changed, so it says what stays true: when, not in how long. */
export function noticeText(told: Announcement, facts: NoticeTextInput): string {
  switch (told.kind) {
    case 'warn':
      return `${whose(told.session, facts)} ends at ${timeOfDay(told.session.endsAt)}.${another(told.session, facts)}`;
    case 'countdown':
      return `${idleText(told, facts)} It will be ended at ${exactTime(told.endsAt)}.${putOffText(told)}`;
    case 'ceiling':
      return ceilingText(told.warning, facts);
    case 'remind':
      return reminderText(told, facts);
    case 'limit':
      return `${sessionName(told.session, facts.snapshot)} is rendering and ends at ${timeOfDay(told.session.endsAt)}. ${limitText(told.why, told.added)}`;
    case 'extended':
      return `${sessionName(told.session, facts.snapshot)} renders and was kept alive until ${timeOfDay(told.endsAt)}.`;
    case 'ended':
      return `${sessionName(told.session, facts.snapshot)} was ended: ${endReasonText(told.why)}.`;
    case 'failed':
      return `${failureOf(told, facts)} ${asSentence(told.error.message)} This is tried again by itself.`;
  }
}

function failureOf({ act }: Extract<Announcement, { kind: 'failed' }>, facts: NoticeTextInput): string {
  const name = sessionName(act.session, facts.snapshot);
  switch (act.kind) {
    case 'end':
      return `${name} could not be ended and is still billed.`;
    case 'extend':
      return `${name} is rendering, ends at ${timeOfDay(act.session.endsAt)} and could not be kept alive.`;
  }
}

function idleText(
  { session, why, idleSince }: Extract<Announcement, { kind: 'countdown' }>,
  facts: NoticeTextInput,
): string {
  const name = sessionName(session, facts.snapshot);
  switch (why) {
    case 'idle':
      return `${name} has been idle since ${timeOfDay(idleSince)}.`;
    case 'finished':
      return `The queue of ${name} is empty.`;
    case 'atTime':
      return `You set ${name} to end at this time.`;
  }
}

function putOffText({ putOffUntil }: Extract<Announcement, { kind: 'countdown' }>): string {
  if (putOffUntil === undefined) return '';
  return ` If its outputs are still being saved then, it ends when they are, at ${exactTime(putOffUntil)} at the latest.`;
}

function limitText(why: Limit, added: number): string {
  switch (why) {
    case 'minutes':
      return added === 0
        ? 'The settings do not allow to keep it alive.'
        : `It was kept alive for ${minutesText(added)}, which is all that the settings allow.`;
    case 'price':
      return 'It is not kept alive any longer: the price of its GPU is unknown, and you have set a limit to what may be spent.';
    case 'session':
      return 'It is not kept alive any longer: it would cost more than you allow for one session.';
    case 'day':
      return 'It is not kept alive any longer: it would cost more than you allow for one day.';
    case 'month':
      return 'It is not kept alive any longer: it would cost more than you allow for one month.';
  }
}

function another({ gpu }: Session, { prices }: ReminderTextInput): string {
  const price = prices?.get(gpu);
  return price === undefined ? '' : ` Another hour costs ${costText(price, 60)}.`;
}

function whose(session: Session, facts: OwnerInput): string {
  const { snapshot, nameOf } = facts;
  const isOurs = snapshot.kind !== 'ready' || isMine(snapshot.account, session);
  if (isOurs || session.userId === undefined) return sessionName(session, facts.snapshot);
  return `${sessionName(session, facts.snapshot)}, started by ${nameOf(session.userId) ?? 'another member'},`;
}
