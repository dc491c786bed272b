import * as l10n from '@vscode/l10n';
import { MARKS, type Finding, type Part } from './doctor';

/** Columns; an editor cuts longer lines off. */
const WIDTH = 80;
/** What a line may end after: a word, or a wide letter with the punctuation that follows it. */
const PIECES = /[\u2e80-\uffff][、。，：；！？）」]*|[^\s\u2e80-\uffff]+[、。，：；！？）」]*|\s/gu;

/** The page: a summary, then the lines of each part. */
export function doctorPage(findings: readonly Finding[]): readonly (readonly string[])[] {
  const { length: count } = findings.filter(({ state }) => state === 'wrong');
  const name = 'ComfyDeploy';
  const summary =
    count === 0
      ? l10n.t('{0}: no problems found.', name)
      : count === 1
        ? l10n.t('{0}: 1 problem found.', name)
        : l10n.t('{0}: {1} problems found.', name, count);
  const parts = findings.map(({ part, state, text }) => {
    const line = `${MARKS[state]} ${nameOf(part)}`;
    return broken(text === undefined ? line : `${line}: ${text.replace(/\s+/g, ' ')}`);
  });
  return [[summary], ...parts];
}

function broken(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of text.match(PIECES) ?? []) {
    if (widthOf(line + piece) > WIDTH && piece !== ' ') {
      lines.push(line.trimEnd());
      line = '  ';
    }
    line += piece;
  }
  return [...lines, line];
}

/** Columns. */
function widthOf(text: string): number {
  return text.length + (text.match(/[\u2e80-\uffff]/g)?.length ?? 0);
}

function nameOf(part: Part): string {
  switch (part) {
    case 'key':
      return l10n.t('API key');
    case 'keyStore':
      return l10n.t('Key store');
    case 'server':
      return 'ComfyDeploy';
    case 'network':
      return l10n.t('Proxy and certificates');
    case 'clock':
      return l10n.t('Clock');
    case 'prices':
      return l10n.t('Prices');
    case 'socket':
      return 'WebSocket';
    case 'frame':
      return l10n.t('Page in a tab');
    case 'windows':
      return l10n.t('Other windows');
    case 'storage':
      return l10n.t('Storage');
    case 'outputs':
      return l10n.t('Outputs folder');
  }
}
