/// <reference lib="dom" />
import type { SpendingContent } from '../spendingHtml';

interface Arrangement {
  readonly column: number;
  readonly isUp: boolean;
  readonly filter: string;
}
declare function acquireVsCodeApi(): {
  postMessage(message: string): void;
  setState(state: Arrangement): void;
  /** What this page has set. */
  getState(): Arrangement | undefined;
};

const vscode = acquireVsCodeApi();
const [input] = document.getElementsByTagName('input');
const [body] = document.getElementsByTagName('tbody');
const count = document.getElementById('count');
const heads = [...document.querySelectorAll('[scope=col]')];
/** How the rows are arranged. VS Code keeps this of a hidden page. */
let shown: Arrangement = { column: 0, isUp: false, filter: '', ...vscode.getState() };
if (input) input.value = shown.filter;

window.addEventListener('message', ({ data }: MessageEvent<SpendingContent>) => {
  const { sums, rows } = data;
  const place = document.getElementById('sums');
  if (place) place.innerHTML = sums;
  const focused = inFocus();
  if (body) body.innerHTML = rows;
  arrange(focused);
});
input?.addEventListener('input', () => change({ filter: input.value }));
document.addEventListener('click', ({ target }) => {
  if (!(target instanceof Element)) return;
  const column = heads.findIndex((head) => head.contains(target));
  if (column >= 0) return change({ column, isUp: column === shown.column && !shown.isUp });
  const id = target.id || target.closest('tr')?.querySelector('button')?.id;
  if (id) vscode.postMessage(id);
});
vscode.postMessage('loaded');

function change(changed: Partial<Arrangement>): void {
  shown = { ...shown, ...changed };
  vscode.setState(shown);
  arrange(inFocus());
}

/** Sorts and filters the rows. @param focused whose button has the focus, which it loses when it is moved. */
function arrange(focused: string | undefined): void {
  const { column, isUp, filter } = shown;
  const words = filter.toLowerCase();
  const rows = [...(body?.rows ?? [])].sort((a, b) => compared(a.cells[column], b.cells[column]) * (isUp ? 1 : -1));
  for (const row of rows) row.hidden = !row.textContent.toLowerCase().includes(words);
  body?.replaceChildren(...rows);
  if (count) count.textContent = `${rows.filter(({ hidden }) => !hidden).length} / ${rows.length}`;
  heads.forEach((head, index) =>
    head.setAttribute('aria-sort', index !== column ? 'none' : isUp ? 'ascending' : 'descending'),
  );
  if (focused) document.getElementById(focused)?.focus();
}

/** Numbers by what they are, words as people sort them. */
function compared(one: HTMLElement | undefined, other: HTMLElement | undefined): number {
  const valueOf = (cell = one) => cell?.dataset['v'] ?? cell?.textContent ?? '';
  const [a, b] = [valueOf(), valueOf(other)];
  return Number(a) - Number(b) || a.localeCompare(b);
}

function inFocus(): string | undefined {
  return document.activeElement?.id;
}
