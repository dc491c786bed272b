import * as l10n from '@vscode/l10n';
import * as z from 'zod/mini';
import { asJudged, isOpenable } from '../../platform/baseUrl';
import { ApiError } from '../../platform/errors';
import { pageOf, type Session } from '../../comfydeploy/model';
import type { Browsers } from './browsers';
import type { CommandHandlers } from '../../platform/ui/commands';
import type { SessionTabs } from './sessionTabs';
import { unsafeText } from '../sessionPage';

export interface OpeningContext {
  readonly tabs: Pick<SessionTabs, 'show'>;
  readonly browsers: Pick<Browsers, 'rungs' | 'mayUse' | 'open' | 'isUnexpected'>;
}

interface SessionTargets {
  /** The session that the command is about, or one that the user picks among those that can do this. */
  session(target: unknown, capability: string, ask: string): Promise<Session | undefined>;
}

export interface OpeningCommandContext extends OpeningContext {
  readonly targets: SessionTargets;
  readonly tabs: Pick<SessionTabs, 'show' | 'reload'>;
  readonly browsers: OpeningContext['browsers'] & Pick<Browsers, 'openElsewhere'>;
}

/** What a tab adds to its target: VS Code's own browser is acceptable. */
const Nearest = z.lazy(() => z.object({ nearest: z.literal(true) }));

/** Commands that open a session's page. */
export function openingCommands(
  context: OpeningCommandContext,
): Pick<CommandHandlers, 'openSession' | 'openSessionToSide' | 'openSessionInBrowser' | 'reloadSession'> {
  const { targets, tabs, browsers } = context;
  return {
    async openSession(target) {
      const session = await targets.session(target, '+open', l10n.t('Open which session?'));
      if (session) await openSession(context, session);
    },

    async openSessionToSide(target) {
      const session = await targets.session(target, '+open', l10n.t('Open which session?'));
      if (session) await openSession(context, session, true);
    },

    async openSessionInBrowser(target) {
      const session = await targets.session(target, '+url', l10n.t('Open which session?'));
      if (!session) return;
      if (browsers.isUnexpected(addressOf(session))) return tabs.show(session, false); // the tab asks first
      if (Nearest.safeParse(target).success) await browsers.openElsewhere(addressOf(session));
      else await browsers.open('externalBrowser', addressOf(session), false);
    },

    async reloadSession(target) {
      const session = await targets.session(target, '+url', l10n.t('Reload the page of which session?'));
      if (session) tabs.reload(session.id);
    },
  };
}

/**
 * Shows a session's page where the user wants it, or else where it can be shown. Our tab always opens, and explains
 * what happens to its page; it also shows the start, and explains an unsafe address.
 */
export async function openSession({ tabs, browsers }: OpeningContext, session: Session, toSide = false): Promise<void> {
  const address = pageOf(session);
  if (address === undefined || !isOpenable(address) || browsers.isUnexpected(address))
    return tabs.show(session, toSide);
  for (const rung of await browsers.rungs(address)) {
    if (rung === 'editorTab') return tabs.show(session, toSide);
    if (!(await browsers.mayUse(rung))) return tabs.show(session, toSide);
    if (await browsers.open(rung, address, toSide)) return;
  }
}

/** @throws {ApiError} if the session has no page yet, or one that must not be opened. */
export function addressOf(session: Session): string {
  const url = pageOf(session);
  if (url === undefined) throw new ApiError('refused', l10n.t('This session is not ready yet. Wait until it is.'));
  if (isOpenable(url)) return asJudged(url);
  throw new ApiError('refused', unsafeText());
}
