import type { PageState } from '../../src/page/sessionPage';
import { FakePanel } from '../fakes/vscode/panel';
import type { World } from './start';

export const panelOf = ({ editor }: World): FakePanel => editor.panels.at(-1)!;
export const lastPosted = ({ webview }: FakePanel) => webview.posted.at(-1) as PageState;
/** The last state that was posted to the page for display next to its frame, since it was loaded. */
export const noticeOf = (world: World) => panelOf(world).webview.posted.at(-1) as PageState | undefined;
export const frameOf = ({ webview: { html } }: FakePanel) => /<iframe [^>]*src="([^"]*)"/.exec(html)?.[1];
export const unescaped = (text: string) =>
  text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
export const policyOf = ({ webview: { html } }: FakePanel) =>
  unescaped(/Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '');

/** As the visible document's script does. */
export function say({ webview }: FakePanel, type: string): void {
  webview.send({ type, from: nonceOf(webview.html) });
}

export const nonceOf = (html: string): string => /<script nonce="([^"]+)"/.exec(html)?.[1] ?? '';

const VIEW_TYPE = 'comfydeploy.session';

/** As VS Code does after a window reload: with the tab it kept, and what the page had asked it to keep. */
export async function restore(world: World, state: unknown, { loadsAtOnce = true } = {}): Promise<FakePanel> {
  const panel = new FakePanel(VIEW_TYPE, 'restored');
  panel.webview.loadsAtOnce = loadsAtOnce;
  await world.editor.serializers.get(VIEW_TYPE)?.deserializeWebviewPanel(panel, state);
  return panel;
}
