import type { PageState } from '../../src/core/present/sessionPage';
import type { FakePanel } from '../fakes/vscode/panel';
import type { World } from './start';

export const panelOf = ({ editor }: World): FakePanel => editor.panels.at(-1)!;
export const lastPosted = ({ webview }: FakePanel) => webview.posted.at(-1) as PageState;
export const frameOf = ({ webview: { html } }: FakePanel) => /<iframe [^>]*src="([^"]*)"/.exec(html)?.[1];
export const unescaped = (text: string) =>
  text.replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)));
export const policyOf = ({ webview: { html } }: FakePanel) =>
  unescaped(/Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '');
