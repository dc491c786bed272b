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

  /** If pages open in our tab, opens it to show the steps of the start. */
  begin(session: Session | undefined): void {
    const { tabs, browsers } = this.context;
    if (!session || !browsers.isTabFirst) return;
    this.#watched.add(session.id);
    tabs.show(session);
  }

  /**
   * An open tab shows the page by itself. If the user has turned to something else, a notice is shown and the focus
   * stays.
   */
  async ready(session: Session, name: string): Promise<void> {
    const { tabs, browsers } = this.context;
    const [first] = this.#watched.delete(session.id) ? await browsers.rungs(pageOf(session) ?? '') : [];
    if (first !== 'editorTab') return openSession(this.context, session);
    if (!tabs.isVisible(session.id)) void this.#notify(session, name);
  }

  async #notify({ id }: Session, name: string): Promise<void> {
    const open = l10n.t('Open');
    const chosen = await inform(l10n.t('{0} is ready.', name), open);
    if (chosen === open) await runOnSession('openSession', id);
  }
}
