import * as l10n from '@vscode/l10n';
import { element, escape, worded } from '../platform/markup';
import { scriptedPage, type PageShell } from '../platform/scriptedPage';

/* eslint-disable texts/marked -- markup: its words are marked one by one */

/** The build puts `webview/galleryPage` here; single tests are bundled without it. */
declare const GALLERY_SCRIPT: string | undefined;

/** The page without its outputs, which its script gets. */
export function galleryDocument(shell: PageShell): string {
  const main = `<div class="tools"><input type="search" aria-label="${escape(l10n.t('Search names and prompts'))}" placeholder="${escape(l10n.t('Search names and prompts'))}">
${choice('kind', l10n.t('All kinds'), kinds())}${choice('from', l10n.t('All sessions'))}${choice('day', l10n.t('All days'))}
${worded('button', l10n.t('All workflows'), { id: 'every', hidden: '' })}<label><input type="checkbox" id="starred"> ${escape(l10n.t('Starred'))}</label> <span id="count" role="status"></span></div>
<div id="grid" role="listbox" aria-multiselectable="true" tabindex="0" aria-label="${escape(l10n.t('Outputs'))}"><div id="all"></div></div>
<section aria-label="${escape(l10n.t('Selection'))}" tabindex="0" hidden><div class="tools">${buttons()}</div>
<div id="stage" data-broken="${escape(l10n.t("This file can't be shown."))}"></div><table><tbody></tbody></table></section>
<p id="about" role="status"></p>`;
  return scriptedPage(shell, { style: STYLE, main, script: typeof GALLERY_SCRIPT === 'string' ? GALLERY_SCRIPT : '' });
}

function kinds(): Readonly<Record<string, string>> {
  return { image: l10n.t('Images'), video: l10n.t('Videos'), audio: l10n.t('Audio'), '3D': '3D' };
}

function choice(id: string, all: string, others: Readonly<Record<string, string>> = {}): string {
  const options = Object.entries({ '': all, ...others }).map(([value, text]) => worded('option', text, { value }));
  return element('select', options, { id, 'aria-label': all });
}

/** Each has the name of what it does. Those that wait for what is in a file come last, so that no other one moves. */
function buttons(): string {
  const texts = {
    open: l10n.t('Open'),
    save: l10n.t('Save'),
    compare: l10n.t('Compare'),
    star: l10n.t('Star'),
    unstar: l10n.t('Remove Star'),
    trash: l10n.t('Delete'),
    wipe: l10n.t('Wipe'),
    back: l10n.t('Back'),
    copy: l10n.t('Copy Image'),
    openWorkflow: l10n.t('Open Workflow'),
    queueAgain: l10n.t('Queue Again'),
    queueMany: l10n.t('Queue Many…'),
    sameWork: l10n.t('Same Workflow'),
  };
  return Object.entries(texts)
    .map(([id, text]) => worded('button', text, { id }))
    .join('');
}

const STYLE = `body{padding:0}
h1{position:absolute;clip-path:inset(50%)}
[hidden]{display:none!important}
main{display:grid;box-sizing:border-box;height:100vh;padding:.5em;gap:.5em;grid:auto 1fr auto/minmax(0,1fr)}
.tools{display:flex;flex-wrap:wrap;align-items:center;gap:.5em;grid-column:1/-1}
#count{margin-inline-start:auto}
input[type=search]{flex:1 1 8em;min-width:0}
select{max-width:20em;min-width:0;flex:0 1 auto}
#grid{position:relative;overflow:auto;min-height:0;user-select:none}
#all{position:relative}
#all>div{position:absolute;box-sizing:border-box;padding:4px;border:2px solid transparent;overflow:hidden;cursor:pointer}
#all>div:hover{background:var(--vscode-list-hoverBackground)}
#all>[aria-selected=true]{color:var(--vscode-list-activeSelectionForeground);background:var(--vscode-list-activeSelectionBackground);border-color:var(--vscode-focusBorder)}
#grid:focus-visible .at{outline:1px dashed var(--vscode-contrastActiveBorder,var(--vscode-foreground));outline-offset:-4px}
#all img,#all canvas,#all i{display:grid;place-items:center;width:100%;height:calc(100% - 1.5em);object-fit:contain;pointer-events:none}
#all .sign{height:calc(100% - .5em);font:3em/1 var(--vscode-font-family)}
#all span{display:block;overflow:hidden;text-align:center;text-overflow:ellipsis;white-space:nowrap}
#band{position:absolute;z-index:1;border:1px solid var(--vscode-focusBorder);background:var(--vscode-list-hoverBackground);opacity:.6}
section button{color:var(--vscode-button-secondaryForeground);background:var(--vscode-button-secondaryBackground)}
section [aria-pressed=true]{border-color:var(--vscode-focusBorder)}
section button:hover{background:var(--vscode-button-secondaryHoverBackground)}
section{overflow:auto;min-height:0;max-height:50vh}
.beside main{grid-template-rows:auto 0 1fr}
.beside section{max-height:none}
#stage{display:flex;gap:2px;margin:.5em 0;overflow:hidden}
#stage>div{flex:1;min-width:0;overflow:hidden}
#stage img,#stage video{display:block;width:100%;max-height:24vh;object-fit:contain;transform-origin:0 0}
.beside #stage{height:60vh;cursor:grab;touch-action:none}
.beside #stage img{height:100%;max-height:none}
.wiped #stage{position:relative}
.wiped #stage>div{position:absolute;inset:0}
.wiped #stage>div+div{clip-path:inset(0 0 0 var(--at));background:var(--vscode-editor-background)}
.wiped #stage::after{content:'';position:absolute;inset:0 auto 0 var(--at);border-left:2px solid var(--vscode-focusBorder)}
th,td{padding:.2em 1em .2em 0;text-align:start;vertical-align:top;font-weight:normal;white-space:pre-wrap;overflow-wrap:anywhere}
th{white-space:nowrap;color:var(--vscode-descriptionForeground)}
mark{color:inherit;background:var(--vscode-diffEditor-insertedTextBackground,transparent);text-decoration:underline}
#about{margin:0}
#about:empty{display:none}`;
