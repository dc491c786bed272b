import * as l10n from '@vscode/l10n';
import { hasOutputs } from '../outputs/recentOutputs';
import type { GuardPreferences } from '../sessions/preferences';
import type { Hosting, Machine, MachineId, Session, SessionId, Work } from '../comfydeploy/model';
import { isStartable } from '../sessions/builds';
import { isOwn, type Ready, type Snapshot } from '../sessions/snapshot';
import { capabilitiesOf } from '../sessions/capabilities';
import { doubtOf } from '../sessions/doubt';
import { aloud, terse } from '../platform/durations';
import { cutInTheMiddle } from '../platform/plainText';
import { rowId, type AccountPlace, type MachinePlace, type Place, type SessionPlace } from './places';
import type { Arrangement } from './arrangement';
import type { OutputRow } from './outputRows';
import { scheduledOf } from '../guardian/scheduledText';
import { WARNING_COLOR, type AccountRow, type Icon, type RowFields } from './rowFields';
import {
  currentText,
  ownerOf,
  rowState,
  stateOf,
  type CurrentTextInput,
  type OwnerInput,
  type SessionState,
} from '../sessions/sessionText';
import { isShownRendering, workText } from '../activity/workText';

export interface MachineWordsInput {
  /** Whether the server still keeps the reason of a failed start on the machine. */
  readonly history: { readonly hasFailedStart: (id: MachineId) => boolean };
}

export interface RowsInput extends OwnerInput, CurrentTextInput, MachineWordsInput {
  /** For the user's own sessions that have a page; missing ones have not been read yet. */
  readonly work: ReadonlyMap<SessionId, Work>;
  /** The guard preferences of a session. */
  readonly preferencesOf: (id: SessionId) => GuardPreferences;
}

export interface RowsSettings extends Arrangement {
  /** Also show machines that cannot host sessions. */
  readonly showUnavailable: boolean;
}

export type Row =
  | (RowFields & { readonly kind: 'machine'; readonly machineId: MachineId })
  | (RowFields & { readonly kind: 'session'; readonly sessionId: SessionId })
  | (RowFields & { readonly kind: 'group' })
  | AccountRow
  | OutputRow;

/** Longest name, in characters, of a row without a time. */
const WIDEST = 15;
/** In a 200 px wide bar, the time behind a longer name is pushed out. */
const WIDEST_WITH_TIME = 11;
/** What is left of such a name, so that its end is also seen beside the row's buttons. */
const CUT = 9;

/** Makes one row. */
export function rowOf(place: Exclude<Place, AccountPlace>, ready: Ready, input: RowsInput): Row {
  switch (place.kind) {
    case 'machine':
      return machineRow(place, input);
    case 'session':
      return sessionRow(place, ready, input);
    case 'group':
      return othersRow(place.sessions);
  }
}

function machineRow({ machine, sessions, endsAt }: MachinePlace, input: RowsInput): Row {
  const { id, name, gpu, hosting } = machine;
  const isAble = hosting.kind === 'able';
  const description = isAble ? (gpu ?? l10n.t('no default GPU')) : reasonOf(hosting);
  return {
    kind: 'machine',
    id: rowId({ kind: 'machine', machine }),
    machineId: id,
    parent: undefined,
    label: sessions === 0 ? cutInTheMiddle(name, WIDEST) : nameBeforeTime(name),
    description: sessions === 0 ? description : runningText(sessions, endsAt - input.now),
    icon: sessions === 0 ? machineIcon(hosting) : ICONS.ready,
    contextValue: ['machine', ...capabilitiesOfMachine(machine, input)].join(' '),
    ariaLabel: [
      l10n.t('Machine {0}', name),
      isAble ? description : l10n.t("can't run sessions: {0}", description),
      countText(sessions),
    ].join(', '),
    isDimmed: !isAble && sessions === 0,
    hasChildren: sessions > 0,
  };
}

function nameBeforeTime(name: string): string {
  return cutInTheMiddle(name, WIDEST_WITH_TIME) === name ? name : cutInTheMiddle(name, CUT);
}

/** `24m · 3 sessions`: also while they are folded away. */
function runningText(sessions: number, left: number): string {
  const first = left > 0 && Number.isFinite(left) ? [terse(left)] : [];
  return [...first, countText(sessions)].join(' · ');
}

function machineIcon(hosting: Hosting): Icon {
  return hosting.kind === 'able'
    ? { id: 'server-environment' }
    : { id: unableIcon(hosting), color: 'disabledForeground' };
}

export function countText(sessions: number): string {
  if (sessions === 0) return l10n.t('no sessions');
  return sessions === 1 ? l10n.t('1 session') : l10n.t('{0} sessions', sessions);
}

/** What can be done with a machine, in the words of `when` clauses. */
function capabilitiesOfMachine(machine: Machine, { history }: MachineWordsInput): readonly string[] {
  const can = {
    '+create': isStartable(machine),
    '+version': machine.versionId !== undefined,
    '+failed': machine.versionId !== undefined && history.hasFailedStart(machine.id),
  };
  return Object.entries(can).flatMap(([word, isSo]) => (isSo ? [word] : []));
}

/** Why a machine cannot host a session, short enough for a row. */
export function reasonOf(hosting: Hosting): string {
  if (hosting.kind === 'able') return '';
  switch (hosting.why) {
    case 'type':
      return l10n.t('{0} machine, sessions not supported', hosting.type);
    case 'builder':
      return l10n.t('needs a rebuild');
    case 'unbuilt':
      return l10n.t('not built yet');
    case 'unread':
      return l10n.t("can't be read");
    case 'status':
      if (hosting.status === 'building') return l10n.t('building');
      if (hosting.status === 'not-started') return l10n.t('not built yet');
      return hosting.status === 'error' ? l10n.t('build failed') : l10n.t('not ready ({0})', hosting.status);
  }
}

function unableIcon(hosting: Extract<Hosting, { kind: 'unable' }>): string {
  switch (hosting.why) {
    case 'status':
      return hosting.status === 'error' ? 'error' : 'tools';
    case 'unbuilt':
      return 'tools';
    case 'type':
    case 'builder':
      return 'circle-slash';
    case 'unread':
      return 'question';
  }
}

function othersRow(count: number): Row {
  return {
    kind: 'group',
    id: rowId({ kind: 'group' }),
    parent: undefined,
    label: othersText(),
    description: '',
    icon: { id: 'archive' },
    contextValue: 'group',
    ariaLabel: [othersText(), countText(count)].join(', '),
    isDimmed: false,
    hasChildren: true,
  };
}

function othersText(): string {
  return l10n.t('Sessions on unlisted machines');
}

const ICONS: Readonly<Record<SessionState, Icon>> = {
  starting: { id: 'loading~spin' },
  ready: { id: 'vm-running', color: 'charts.green' },
  endingSoon: { id: 'watch', color: WARNING_COLOR },
  undated: { id: 'warning', color: WARNING_COLOR },
  ending: { id: 'vm-outline', color: 'disabledForeground' },
};
const RENDERING: Icon = { id: 'play-circle', color: 'charts.green' };

/** What can be done with a session; the guardian's abilities only for the user's own sessions. */
export function abilitiesOf(session: Session, snapshot: Snapshot): readonly string[] {
  const isOurs = snapshot.kind === 'ready' && isOwn(snapshot.account, session);
  const words = capabilitiesOf(session).split(' ');
  return words.filter((word) => word !== '' && (isOurs || word !== '+guard'));
}

function wordsOf(session: Session, ready: Ready, { keepAlive, finishThenEnd, lease }: GuardPreferences): string {
  const words = ['session', ...abilitiesOf(session, ready)];
  const canGuard = words.includes('+guard');
  if (canGuard && lease) words.push('+leased');
  if (canGuard && keepAlive) words.push('+kept');
  if (canGuard && finishThenEnd) words.push('+finishing');
  return words.join(' ');
}

function sessionRow(place: SessionPlace, ready: Ready, input: RowsInput): Row {
  const { session, parent, machine } = place;
  const { now, nameOf, work } = input;
  const preferences = input.preferencesOf(session.id);
  const isLeak = doubtOf(session)?.kind === 'leaked';
  const scheduled = () => (isGuarded(session, ready) ? scheduledOf(preferences) : []);
  const doing = workText(work.get(session.id), now);
  const owner = ownerOf(session, ready, nameOf);
  const isAlone = parent?.kind !== 'machine' && machine !== undefined;
  const parts = [rowState(session, input), isAlone ? session.gpu : undefined, doing, ...scheduled(), owner];
  const words = wordsOf(session, ready, preferences);
  return {
    kind: 'session',
    id: rowId(place),
    sessionId: session.id,
    parent: parent && rowId(parent),
    label: isAlone ? nameBeforeTime(machine.name) : session.gpu,
    description: parts.filter((part) => part !== undefined).join(' · '),
    icon: iconOf(session, input, isLeak),
    contextValue: isAlone ? [words, '+machine', ...capabilitiesOfMachine(machine, input)].join(' ') : words,
    ariaLabel: aloud(() => {
      const said = [
        stateInWords(session, currentText(session, input)),
        workText(work.get(session.id), now),
        ...scheduled(),
        owner === undefined ? undefined : l10n.t('started by {0}', owner),
      ];
      // Below its machine's row, the machine was already announced.
      const where = isAlone ? l10n.t('Session on {0}', machine.name) : undefined;
      return [where, session.gpu, ...said].filter((part) => part !== undefined).join(', ');
    }),
    isDimmed: session.phase === 'ending' && !isLeak,
    // The outputs are fetched only when the row is expanded.
    hasChildren: parent?.kind !== 'account' && isOwn(ready.account, session) && hasOutputs(session),
  };
}

/** What is scheduled for it happens. */
export function isGuarded(session: Session, { account }: Ready): boolean {
  return (session.phase === 'ready' || session.phase === 'starting') && isOwn(account, session);
}

function iconOf(session: Session, { now, work }: RowsInput, isLeak: boolean): Icon {
  if (isLeak) return ICONS.undated;
  const state = stateOf(session, now);
  return state === 'ready' && isShownRendering(work.get(session.id), now) ? RENDERING : ICONS[state];
}

function stateInWords({ phase }: Session, state: string): string {
  return phase === 'ready' ? l10n.t('ready, {0}', state) : state;
}
