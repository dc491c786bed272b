import * as l10n from '@vscode/l10n';
import { plain } from '../platform/escapes';
import { asSentence } from '../platform/errors';
import { capital } from '../platform/language';
import type { LogLine } from '../comfydeploy/logs';
import { asJudged, isOpenable } from '../platform/baseUrl';
import type { Doubt, Session } from '../comfydeploy/model';
import { escape } from '../platform/markup';
import { plainText } from '../platform/plainText';
import { isCanceled, whyEnded } from '../spending/historyText';
import type { Receipt } from '../spending/receipts';
import { receiptFacts, type LastSeen, type PageFact } from './receiptFacts';
import { elapsed } from '../platform/durations';
import { doubtInShort } from '../sessions/doubt';
import { overTexts, type HowOver } from '../sessions/overText';
import { gpuOn } from '../sessions/sessionText';

/** What a session's tab shows besides the framed page; sent to the page's script whenever it changes. */
export interface PageState {
  /** `blocked` covers the frame, which stays unchanged; `quiet` is a line above it. */
  readonly kind: 'waiting' | 'open' | 'quiet' | 'blocked' | 'over';
  readonly headline: string;
  readonly detail: string;
  /** The summary of a session that is over. */
  readonly facts: readonly PageFact[];
  readonly steps: readonly PageStep[];
  /** The last lines of the start-up log. */
  readonly log: readonly string[];
  /** Buttons; the first one is the usual choice. */
  readonly actions: readonly PageAction[];
}

export interface PageAction {
  /** `reveal` hides the notice in front of the page, if there is one. */
  readonly id: 'startAgain' | 'showLog' | 'elsewhere' | 'retry' | 'reveal' | 'signIn' | 'trust';
  readonly text: string;
}

export interface PageStep {
  readonly text: string;
  readonly state: 'done' | 'now' | 'next';
}

const LOG_LINES = 8;
export const showLog = (): PageAction => ({ id: 'showLog', text: l10n.t('Show Session Log') });

export function waitingPage(
  session: Pick<Session, 'gpu' | 'createdAt'>,
  machineName: string | undefined,
  now: number,
  log: readonly LogLine[],
): PageState {
  const isWarming = log.some(({ message }) => /warm|comfyui/i.test(message));
  return {
    kind: 'waiting',
    headline: l10n.t('Starting {0}', nameOf(session, machineName)),
    detail: patienceText(session, now),
    facts: [],
    steps: [
      { text: l10n.t('Session created'), state: 'done' },
      { text: l10n.t('Getting a GPU'), state: isWarming ? 'done' : 'now' },
      { text: l10n.t('Starting ComfyUI'), state: isWarming ? 'now' : 'next' },
    ],
    log: lastLines(log),
    actions: [showLog()],
  };
}

function patienceText({ createdAt }: Pick<Session, 'createdAt'>, now: number): string {
  const limit = l10n.t('ComfyDeploy gives up after 10 minutes.');
  return createdAt === undefined ? limit : `${l10n.t('{0} so far', elapsed(now - createdAt))} · ${limit}`;
}

function nameOf({ gpu }: Pick<Session, 'gpu'>, machineName: string | undefined): string {
  return machineName === undefined ? gpu : gpuOn(gpu, machineName);
}

export function openPage(): PageState {
  return { kind: 'open', headline: '', detail: '', facts: [], steps: [], log: [], actions: [] };
}

/** For a tab that was restored before the first answer. */
export function lookingPage(): PageState {
  return notFoundYet(l10n.t('Contacting ComfyDeploy…'));
}

/** The same without an answer, with the reason. */
export function notFoundYet(detail: string): PageState {
  return { ...openPage(), kind: 'waiting', headline: l10n.t('Looking for this session'), detail };
}

function lastLines(log: readonly LogLine[]): readonly string[] {
  return log.slice(-LOG_LINES).map(({ message }) => plainText(plain(message)));
}

/**
 * A session that is ending and has no page, or none any more.
 * @param doubt why it is still shown, if its end is in doubt, and that explained.
 */
export function endingPage(
  session: Pick<Session, 'gpu'>,
  machineName: string | undefined,
  doubt?: { readonly kind: Doubt; readonly text: string },
): PageState {
  const { gpu } = session;
  const ending = l10n.t('Ending {0}', nameOf(session, machineName));
  const isClosed = doubt && doubt.kind.kind !== 'tooSoon';
  const headline = isClosed ? [gpu, machineName ?? [], doubtInShort(doubt.kind)].flat().join(' · ') : ending;
  const detail = doubt?.text ?? l10n.t('It is billed until it has ended.');
  return { ...openPage(), kind: 'waiting', headline, detail };
}

/** What is known of a session that is over. */
export interface Over {
  /** The last line of the log if the start failed. */
  readonly reason?: string | undefined;
  readonly log?: readonly LogLine[] | undefined;
  readonly receipt?: Receipt | undefined;
  /** Undefined if this window never saw it. */
  readonly last?: LastSeen | undefined;
}

export function overPage(why: HowOver, { reason, log = [], receipt, last }: Over = {}): PageState {
  const [headline, detail] = overWords(why, receipt, last);
  return {
    kind: 'over',
    headline,
    detail:
      reason === undefined
        ? detail
        : l10n.t({
            message: '{0} The log says: {1}',
            args: [detail, plainText(reason)],
            comment: ['{0} is a sentence: why the session is over. {1} is a line of its log.'],
          }),
    facts: receiptFacts(receipt, last),
    steps: [],
    log: lastLines(log),
    actions: [
      { id: 'startAgain', text: l10n.t('Start Again') },
      showLog(),
      { id: 'reveal', text: l10n.t('Show Last Page') },
    ],
  };
}

/** Prefers the receipt, which knows what ended the session, and by which rule. */
function overWords(why: HowOver, receipt: Receipt | undefined, last: LastSeen | undefined): readonly [string, string] {
  if (why === 'failedToStart') return overTexts(why);
  const isUnready = why === 'asked' && last?.wasReady === false;
  if (isUnready || (receipt && isCanceled(receipt)))
    return [l10n.t('Start canceled'), l10n.t('You canceled it before it was ready. It is no longer billed.')];
  const end = receipt && whyEnded(receipt);
  if (end === undefined) return overTexts(why);
  const [failed] = overTexts('failedToStart');
  const headline = receipt?.closed?.why === 'failedToStart' ? failed : l10n.t('Session ended');
  return [headline, l10n.t('{0} It is no longer billed.', capital(asSentence(end)))];
}

/**
 * It may still run, but without that account's key nothing is known of it and nothing can be done. @param isShown
 * whether its page is.
 */
export function foreignPage(isShown: boolean): PageState {
  const headline = l10n.t('This session belongs to another account');
  const detail = l10n.t('While it runs, that account is billed. Sign in to it to see, extend or end the session.');
  return unwatchedPage(headline, detail, isShown);
}

/** Without a key nothing is known of it. @param isShown whether its page is. */
export function signedOutPage(isShown: boolean): PageState {
  const detail = l10n.t(
    'If this session is still running, it is billed and nobody is watching it. Sign in to see, extend or end it.',
  );
  return unwatchedPage(l10n.t('You are signed out'), detail, isShown);
}

/** Above a visible page there is room for one line only. */
function unwatchedPage(headline: string, detail: string, isShown: boolean): PageState {
  const actions = [{ id: 'signIn', text: l10n.t('Sign In…') }] as const;
  if (isShown) return { ...openPage(), kind: 'quiet', headline, detail: `${headline}. ${detail}`, actions };
  return { ...openPage(), kind: 'over', headline, detail, actions };
}

export function refusedPage(): PageState {
  return {
    ...openPage(),
    kind: 'over',
    headline: l10n.t("This session can't be shown here"),
    detail: unsafeText(),
  };
}

export function unsafeText(): string {
  return l10n.t('Its address is neither https nor on this computer, or it is ambiguous, so it is not opened.');
}

/** A remote server may name any port of this computer or network, where something else than a session may listen. */
export function unexpectedPage(): PageState {
  return {
    ...openPage(),
    kind: 'over',
    headline: l10n.t("This session's address is on your own computer or network"),
    detail: l10n.t(
      "ComfyDeploy is elsewhere, but the address it gives for this session isn't. Open it only if you know what runs there.",
    ),
    actions: [{ id: 'trust', text: l10n.t('Open It') }],
  };
}

export interface PageShell {
  readonly title: string;
  /** New for each document. */
  readonly nonce: string;
  readonly sessionId: string;
  /** The account it was opened for; undefined while not known. */
  readonly scope: string | undefined;
  readonly state: PageState;
  /** The framed address; undefined while there is none. */
  readonly url: string | undefined;
  /** Whether the window may be on another computer than the extension, and reach less. */
  readonly isRemote?: boolean;
}

/** The build puts what is in `webview` here; single tests are bundled without it. */
declare const TAB_STYLE: string | undefined;
declare const TAB_SCRIPT: string | undefined;

/**
 * The document of a session's tab: our own elements, and one frame that may load one origin. All else is in the document:
 * VS Code fetches files for it through a worker, and a file that is lost on the way leaves the tab blank.
 * @throws {RangeError} for an address that must not be framed.
 */
export function sessionPage({ title, nonce, sessionId, scope, state, url, isRemote = false }: PageShell): string {
  if (url !== undefined && !isOpenable(url)) throw new RangeError('not a safe address');
  const frameSource = url === undefined ? "'none'" : new URL(url).origin;
  // eslint-disable-next-line texts/marked -- for the browser
  const asks = isRemote && url !== undefined ? `; connect-src ${frameSource}` : '';
  const once = `'nonce-${nonce}'`;
  // eslint-disable-next-line texts/marked -- for the browser
  const csp = `default-src 'none'; base-uri 'none'; form-action 'none'; style-src ${once}; script-src ${once}; frame-src ${frameSource}${asks}`;
  // eslint-disable-next-line texts/marked -- markup: its words are marked one by one
  return `<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${escape(csp)}">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>${escape(title)}</title>
  <style nonce="${escape(nonce)}">${typeof TAB_STYLE === 'string' ? TAB_STYLE : ''}</style>
</head>
<body data-session="${escape(sessionId)}" data-scope="${escape(scope ?? '')}" data-state="${escape(JSON.stringify(state))}"${asks === '' ? '' : ' data-asks'}>
  <main>
  <h1>${escape(title)}</h1>
  <div id="notice" role="status" aria-live="polite" hidden>
    <h2 id="headline"></h2>
    <p id="detail"></p>
    <dl id="facts" hidden></dl>
    <ol id="steps"></ol>
    <pre id="log" tabindex="0" aria-live="off" aria-label="${escape(l10n.t('Last lines of the startup log'))}" hidden></pre>
    <p id="actions" hidden></p>
  </div>
  ${url === undefined ? '' : frame(url, title)}
  </main>
  <script nonce="${escape(nonce)}">${typeof TAB_SCRIPT === 'string' ? TAB_SCRIPT : ''}</script>
</body>
</html>`;
}

/** The script sets the address once it knows that no window around the frame has the same origin. */
function frame(url: string, title: string): string {
  // eslint-disable-next-line texts/marked -- for the browser
  const allow = 'clipboard-write; fullscreen; autoplay';
  // eslint-disable-next-line texts/marked -- markup: its words are marked one by one
  return `<iframe id="page" data-src="${escape(asJudged(url))}" title="${escape(l10n.t('ComfyUI, {0}', title))}" allow="${allow}"></iframe>`;
}
