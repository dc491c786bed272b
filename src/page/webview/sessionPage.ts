/// <reference lib="dom" />
import { CHANGED, LONGEST_MESSAGE, LONGEST_UNASKED, SETUP, type PageQuestion } from '../pluginLimits';
import type { PageAction, PageState, PageStep } from '../sessionPage';

declare function acquireVsCodeApi(): { postMessage(message: unknown): void; setState(state: unknown): void };

const vscode = acquireVsCodeApi();
const { session = '', scope = '', state: first = '', asks } = document.body.dataset;
const frame = document.querySelector('iframe');
/** The one origin that is talked to inside the frame. */
const address = frame?.dataset['src'] ?? '';
const framed = frame ? new URL(address).origin : '';
const from = document.currentScript?.nonce;
/** A page that reloads says once that it is ready; one that says so all the time is not passed on. */
const SETUP_REST = 1_000;
let actions = '';
/** How often the focus is looked for, and how often a change is passed on, ms. */
const FOCUS_EVERY = 5_000;
let isEntered = false;
let changedAt = -Infinity;
let hasAnswered = false;
let setUpAt = -Infinity;
/** The type of the one message that the framed page has been asked for. */
let awaited: string | undefined;

// Kept by VS Code for a window reload. The session's id and a hash of its account, never its address.
vscode.setState({ sessionId: session, scope });

window.addEventListener('message', ({ source, origin, data }: MessageEvent<unknown>) => {
  if (frame && source === frame.contentWindow) return origin === framed ? heard(data) : undefined;
  // Our own host sends through this very window.
  if (origin !== window.origin) return;
  if (isPageState(data)) show(data);
  if (isQuestion(data)) put(data);
});

window.addEventListener('focus', () => document.activeElement === document.body && focusWayOn());
// The framed page is another origin's: of work in it nothing is seen but that it has the focus, and that its graph changes.
// Where the focus goes from there is not told: it is looked for.
window.addEventListener('blur', () => setTimeout(lookForFocus));
setInterval(lookForFocus, FOCUS_EVERY);

const initial: unknown = JSON.parse(first);
if (isPageState(initial)) show(initial);
window.addEventListener('load', () => {
  // A tab moved to another window is loaded anew from the first document, and what was said since is lost.
  post('loaded');
  // Only now: until the frame has loaded, the document would not have either, and VS Code shows one that has.
  if (frame) load(frame);
});

/** A frame of the same origin as a window around it could do there all that we can, and more. */
function load(frame: HTMLIFrameElement): void {
  if (isAround(framed)) return post('ofEditor');
  frame.src = address;
  if (asks !== undefined) void ask(address);
}

/** Firefox does not say; there, the extension's own look at the address has to do. */
function isAround(origin: string): boolean {
  const around: Partial<Pick<Location, 'ancestorOrigins'>> = location;
  return [window.origin, ...Array.from(around.ancestorOrigins ?? [])].includes(origin);
}

/**
 * That the framed page speaks proves that it runs. Of what it says nothing is passed on but that it is ready, and the
 * one answer to a question: whatever it does, the extension is not flooded.
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

/** Of what has changed nothing is read, nor passed on. */
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

/** Whether this window reaches the address; what the answer says is hidden from us. */
async function ask(address: string): Promise<void> {
  try {
    await fetch(address, { method: 'HEAD', mode: 'no-cors', credentials: 'omit' });
  } catch {
    post('unreached');
  }
}

/** With the mark of this document: one that is being replaced may still answer. */
function post(type: string): void {
  vscode.postMessage({ type, from });
}

/** Fills the notice; the frame is never touched, so what the user has in it stays. */
function show(state: PageState): void {
  const notice = element('notice');
  notice.hidden = state.kind === 'open';
  notice.className = state.kind;
  setText('headline', state.headline);
  setText('detail', state.detail);
  setText('log', state.log.join('\n'));
  element('log').hidden = state.log.length === 0;
  element('facts').hidden = state.facts.length === 0;
  element('facts').replaceChildren(
    ...state.facts.flatMap(([name, value]) => [textItem('dt', name), textItem('dd', value)]),
  );
  element('steps').replaceChildren(...state.steps.map(stepItem));
  showActions(state);
}

/** Buttons that stay the same are left alone, or one that has the focus would lose it. */
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

/** One key is enough to go on; whoever works elsewhere keeps their focus. */
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

function typeOf(text: string): unknown {
  try {
    const message: unknown = JSON.parse(text);
    return typeof message === 'object' && message !== null && 'type' in message ? message.type : undefined;
  } catch {
    return undefined; // windows say many things to each other
  }
}

function isQuestion(value: unknown): value is PageQuestion {
  return typeof value === 'object' && value !== null && 'ask' in value && 'answer' in value;
}

function isPageState(value: unknown): value is PageState {
  return typeof value === 'object' && value !== null && 'kind' in value && 'headline' in value && 'actions' in value;
}
