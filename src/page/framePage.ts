import type { FrameVerdict } from './frameVerdict';
import { openPage, SHOW_LOG, type PageAction, type PageState } from './sessionPage';

/** All that can be seen of a framed page, which is another origin's and tells us nothing by itself. */
export interface FrameSigns {
  /** It has spoken to the window around it, so it runs. ComfyDeploy's plugin does; other pages never do. */
  readonly hasSpoken: boolean;
  /** What its server said to us; undefined until it has. */
  readonly verdict: FrameVerdict | undefined;
  /** How long the frame has been there. */
  readonly age: 'new' | 'late' | 'old';
  /** The window asked the address itself and got no answer. */
  readonly isUnreached: boolean;
  /** It is of the editor's own origin: it must not be framed. */
  readonly isOfEditor: boolean;
}

const ELSEWHERE: PageAction = { id: 'elsewhere', text: 'Open in Browser' };
const RETRY: PageAction = { id: 'retry', text: 'Try Again' };
const REVEAL: PageAction = { id: 'reveal', text: 'Show It Anyway' };
const GOES_ON = 'The session goes on, and so does its cost.';
const HIDE: PageAction = { id: 'reveal', text: 'Hide' };

/** The page's own word counts most, then its server's, then silence. */
export function framePage({ hasSpoken, verdict, age, isUnreached, isOfEditor }: FrameSigns): PageState {
  if (isOfEditor) return editorsPage();
  if (hasSpoken) return openPage();
  if (verdict === undefined) return age === 'new' ? openPage() : silentPage('Its page is shown as soon as it answers.');
  if (verdict.kind !== 'shows') return troublePage(verdict);
  if (isUnreached) return unreachedPage();
  return age === 'old' ? quietPage() : openPage();
}

/** Whether it need not be waited for any longer: it is not shown, or has been silent for too long. */
export function willNotSpeak({ hasSpoken, verdict, age, isUnreached, isOfEditor }: FrameSigns): boolean {
  if (age === 'old' || isOfEditor) return true;
  if (hasSpoken) return false;
  return isUnreached || (verdict !== undefined && verdict.kind !== 'shows' && verdict.kind !== 'silent');
}

function troublePage(verdict: Exclude<FrameVerdict, { kind: 'shows' }>): PageState {
  if (verdict.kind === 'silent') return silentPage(GOES_ON);
  if (verdict.kind === 'unreachable')
    return down('The page cannot be reached', `Nothing takes a connection at its address. ${GOES_ON}`);
  if (verdict.kind === 'fails')
    return down(
      'The page answers with an error',
      `Its server says ${verdict.status}: ComfyUI may have stopped, or what leads to it. ${GOES_ON}`,
    );
  if (verdict.kind === 'refuses')
    return refused(
      'The page does not let itself be shown in a tab',
      'Its server forbids every frame (X-Frame-Options or frame-ancestors). A browser can show it.',
    );
  return refused(
    'The page leads to another address',
    'Its server redirects to another host, as a sign-in page on the way does. A tab may not follow, a browser can.',
  );
}

function silentPage(hope: string): PageState {
  return down('The page does not answer', `ComfyUI may be busy, as when it loads a large model. ${hope}`);
}

function unreachedPage(): PageState {
  return down(
    'The page cannot be reached from this window',
    'The extension reaches it, but it runs on another computer than this window. Its address may be valid on that computer only.',
  );
}

function editorsPage(): PageState {
  return blocked(
    'The page is on the server of this editor',
    'In a tab, it could read and change what is open in the editor. A browser can show it.',
    [ELSEWHERE],
  );
}

function quietPage(): PageState {
  return {
    ...openPage(),
    kind: 'quiet',
    detail: 'ComfyUI has not said that it is ready. If the page stays empty, a browser may show it.',
    actions: [ELSEWHERE, HIDE],
  };
}

function refused(headline: string, detail: string): PageState {
  return blocked(headline, detail, [ELSEWHERE, RETRY, REVEAL]);
}

function down(headline: string, detail: string): PageState {
  return blocked(headline, detail, [RETRY, ELSEWHERE, SHOW_LOG, REVEAL]);
}

function blocked(headline: string, detail: string, actions: readonly PageAction[]): PageState {
  return { ...openPage(), kind: 'blocked', headline, detail, actions };
}
