import * as l10n from '@vscode/l10n';
import { escape } from '../platform/markup';
import { scriptedPage, type PageShell } from '../platform/scriptedPage';

/* eslint-disable texts/marked -- markup: its words are marked one by one */

/** The build puts `webview/spendingPage` here; single tests are bundled without it. */
declare const SPENDING_SCRIPT: string | undefined;

/** The page without its figures, which its script gets. */
export function spendingDocument(shell: PageShell): string {
  const columns = [l10n.t('Started'), l10n.t('Machine'), l10n.t('GPU'), l10n.t('Ran'), l10n.t('Cost'), l10n.t('End')];
  const main = `<div id="sums"></div>
<h2 id="name">${escape(l10n.t('Sessions'))}</h2>
<p class="tools"><input type="search" aria-label="${escape(l10n.t('Filter'))}" placeholder="${escape(l10n.t('Filter'))}"> <button id="export">${escape(l10n.t('Export CSV'))}</button> <span id="count" role="status"></span></p>
<table aria-labelledby="name"><thead><tr>${columns.map((name) => `<th scope="col"><button>${escape(name)}</button></th>`).join('')}</tr></thead><tbody></tbody></table>`;
  return scriptedPage(shell, {
    style: STYLE,
    main,
    script: typeof SPENDING_SCRIPT === 'string' ? SPENDING_SCRIPT : '',
  });
}

const COLOURS = ['blue', 'green', 'yellow', 'purple', 'red', 'foreground'];

const STYLE = `main{max-width:64em;margin:1em auto 3em}
h2{margin:2em 0 .5em}
dl,ol,ul,.ends,.tools{display:flex;flex-wrap:wrap;gap:.5em 3em;margin:1em 0 .5em;padding:0;list-style:none}
dd{margin:0;font-size:1.6em}
small{display:block;font-size:var(--vscode-font-size);color:var(--vscode-descriptionForeground)}
.days{flex-wrap:nowrap;gap:2px;height:9em;border-bottom:1px solid}
.days li{flex:1}
.days svg{width:100%;height:100%}
.days svg:hover{background:var(--vscode-list-hoverBackground)}
.ends{justify-content:space-between;margin:0}
.key svg{width:.8em}
table{border-collapse:collapse}
th,td{padding:.4em 2em .4em 0;text-align:start;vertical-align:top;font-weight:normal}
tbody tr{border-top:1px solid var(--vscode-widget-border,var(--vscode-contrastBorder,transparent))}
thead th{font-weight:bold}
td:not(:last-child),th{white-space:nowrap}
th button,th button:hover{padding:0;border:0;color:inherit;background:none;text-align:start}
tbody button,tbody button:hover{color:var(--vscode-textLink-foreground)}
[aria-sort=ascending] button::after{content:' ↑'}
[aria-sort=descending] button::after{content:' ↓'}
${COLOURS.map((name, index) => `.g${index}{fill:var(--vscode-charts-${name})}`).join('')}`;
