import * as l10n from '@vscode/l10n';
import { toApiError, type ApiError } from '../platform/errors';
import { failureAndHint, networkHintOf } from '../platform/networkHint';

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
const MARKS = { well: '✓', wrong: '✗', unknown: '–' } as const;
/** A network's code. */
const CODE = /^[A-Z][A-Z0-9_]{2,39}$/;

function nameOf(part: Part): string {
  switch (part) {
    case 'key':
      return l10n.t('API key');
    case 'keyStore':
      return l10n.t('Key store');
    case 'server':
      return 'ComfyDeploy';
    case 'network':
      return l10n.t('Proxy and certificates');
    case 'clock':
      return l10n.t('Clock');
    case 'prices':
      return l10n.t('Prices');
    case 'socket':
      return 'WebSocket';
    case 'frame':
      return l10n.t('Page in a tab');
    case 'windows':
      return l10n.t('Other windows');
    case 'storage':
      return l10n.t('Storage');
    case 'outputs':
      return l10n.t('Outputs folder');
  }
}

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

/** Our own word, and the network's if it is one that we know. */
export function codeOf({ kind, code = '' }: Pick<ApiError, 'kind' | 'code'>): string {
  return networkHintOf({ code }) !== undefined && CODE.test(code) ? `${kind} ${code}` : kind;
}

export function settingsFix(id = 'comfydeploy'): Fix {
  return { title: l10n.t('Open Settings'), command: 'workbench.action.openSettings', arg: id };
}

/** The page: a summary, then a line for each part. */
export function doctorText(findings: readonly Finding[]): string {
  const { length: count } = findings.filter(({ state }) => state === 'wrong');
  const name = 'ComfyDeploy';
  const summary =
    count === 0
      ? l10n.t('{0}: no problems found.', name)
      : count === 1
        ? l10n.t('{0}: 1 problem found.', name)
        : l10n.t('{0}: {1} problems found.', name, count);
  const lines = findings.map(({ part, state, text }) => {
    const line = `${MARKS[state]} ${nameOf(part)}`;
    return text === undefined ? line : `${line}: ${text.replace(/\s+/g, ' ')}`;
  });
  return `${[summary, ...lines].join('\n')}\n`;
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
