import * as l10n from '@vscode/l10n';
import type { Prices, Session, SessionId, Work } from '../comfydeploy/model';
import type { LeaseSettings } from '../guardian/guardInput';
import { lastThirdOf } from '../guardian/leaseUse';
import type { GuardPreferences } from '../sessions/preferences';
import type { Spending } from '../spending/spending';
import { endOrNever, warningLead } from '../sessions/deadline';
import { allOwn, machineOf, type Ready } from '../sessions/snapshot';
import { accountText } from './accountText';
import { burnText, liveText } from './burnText';
import { MINUTE } from '../platform/units';
import { cutInTheMiddle } from '../platform/plainText';
import { aloud } from '../platform/durations';
import { oldPrices, spendingLines, type PriceAgeInput, type SpendingLinesInput } from '../spending/moneyText';
import {
  currentText,
  ownerOf,
  sessionName,
  shortState,
  type CurrentTextInput,
  type OwnerInput,
} from '../sessions/sessionText';
import type { Tooltip } from '../platform/tooltip';
import { workText } from '../activity/workText';
import { apart } from '../sessions/twins';

/** Longest machine name, in characters: the status bar is shared. */
const WIDEST = 24;
/** More lines are not read, and each needs a machine's name. */
const MOST_LINES = 10;

export interface StatusInput extends OwnerInput, CurrentTextInput, PriceAgeInput, SpendingLinesInput {
  /** For the user's own sessions that have a page. */
  readonly work: ReadonlyMap<SessionId, Work>;
  readonly prices: Prices | undefined;
  readonly spending: Spending;
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
  readonly limits: { readonly lease: LeaseSettings };
}

export interface StatusSettings {
  /** Minutes before the end at which the user wants to be warned. */
  readonly warnAt: readonly number[];
  /** Also count other members' sessions. */
  readonly watchOthers: boolean;
}

export interface Status {
  /** The session that is shown. */
  readonly sessionId: SessionId;
  /** The codicon before the text. */
  readonly icon: string;
  readonly text: string;
  readonly ariaLabel: string;
  readonly tooltip: Tooltip;
  readonly isUrgent: boolean;
}

/** The status bar's text: the session that ends next. Undefined, and hidden, if nothing runs. */
export function statusOf(input: StatusInput, { warnAt, watchOthers }: StatusSettings): Status | undefined {
  const { snapshot, now, countdowns } = input;
  if (snapshot.kind !== 'ready') return undefined;
  const [own] = firstToEnd(allOwn(snapshot), 1, input);
  const sorted = firstToEnd(snapshot.sessions, MOST_LINES, input);
  const next = own ?? sorted[0];
  if (!next) return undefined;
  const owner = ownerOf(next, snapshot, input.nameOf);
  const isWatched = owner === undefined || watchOthers;
  const isNear =
    isWatched &&
    next.phase === 'ready' &&
    next.endsAt - now <= warningLead(next, Math.max(0, ...rungsOf(next, warnAt, input)));
  const isUrgent = isNear || (isWatched && countdowns.has(next.id));
  const whose = owner === undefined ? '' : ` · ${owner}`;
  const icon = next.phase === 'starting' ? 'loading~spin' : isUrgent ? 'watch' : 'vm-running';
  return {
    sessionId: next.id,
    icon,
    text: `${placeOf(next, snapshot)} ${shortState(next, input)}${whose}`,
    ariaLabel: aloud(() =>
      [
        titleInWords(owner),
        sessionName(next, snapshot),
        withWork(currentText(next, input), next, input, ', '),
        clickText(snapshot.sessions.length),
      ].join(', '),
    ),
    tooltip: {
      title: titleOf(snapshot),
      lines: [
        ...sorted.map((session) => [sessionName(session, snapshot), lineOf(session, snapshot, input)] as const),
        ...spendingLines(input),
        ...accountLine(input),
      ],
      note: noteOf(snapshot, input),
    },
    isUrgent,
  };
}

/** The sessions that end first, in that order. Does not sort them all: there may be thousands. */
function firstToEnd(sessions: readonly Session[], most: number, input: StatusInput): readonly Session[] {
  const first: Session[] = [];
  const ends: number[] = [];
  for (const session of sessions) {
    const end = endOf(session, input);
    if (first.length === most && end >= (ends[most - 1] ?? Infinity)) continue;
    const later = ends.findIndex((one) => one > end);
    const at = later === -1 ? ends.length : later;
    first.splice(at, 0, session);
    ends.splice(at, 0, end);
    first.length = ends.length = Math.min(most, ends.length);
  }
  return first;
}

/** A leased session is always about to end: warnings earlier than its renewal do not count. */
function rungsOf(
  { id }: Session,
  warnAt: readonly number[],
  { preferencesOf, limits }: StatusInput,
): readonly number[] {
  return preferencesOf(id).lease ? warnAt.filter((minutes) => minutes * MINUTE < lastThirdOf(limits.lease)) : warnAt;
}

function titleInWords(owner: string | undefined): string {
  return owner === undefined ? l10n.t('ComfyDeploy session') : l10n.t('ComfyDeploy session of {0}', owner);
}

/** The account in full; the view's title has less room. */
function accountLine(input: StatusInput): readonly (readonly [string, string])[] {
  const account = accountText(input);
  return account === undefined ? [] : [[l10n.t('Account'), account]];
}

/** `12 min left · rendering`, and the owner if it is somebody else's. */
function lineOf(session: Session, ready: Ready, input: StatusInput): string {
  const line = withWork(currentText(session, input), session, input) + apart(session, ready);
  const owner = ownerOf(session, ready, input.nameOf);
  return owner === undefined ? line : `${line} · ${owner}`;
}

function withWork(state: string, { id }: Session, { work, now }: StatusInput, separator = ' · '): string {
  const doing = workText(work.get(id), now);
  return doing === undefined ? state : `${state}${separator}${doing}`;
}

function titleOf(ready: Ready): string {
  const title = liveText(ready);
  return ready.sessions.length > MOST_LINES ? l10n.t('{0}, the first {1} to end', title, MOST_LINES) : title;
}

/** Where it runs: the machine, or the GPU if the machine is not listed. */
function placeOf(session: Session, ready: Ready): string {
  const machine = machineOf(ready, session);
  return machine ? cutInTheMiddle(machine.name, WIDEST) : session.gpu;
}

/** For screen readers, at the end: what a click does. */
function clickText(sessions: number): string {
  return sessions === 1
    ? l10n.t('click for what can be done with it')
    : l10n.t('click to choose among {0} sessions', sessions);
}

function endOf(session: Session, { countdowns }: CurrentTextInput): number {
  return countdowns.get(session.id) ?? endOrNever(session);
}

function noteOf(ready: Ready, input: StatusInput): string {
  const burn = burnText(ready, input.prices);
  if (burn.length === 0) return l10n.t('Prices are not known yet.');
  const age = oldPrices(input);
  return [
    ...burn,
    ...(age === undefined
      ? []
      : [l10n.t({ message: 'Based on {0}.', args: [age], comment: ['{0} is “prices from …”, with their age.'] })]),
    l10n.t('All costs are estimates.'),
  ].join(' ');
}
