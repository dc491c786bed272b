import { escape } from './markup';

export interface PageShell {
  readonly title: string;
  readonly language: string;
  readonly nonce: string;
  /** Where pictures, films and sounds may come from; by default from nowhere. */
  readonly media?: string;
}

/* eslint-disable texts/marked -- markup: its words are marked one by one */

/** A document that loads nothing else, and in which only this script runs. @param main markup. */
export function scriptedPage(
  { title, language, nonce, media }: PageShell,
  { style, main, script }: Readonly<Record<'style' | 'main' | 'script', string>>,
): string {
  const once = `'nonce-${nonce}'`;
  const from =
    media === undefined ? '' : `; img-src ${media} data: blob:; media-src ${media} blob:; connect-src ${media}`;
  const csp = `default-src 'none'; base-uri 'none'; form-action 'none'; style-src ${once}; script-src ${once}${from}`;
  return `<!DOCTYPE html>
<html lang="${escape(language)}">
<head>
  <meta charset="utf-8">
  <meta http-equiv="Content-Security-Policy" content="${escape(csp)}">
  <title>${escape(title)}</title>
  <style nonce="${nonce}">${STYLE}${style}</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${main}
</main>
<script nonce="${nonce}">${script}</script>
</body>
</html>`;
}

const STYLE = `body{background:var(--vscode-editor-background)}
input:not([type=checkbox]),select{padding:.3em .5em;border:1px solid var(--vscode-input-border,var(--vscode-contrastBorder,transparent));color:var(--vscode-input-foreground);background:var(--vscode-input-background);font:inherit}
button{padding:.3em .8em;border:1px solid var(--vscode-button-border,var(--vscode-contrastBorder,transparent));color:var(--vscode-button-foreground);background:var(--vscode-button-background);font:inherit;cursor:pointer}
button:hover{background:var(--vscode-button-hoverBackground)}
:focus-visible{outline:1px solid var(--vscode-focusBorder);outline-offset:-1px}
button:focus-visible{outline-offset:2px}
`;
