import * as l10n from '@vscode/l10n';
import { escape } from '../platform/markup';
import { scriptedPage, type PageShell } from '../platform/scriptedPage';

/* eslint-disable texts/marked -- markup: its words are marked one by one */

/** The build puts `webview/picturePage` here; single tests are bundled without it. */
declare const PICTURE_SCRIPT: string | undefined;

/** The page without the picture, which its script gets. */
export function pictureDocument(shell: PageShell): string {
  const filter = escape(l10n.t('Filter'));
  const keys = l10n.t('Arrow keys move the picture, + and - zoom');
  const main = `<div class="tools"><input type="search" aria-label="${filter}" placeholder="${filter}"> <span id="count" role="status"></span> <button id="all">${escape(l10n.t('Show all'))}</button></div>
<select size="2" aria-label="${escape(l10n.t('Nodes'))}"></select>
<canvas tabindex="0" role="application" aria-label="${escape(keys)}"></canvas>
<p id="about" role="status" tabindex="0"></p>`;
  return scriptedPage(shell, { style: STYLE, main, script: typeof PICTURE_SCRIPT === 'string' ? PICTURE_SCRIPT : '' });
}

const STYLE = `body{padding:0}
main{display:grid;box-sizing:border-box;height:100vh;padding:.5em;gap:.5em;grid:auto auto 1fr 6em/minmax(8em,20em) 1fr}
h1{margin:0;overflow:hidden;font-size:1.1em;text-overflow:ellipsis;white-space:nowrap;grid-column:1/3}
.tools{display:flex;align-items:center;gap:.5em;grid-column:1/3}
#count{flex:1}
select{width:100%;height:100%}
canvas{width:100%;height:100%;min-height:0;cursor:move;touch-action:none}
.on{cursor:pointer}
#about{margin:0;overflow:auto;overflow-wrap:anywhere;white-space:pre-wrap;grid-column:1/3}`;
