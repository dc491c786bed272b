import * as l10n from '@vscode/l10n';
import { minutesText } from '../platform/durations';
import { ApiError, toApiError } from '../platform/errors';
import type { Disk } from '../platform/folder';
import { failureAndHint, networkHintOf, troubleOf } from '../platform/networkHint';
import { MINUTE } from '../platform/units';
import { isStale, problemOf, type Snapshot } from '../sessions/snapshot';

/** What can be examined; these names stand in reports, in every language. */
export type Part =
  | 'key'
  | 'keyStore'
  | 'server'
  | 'network'
  | 'clock'
  | 'prices'
  | 'socket'
  | 'frame'
  | 'windows'
  | 'storage'
  | 'outputs';

/** What was found. Only the text is for people here; only the code leaves this computer. */
export interface Found {
  readonly state: 'well' | 'wrong' | 'unknown';
  readonly text?: string;
  readonly code?: string;
  readonly fix?: Fix;
}

export interface Finding extends Found {
  readonly part: Part;
}

/** A command that may help. */
export interface Fix {
  readonly title: string;
  /** Its whole name. */
  readonly command: string;
  readonly arg?: string;
}

/** What a report says of the surroundings. */
export interface About {
  readonly version: string;
  readonly editor: string;
  readonly isWeb: boolean;
  readonly isRemote: boolean;
  readonly hasProxy: boolean;
}

export const WELL: Found = { state: 'well' };
export const MARKS = { well: '✓', wrong: '✗', unknown: '–' } as const;
/** A clock that is off by more shows wrong times of day, ms. */
const OFF = MINUTE;
/** Bytes that a disk should have room for. */
const ROOM = 100e6;
/** A network's code. */
const CODE = /^[A-Z][A-Z0-9_]{2,39}$/;

/** A failure, in words here and as a code in reports. */
export function wrong(error: unknown): Found {
  const failure = toApiError(error);
  const { kind } = failure;
  const fix =
    kind === 'unauthorized' || kind === 'keyStore'
      ? { title: l10n.t('Sign In'), command: 'comfydeploy.signIn' }
      : kind === 'misconfigured'
        ? settingsFix()
        : { title: l10n.t('Show Log'), command: 'comfydeploy.showLog' };
  return { state: 'wrong', text: failureAndHint(failure), code: codeOf(failure), fix };
}

/** What failed is said of another part. */
export function unasked(): Found {
  return { state: 'unknown', text: l10n.t('Not known: ComfyDeploy could not be asked.') };
}

/** In the words of the view. */
export function signedOut({ reason }: Extract<Snapshot, { readonly kind: 'signedOut' }>): ApiError {
  const text = reason === undefined ? l10n.t('You are not signed in.') : l10n.t('Your key is no longer valid.');
  return new ApiError('unauthorized', text);
}

/** @param isElsewhere whether the settings name another server than ComfyDeploy's own. */
export function serverFound(error: unknown, isElsewhere: boolean): Found {
  if (isOnTheWay(error)) return unasked();
  const { kind } = toApiError(error);
  const found = wrong(error);
  const and = (advice: string) => ({ ...found, text: `${found.text} ${advice}` });
  if (kind === 'busy') return and(l10n.t('Try again later.'));
  if (isElsewhere && kind !== 'misconfigured') {
    const setting = 'comfydeploy.apiUrl';
    return { ...and(l10n.t('{0} is set to another server.', setting)), fix: settingsFix(setting) };
  }
  return kind === 'malformed' ? and(l10n.t('Update the extension.')) : found;
}

/** Undecided if the server failed in another way. */
export function networkFound(error: unknown): Found {
  return isOnTheWay(error) ? wrong(error) : unasked();
}

function isOnTheWay(error: unknown): boolean {
  const failure = toApiError(error);
  return troubleOf(failure) === 'certificate' || /PROXY|TUNNEL/.test(failure.code ?? '');
}

/** The first folder that cannot be written to, or whose disk has little room. */
export async function disksFound(disk: Disk, folders: readonly string[]): Promise<Found> {
  for (const folder of folders) {
    const found = await diskFound(disk, folder);
    if (found !== WELL) return found;
  }
  return WELL;
}

async function diskFound(disk: Disk, folder: string): Promise<Found> {
  const has = async (bytes: number) =>
    disk
      .folder(folder, '')
      .fits(bytes)
      .then(
        () => true,
        () => false,
      );
  const isTold = await has(0); // otherwise a failure says nothing of its room
  const why = await disk.whyNotWritable(folder);
  if (why !== undefined) return { state: 'wrong', text: why, code: !isTold || (await has(1)) ? 'notWritable' : 'full' };
  if (!isTold || (await has(ROOM))) return WELL;
  return { state: 'wrong', text: l10n.t('The disk with {0} is nearly full.', folder), code: 'nearlyFull' };
}

/** @param now the server's time, ms; `localNow` is this computer's. */
export function clockFound({ now, localNow }: { readonly now: number; readonly localNow: number }): Found {
  const off = Math.abs(now - localNow);
  if (off < OFF) return WELL;
  const by = minutesText(Math.round(off / MINUTE));
  return {
    state: 'wrong',
    text: l10n.t("Set this computer's clock: it is off by {0}.", by),
    code: 'off',
  };
}

/** No session that is ready is known. */
export function noSession(snapshot: Snapshot): Found {
  const unread = problemOf(snapshot)?.unread;
  if (snapshot.kind !== 'ready' || isStale(snapshot) || (unread ?? 'machines') !== 'machines') return unasked();
  return { state: 'unknown', code: 'none', text: l10n.t('No session is running.') };
}

/** Our own word, and the network's if it is one that we know, or the status of a failing server. */
function codeOf({ kind, code = '', message, said }: ApiError): string {
  if (networkHintOf({ code }) !== undefined && CODE.test(code)) return `${kind} ${code}`;
  // Our own message names the status; the server's own says anything.
  const [status] = (kind === 'busy' && said === undefined && /\b5\d\d\b/.exec(message)) || [];
  return status === undefined ? kind : `${kind} ${status}`;
}

export function settingsFix(id = 'comfydeploy'): Fix {
  return { title: l10n.t('Open Settings'), command: 'workbench.action.openSettings', arg: id };
}

/** For other people: made of our own words alone, so that nothing of this computer or account can be in it. */
export function reportText(findings: readonly Finding[], about: About): string {
  const { version, editor, isWeb, isRemote, hasProxy } = about;
  const where = [isWeb ? 'web' : 'desktop', isRemote ? 'remote' : 'local', ...(hasProxy ? ['http.proxy'] : [])];
  // eslint-disable-next-line texts/marked -- the same in every language
  const head = `ComfyDeploy Sessions ${plainVersion(version)}, VS Code ${plainVersion(editor)}, ${where.join(', ')}`;
  return [head, '', ...findings.map(({ part, state, code = '' }) => `${MARKS[state]} ${part} ${code}`.trim()), ''].join(
    '\n',
  );
}

function plainVersion(text: string): string {
  return /^\d{1,4}(?:\.\d{1,4}){2}/.exec(text)?.[0] ?? '?';
}
