import type { SpendingContent } from '../../src/spending/spendingHtml';
import type { World } from './start';
import { panelOf } from './tabPage';

/** What the page of spending shows, once its script has asked for it. */
export async function spendingOf(world: World): Promise<SpendingContent> {
  const { webview } = panelOf(world);
  if (webview.posted.length === 0) webview.send('loaded');
  return (await world.until('the figures', () => webview.posted.at(-1))) as SpendingContent;
}
