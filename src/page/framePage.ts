import * as l10n from '@vscode/l10n';
import type { FrameVerdict } from './frameVerdict';
import { openPage, showLog, type PageAction, type PageState } from './sessionPage';

/** What can be observed of a framed page, which has another origin and reveals nothing itself. */
export interface FrameSigns {
  /** It has sent a message to the window around it, so it runs. ComfyDeploy's plugin does; other pages never do. */
  readonly hasAnswered: boolean;
  /** The result of asking its server; undefined until then. */
  readonly verdict: FrameVerdict | undefined;
  /** How long the frame has existed. */
  readonly age: 'new' | 'late' | 'old';
  /** The window itself requested the address and got no answer. */
  readonly isUnreached: boolean;
  /** It has the editor's own origin: it must not be framed. */
  readonly isOfEditor: boolean;
}

const elsewhere = (): PageAction => ({ id: 'elsewhere', text: l10n.t('Open in Browser') });
const retry = (): PageAction => ({ id: 'retry', text: l10n.t('Try Again') });
const reveal = (): PageAction => ({ id: 'reveal', text: l10n.t('Show It Anyway') });
const hide = (): PageAction => ({ id: 'reveal', text: l10n.t('Hide') });

/** The page's own message counts most, then its server's answer, then silence. */
export function framePage({ hasAnswered, verdict, age, isUnreached, isOfEditor }: FrameSigns): PageState {
  if (isOfEditor) return editorsPage();
  if (hasAnswered) return openPage();
  if (verdict === undefined)
    return age === 'new'
      ? openPage()
      : silentPage(
          l10n.t('ComfyUI may be busy, for example loading a large model. Its page opens as soon as it responds.'),
        );
  if (verdict.kind !== 'shows') return troublePage(verdict);
  if (isUnreached) return unreachedPage();
  return age === 'old' ? quietPage() : openPage();
}

/** Whether to stop waiting for it: it is not shown, or has been silent for too long. */
export function staysSilent({ hasAnswered, verdict, age, isUnreached, isOfEditor }: FrameSigns): boolean {
  if (age === 'old' || isOfEditor) return true;
  if (hasAnswered) return false;
  return isUnreached || (verdict !== undefined && verdict.kind !== 'shows' && verdict.kind !== 'silent');
}

function troublePage(verdict: Exclude<FrameVerdict, { kind: 'shows' }>): PageState {
  if (verdict.kind === 'silent')
    return silentPage(
      l10n.t('ComfyUI may be busy, for example loading a large model. The session is still running and being billed.'),
    );
  if (verdict.kind === 'unreachable')
    return down(
      l10n.t("The page can't be reached"),
      l10n.t('Nothing accepts connections at its address. The session is still running and being billed.'),
    );
  if (verdict.kind === 'fails')
    return down(
      l10n.t('The page returned an error'),
      l10n.t(
        'Its server returned error {0}: ComfyUI, or the connection to it, may have stopped. The session is still running and being billed.',
        verdict.status,
      ),
    );
  if (verdict.kind === 'refuses')
    return refused(
      l10n.t("The page can't be shown in a tab"),
      l10n.t("Its server doesn't allow it ({0}). A browser can show it.", 'X-Frame-Options / frame-ancestors'),
    );
  return refused(
    l10n.t('The page redirects to another address'),
    l10n.t("Its server redirects to another host, for example to sign in. A tab can't follow it, but a browser can."),
  );
}

function silentPage(detail: string): PageState {
  return down(l10n.t('The page is not responding'), detail);
}

function unreachedPage(): PageState {
  return down(
    l10n.t("The page can't be reached from this window"),
    l10n.t(
      'The extension can reach it, but runs on another computer than this window. The address may only work on that computer.',
    ),
  );
}

function editorsPage(): PageState {
  return blocked(
    l10n.t('The page is on the same server as this editor'),
    l10n.t('In a tab, it could read and change what is open in the editor. A browser can show it.'),
    [elsewhere()],
  );
}

function quietPage(): PageState {
  return {
    ...openPage(),
    kind: 'quiet',
    detail: l10n.t('ComfyUI has not reported that it is ready. If the page stays empty, try a browser.'),
    actions: [elsewhere(), hide()],
  };
}

function refused(headline: string, detail: string): PageState {
  return blocked(headline, detail, [elsewhere(), retry(), reveal()]);
}

function down(headline: string, detail: string): PageState {
  return blocked(headline, detail, [retry(), elsewhere(), showLog(), reveal()]);
}

function blocked(headline: string, detail: string, actions: readonly PageAction[]): PageState {
  return { ...openPage(), kind: 'blocked', headline, detail, actions };
}
