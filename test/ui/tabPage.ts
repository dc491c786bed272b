import type { PageState } from '../../src/core/present/sessionPage';
import { FakePanel } from '../fakes/vscode/panel';
import type { World } from './start';

export const panelOf = ({ editor }: World): FakePanel => editor.panels.at(-1)!;
export const lastPosted = ({ webview }: FakePanel) => webview.posted.at(-1) as PageState;
export const frameOf = ({ webview: { html } }: FakePanel) => /<iframe [^>]*src="([^"]*)"/.exec(html)?.[1];
export const unescaped = (text: string) =>
  text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
export const policyOf = ({ webview: { html } }: FakePanel) =>
  unescaped(/Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '');

const VIEW_TYPE = 'comfydeploy.session';

/** As VS Code does after a window reload: with the tab it kept, and what the page had asked it to keep. */
export async function restore(world: World, state: unknown): Promise<FakePanel> {
  const panel = new FakePanel(VIEW_TYPE, 'restored');
  await world.editor.serializers.get(VIEW_TYPE)?.deserializeWebviewPanel(panel, state);
  return panel;
}
