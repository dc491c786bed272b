import * as l10n from '@vscode/l10n';
import type { Machine, Session, SessionId } from '../comfydeploy/model';
import { isOwn, machineOf, type Ready, type Snapshot } from './snapshot';
import { coarse, terse, timeLeft } from '../platform/durations';
import { warningLead } from './deadline';
import { doubtInShort } from './doubt';

export interface OwnerInput {
  readonly snapshot: Snapshot;
  /** The name of a member, by the user's id; undefined while it is not known. */
  readonly nameOf: (userId: string) => string | undefined;
}

export interface StateAndOwnerInput extends OwnerInput {
  /** Server time, ms. */
  readonly now: number;
}

export interface CurrentTextInput {
  /** Server time, ms. */
  readonly now: number;
  /** When sessions are ended automatically unless the user keeps them, server time, ms. */
  readonly countdowns: ReadonlyMap<SessionId, number>;
  /** Sessions whose outputs are being saved, in any window. */
  readonly saving: ReadonlySet<SessionId>;
}

/** Minutes. */
const SOON = 5;

/** The phase as shown: a ready session near its deadline is a state of its own. */
export type SessionState = Session['phase'] | 'endingSoon';

export function stateOf(session: Session, now: number): SessionState {
  const isSoon = session.phase === 'ready' && session.endsAt - now <= warningLead(session, SOON);
  return isSoon ? 'endingSoon' : session.phase;
}

/** Shown in place of the name of a machine that the server does not list. */
export function unlistedMachine(): string {
  return l10n.t({
    message: 'an unlisted machine',
    comment: ['In place of the name of a machine: A10G on an unlisted machine'],
  });
}

/** `sd-box`, and its account if that is not the one in use: `sd-box (Ada Lovelace · org …f3kZ9a)`. */
function machineName(session: Session, snapshot: Snapshot): string | undefined {
  const name = machineOf(snapshot, session)?.name;
  const account = snapshot.kind === 'ready' ? snapshot.named : undefined;
  return account === undefined ? name : `${name ?? unlistedMachine()} (${account})`;
}

/** `A10G on sd-box`. */
export function sessionName(session: Session, snapshot: Snapshot): string {
  return gpuOn(session.gpu, machineName(session, snapshot) ?? unlistedMachine());
}

export function gpuOn(gpu: string, machineName: string): string {
  return l10n.t({ message: '{0} on {1}', args: [gpu, machineName], comment: ['{0} is a GPU, {1} a machine'] });
}

/** `The A10G session on sd-box`, at the start of a sentence; `otherwise` if the session is no longer known. */
export function theSession(
  session: Session | undefined,
  snapshot: Snapshot,
  otherwise = l10n.t('The session'),
): string {
  if (!session) return otherwise;
  return l10n.t({
    message: 'The {0} session on {1}',
    args: [session.gpu, machineName(session, snapshot) ?? unlistedMachine()],
    comment: ['{0} is a GPU, {1} a machine; a sentence begins with it'],
  });
}

/** `sd-box (A10G)`, for questions and titles. */
export function sessionTitle(session: Session, snapshot: Snapshot): string {
  const name = machineName(session, snapshot);
  return name === undefined ? session.gpu : titleOn({ name }, session.gpu);
}

/** The same for a session that may not be listed yet. */
export function titleOn({ name }: Pick<Machine, 'name'>, gpu: string): string {
  return `${name} (${gpu})`;
}

/** The same with the owner's name if it is somebody else's: `Mira Okafor's session on sd-box (A10G)`. */
export function whoseTitle(session: Session, input: OwnerInput): string {
  const owner = ownerIn(session, input);
  const title = sessionTitle(session, input.snapshot);
  return owner === undefined ? title : l10n.t("{0}'s session on {1}", owner, title);
}

/** `the session on sd-box (A10G)`, or somebody else's, inside a question. */
export function whoseSession(session: Session, input: OwnerInput): string {
  const isTheirs = ownerIn(session, input) !== undefined;
  return isTheirs ? whoseTitle(session, input) : l10n.t('the session on {0}', sessionTitle(session, input.snapshot));
}

/** `12 min left · Mira Okafor`, in a list of sessions; the user's own have no name. */
export function stateAndOwner(session: Session, input: StateAndOwnerInput): string {
  const owner = ownerIn(session, input);
  return `${stateText(session, input.now)}${owner === undefined ? '' : ` · ${owner}`}`;
}

function ownerIn(session: Session, { snapshot, nameOf }: OwnerInput): string | undefined {
  return snapshot.kind === 'ready' ? ownerOf(session, snapshot, nameOf) : undefined;
}

/** What is happening to it, in a few words: `12 min left`, `ending in 40 s`. */
export function currentText(session: Session, input: CurrentTextInput): string {
  const { now, countdowns } = input;
  const endsAt = countdowns.get(session.id);
  if (endsAt === undefined || session.phase !== 'ready') return stateText(session, now);
  return endingText(session, endsAt, input);
}

function endingText({ id }: Session, endsAt: number, { now, saving }: CurrentTextInput): string {
  if (saving.has(id)) return l10n.t('ending once saved');
  return endsAt <= now ? l10n.t('ending now') : l10n.t('ending in {0}', coarse(endsAt - now));
}

/** The same for a row, with the time first so that a narrow bar still shows it: `24m`, `29m · starting`. */
export function rowState(session: Session, input: CurrentTextInput): string {
  const { now, countdowns } = input;
  if (!('endsAt' in session)) return stateText(session, now);
  const endsAt = countdowns.get(session.id);
  if (endsAt !== undefined && session.phase === 'ready') return endingText(session, endsAt, input);
  const left = session.endsAt <= now ? l10n.t('time is up') : terse(session.endsAt - now);
  return session.phase === 'starting' ? `${left} · ${l10n.t('starting')}` : left;
}

/** The same, from what the server says alone. */
export function stateText(session: Session, now: number): string {
  switch (session.phase) {
    case 'starting':
      return l10n.t('starting, {0}', timeLeft(session.endsAt - now));
    case 'ready':
      return timeLeft(session.endsAt - now);
    case 'undated':
      return l10n.t('billed, not listed');
    case 'ending':
      return session.doubt ? doubtInShort(session.doubt) : l10n.t('ending (still billing)');
  }
}

/** The owner's name if the session is somebody else's. */
export function ownerOf(session: Session, { account }: Ready, nameOf: OwnerInput['nameOf']): string | undefined {
  if (session.userId === undefined || isOwn(account, session)) return undefined;
  return nameOf(session.userId) ?? l10n.t('another member');
}

/** For the status bar, which is short: `12 min`, `starting`. */
export function shortState(session: Session, input: CurrentTextInput): string {
  const { now, countdowns } = input;
  if (session.phase === 'starting') return l10n.t('starting');
  if (session.phase === 'ending') return session.doubt?.kind === 'leaked' ? l10n.t('still billed') : l10n.t('ending');
  if (session.phase === 'undated') return l10n.t('no deadline');
  const endsAt = countdowns.get(session.id);
  if (endsAt !== undefined) return endingText(session, endsAt, input);
  return session.endsAt <= now ? l10n.t('time is up') : coarse(session.endsAt - now);
}
