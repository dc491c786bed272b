/// <reference lib="dom" />
import type { PageState, PageStep } from '../core/present/sessionPage';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void; setState(state: unknown): void };

const vscode = acquireVsCodeApi();
const { session = '', state: first = '' } = document.body.dataset;
const frame = document.getElementById('page');

// Kept by VS Code for a window reload. The session's id, never its address.
vscode.setState({ sessionId: session });

window.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
  // Our own host speaks through this very window; the framed page speaks from another one and is not listened to.
  const isFrame = frame instanceof HTMLIFrameElement && source === frame.contentWindow;
  if (!isFrame && origin === window.origin && isPageState(data)) show(data);
});
element('again').addEventListener('click', () => vscode.postMessage({ type: 'startAgain' }));
element('showLog').addEventListener('click', () => vscode.postMessage({ type: 'showLog' }));
element('reveal').addEventListener('click', () => (element('notice').hidden = true));

const initial: unknown = JSON.parse(first);
if (isPageState(initial)) show(initial);

/** Fills the notice; the frame is never touched, so what the user has in it stays. */
function show(state: PageState): void {
  element('notice').hidden = state.kind === 'open';
  element('notice').classList.toggle('over', state.kind === 'over');
  setText('headline', state.headline);
  setText('detail', state.detail);
  setText('log', state.log.join('\n'));
  element('log').hidden = state.log.length === 0;
  element('steps').replaceChildren(...state.steps.map(stepItem));
  element('again').hidden = !state.canStartAgain;
  element('reveal').hidden = frame === null || state.kind !== 'over';
}

function stepItem({ text, state }: PageStep): HTMLLIElement {
  const item = document.createElement('li');
  item.textContent = text;
  item.className = state;
  if (state === 'now') item.setAttribute('aria-current', 'step');
  return item;
}

/** Unchanged text is left alone, or a screen reader would read it again every second. */
function setText(id: string, text: string): void {
  const target = element(id);
  if (target.textContent !== text) target.textContent = text;
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found;
}

function isPageState(value: unknown): value is PageState {
  return typeof value === 'object' && value !== null && 'kind' in value && 'headline' in value && 'steps' in value;
}
