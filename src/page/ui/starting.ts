import * as l10n from '@vscode/l10n';
import { pageOf, type Session, type SessionId } from '../../comfydeploy/model';
import { inform } from '../../platform/ui/shown';
import { runOnSession } from '../../sessions/ui/runOnSession';
import type { Browsers } from './browsers';
import { openSession, type OpeningContext } from './opening';
import type { SessionTabs } from './sessionTabs';

export interface StartingContext extends OpeningContext {
  readonly tabs: Pick<SessionTabs, 'show' | 'isVisible'>;
  readonly browsers: OpeningContext['browsers'] & Pick<Browsers, 'isTabFirst'>;
}

/** Shows sessions that the user has started, from the first step to their pages. */
export class Starting {
  readonly #watched = new Set<SessionId>();

  constructor(private readonly context: StartingContext) {}

  /** The tab that is to show the page shows the steps until then. */
  begin(session: Session | undefined): void {
    const { tabs, browsers } = this.context;
    if (!session || !browsers.isTabFirst) return;
    this.#watched.add(session.id);
    tabs.show(session);
  }

  /** A tab that was opened shows the page by itself: whoever has turned to something else since is told, and not taken away. */
  async ready(session: Session, name: string): Promise<void> {
    const { tabs, browsers } = this.context;
    const [first] = this.#watched.delete(session.id) ? await browsers.rungs(pageOf(session) ?? '') : [];
    if (first !== 'editorTab') return openSession(this.context, session);
    if (!tabs.isVisible(session.id)) void this.#tell(session, name);
  }

  async #tell({ id }: Session, name: string): Promise<void> {
    const open = l10n.t('Open');
    const chosen = await inform(l10n.t('{0} is ready.', name), open);
    if (chosen === open) await runOnSession('openSession', id);
  }
}
