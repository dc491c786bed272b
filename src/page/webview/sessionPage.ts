/// <reference lib="dom" />
import { CHANGED, LONGEST_MESSAGE, LONGEST_UNASKED, SETUP, type PageQuestion } from '../pluginLimits';
import type { PageAction, PageState, PageStep } from '../sessionPage';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void; setState(state: unknown): void };

const vscode = acquireVsCodeApi();
const { session = '', scope = '', state: first = '', asks } = document.body.dataset;
const frame = document.querySelector('iframe');
/** The one origin that this script exchanges messages with. */
const address = frame?.dataset['src'] ?? '';
const framed = frame ? new URL(address).origin : '';
const from = document.currentScript?.nonce;
/** A reloaded page reports once that it is ready; more frequent reports are not passed on, ms. */
const SETUP_REST = 1_000;
let actions = '';
/** What lists show, by their element. */
const shown = new Map<string, string>();
/** How often the focus is checked, and a change passed on, ms. */
const FOCUS_EVERY = 5_000;
let isEntered = false;
let changedAt = -Infinity;
let hasAnswered = false;
let setUpAt = -Infinity;
/** The type of the one message that was requested from the framed page. */
let awaited: string | undefined;

// Kept by VS Code for a window reload: the session's id and a hash of its account, never its address.
vscode.setState({ sessionId: session, scope });

window.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
  if (frame && source === frame.contentWindow) return origin === framed ? heard(data) : undefined;
  // Messages of the extension come from this very window.
  if (origin !== window.origin) return;
  if (isPageState(data)) show(data);
  if (isQuestion(data)) put(data);
});

window.addEventListener('focus', () => document.activeElement === document.body && focusWayOn());
// The framed page has another origin: all that can be observed of work in it is that it has the focus, and that its
// graph changes. There is no event when the focus leaves it, so the focus is checked regularly.
window.addEventListener('blur', () => setTimeout(lookForFocus));
setInterval(lookForFocus, FOCUS_EVERY);

const initial: unknown = JSON.parse(first);
if (isPageState(initial)) show(initial);
window.addEventListener('load', () => {
  // A tab moved to another window is reloaded from the first document, and later messages are lost.
  post('loaded');
  // Not earlier: the document counts as loaded only after its frame, and VS Code shows only a loaded document.
  if (frame) load(frame);
});

/** A frame with the origin of a window around it could do everything there that we can, and more. */
function load(frame: HTMLIFrameElement): void {
  if (isAround(framed)) return post('ofEditor');
  frame.src = address;
  if (asks !== undefined) void ask(address);
}

/** Firefox does not list the windows around; there, the extension's own check of the address has to suffice. */
function isAround(origin: string): boolean {
  const around: Partial<Pick<Location, 'ancestorOrigins'>> = location;
  return [window.origin, ...Array.from(around.ancestorOrigins ?? [])].includes(origin);
}

/**
 * A message of the framed page proves that it runs. Of its messages only two kinds are passed on: that it is ready, and
 * the one answer to a question. So it cannot flood the extension.
 */
function heard(data: unknown): void {
  if (!hasAnswered) post('alive');
  hasAnswered = true;
  if (typeof data === 'string' && data.startsWith(CHANGED)) return heardChange();
  if (typeof data !== 'string' || data.length > (awaited === undefined ? LONGEST_UNASKED : LONGEST_MESSAGE)) return;
  const type = typeOf(data);
  if (type === SETUP) return heardSetup();
  if (type === undefined || type !== awaited) return;
  awaited = undefined;
  vscode.postMessage({ type: 'answer', from, text: data });
}

function heardSetup(): void {
  const now = performance.now();
  if (now - setUpAt < SETUP_REST) return;
  setUpAt = now;
  post('setup');
}

/** The changed graph is neither read nor passed on. */
function heardChange(): void {
  const now = performance.now();
  if (!isEntered || now - changedAt < FOCUS_EVERY) return;
  changedAt = now;
  post('changed');
}

function lookForFocus(): void {
  const isNow = frame !== null && document.hasFocus() && document.activeElement === frame;
  if (isNow === isEntered) return;
  isEntered = isNow;
  post(isNow ? 'entered' : 'left');
}

function put({ ask, answer }: PageQuestion): void {
  awaited = answer;
  frame?.contentWindow?.postMessage(ask, framed);
}

/** Whether this window reaches the address; the content of the answer is hidden from us. */
async function ask(address: string): Promise<void> {
  try {
    await fetch(address, { method: 'HEAD', mode: 'no-cors', credentials: 'omit' });
  } catch {
    post('unreached');
  }
}

/** With the nonce of this document: one that is being replaced may still send messages. */
function post(type: string): void {
  vscode.postMessage({ type, from });
}

/** Fills the notice; the frame is never touched, so the user's work in it stays. */
function show(state: PageState): void {
  const notice = element('notice');
  notice.hidden = state.kind === 'open';
  notice.className = state.kind;
  setText('headline', state.headline);
  // A screen reader speaks of what changes in the notice: not each second of a counter, nor each line of a log.
  element('detail').setAttribute('aria-live', state.kind === 'waiting' ? 'off' : 'polite');
  setText('detail', state.detail);
  setText('log', state.log.join('\n'));
  element('log').hidden = state.log.length === 0;
  element('facts').hidden = state.facts.length === 0;
  renew('facts', state.facts, ([name, value]) => [textItem('dt', name), textItem('dd', value)]);
  renew('steps', state.steps, (step) => [stepItem(step)]);
  showActions(state);
}

/** Unchanged buttons are not replaced, or a focused one would lose the focus. */
function showActions({ actions: wanted }: PageState): void {
  const possible = wanted.filter(({ id }) => id !== 'reveal' || frame !== null);
  const key = JSON.stringify(possible);
  if (key === actions) return;
  actions = key;
  const buttons = possible.map(actionButton);
  element('actions').replaceChildren(...buttons);
  element('actions').hidden = buttons.length === 0;
  if (document.hasFocus()) focusWayOn();
}

/** Focuses the first button, so that one key is enough; if the user works elsewhere, the focus stays there. */
function focusWayOn(): void {
  if (element('notice').className === 'blocked' && !element('notice').hidden)
    element('actions').querySelector('button')?.focus();
}

function actionButton({ id, text }: PageAction, index: number): HTMLButtonElement {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = text;
  button.className = index === 0 && id !== 'showLog' ? '' : 'secondary';
  button.addEventListener('click', () => (id === 'reveal' ? (element('notice').hidden = true) : post(id)));
  return button;
}

function textItem(tag: 'dt' | 'dd', text: string): HTMLElement {
  const item = document.createElement(tag);
  item.textContent = text;
  return item;
}

function stepItem({ text, state }: PageStep): HTMLLIElement {
  const item = document.createElement('li');
  item.textContent = text;
  item.className = state;
  if (state === 'now') item.setAttribute('aria-current', 'step');
  return item;
}

/** Unchanged text is not replaced, or a screen reader would read it again every second. */
/** What is as before is left alone, or it would be spoken again. */
function renew<T>(id: string, items: readonly T[], elementsOf: (item: T) => readonly HTMLElement[]): void {
  const key = JSON.stringify(items);
  if (shown.get(id) === key) return;
  shown.set(id, key);
  element(id).replaceChildren(...items.flatMap(elementsOf));
}

function setText(id: string, text: string): void {
  const target = element(id);
  if (target.textContent !== text) target.textContent = text;
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`no #${id}`);
  return found;
}

function typeOf(text: string): unknown {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
  } catch {
    return undefined; // other messages between windows need not be JSON
  }
}

function isQuestion(value: unknown): value is PageQuestion {
  return typeof value === 'object' && value !== null && 'ask' in value && 'answer' in value;
}

function isPageState(value: unknown): value is PageState {
  return typeof value === 'object' && value !== null && 'kind' in value && 'headline' in value && 'actions' in value;
}
