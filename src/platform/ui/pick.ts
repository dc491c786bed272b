import * as vscode from 'vscode';
import type { Choice, Typed } from '../choice';
import { atMost, type Clock } from '../clock';
import { ask, pickItem, progress, quickPick } from './shown';

export interface PickOptions<T> {
  readonly title: string;
  readonly placeholder: string;
  readonly choices: readonly Choice<T>[];
  /** Selected at first, so that Enter accepts it. */
  readonly preferred?: T;
  /** Turns what the user typed into choices, the likeliest one first. */
  readonly typed?: (text: string) => Typed<T>;
  readonly step?: { readonly number: number; readonly of: number };
  readonly canGoBack?: boolean;
}

export const BACK = Symbol('back');
/** The value of an item that cannot be chosen. */
const HINT = Symbol('hint');

/** A notification that disappears sooner cannot be read, ms. */
const FLASH_MS = 500;

/** One question. Undefined if the user cancels, `BACK` if they want the previous question. */
export function pick<T>(options: PickOptions<T>): Promise<T | typeof BACK | undefined> {
  type Offered = Choice<T | typeof HINT>;
  const { input, offer } = quickPick<T | typeof HINT>(options.title, options.placeholder);
  const items = options.choices.map(pickItem);
  input.step = options.step?.number;
  input.totalSteps = options.step?.of;
  offer(items);
  const preferred = items.find(({ choice }) => choice.value === options.preferred);
  if (preferred) input.activeItems = [preferred]; // an empty list would leave nothing for Enter to accept
  input.matchOnDescription = true;
  input.ignoreFocusOut = true;
  input.buttons = options.canGoBack ? [vscode.QuickInputButtons.Back] : [];
  return new Promise((resolve) => {
    input.onDidTriggerButton(() => {
      resolve(BACK);
      input.hide();
    });
    const offeredFor = (text: string): readonly Offered[] | undefined =>
      text.trim() === '' || !options.typed ? undefined : rowsOf(options.typed(text));
    let seen: { readonly text: string; readonly rows: readonly Offered[] } | undefined;
    input.onDidChangeValue((text) => {
      const rows = offeredFor(text);
      seen = rows && { text, rows };
      // Shown although it does not match any label.
      offer(rows?.map((row) => ({ ...pickItem(row), alwaysShow: true })) ?? items);
    });
    input.onDidAccept(() => {
      const selected = input.selectedItems[0]?.choice;
      // Enter may come before the typed choice is on screen, while another item is still selected.
      const rows = seen?.text === input.value ? seen.rows : offeredFor(input.value);
      const choice = rows && !(selected && rows.includes(selected)) ? rows[0] : selected;
      if (!choice || choice.value === HINT) return;
      resolve(choice.value);
      input.hide();
    });
    input.onDidHide(() => {
      resolve(undefined);
      input.dispose();
    });
    input.show();
  });
}

/** If nothing can be read, shows a hint at what can be typed. */
function rowsOf<T>({ choices, hint }: Typed<T>): readonly Choice<T | typeof HINT>[] {
  return hint ? [...choices, { ...hint, value: HINT }] : choices;
}

/**
 * Asks questions in turn; each adds to the answers. Back returns to the previous one. A question that needs no prompt
 * (`known` unchanged) must not be in the list.
 */
export async function pickInSteps<S>(
  start: S,
  steps: readonly ((known: S, step: PickStep) => Promise<S | typeof BACK | undefined>)[],
): Promise<S | undefined> {
  const known = [start];
  while (known.length <= steps.length) {
    const index = known.length - 1;
    const state = known[index];
    const ask = steps[index];
    if (state === undefined || ask === undefined) break;
    const answer = await ask(state, { step: { number: index + 1, of: steps.length }, canGoBack: index > 0 });
    if (answer === undefined) return undefined;
    if (answer === BACK) known.pop();
    else known.push(answer);
  }
  return known.at(-1);
}

export interface PickStep {
  readonly step: { readonly number: number; readonly of: number };
  readonly canGoBack: boolean;
}

/** A question about something that cannot be undone. Undefined if the user cancels. */
export async function choose<A extends string>(
  question: string,
  detail: string,
  ...answers: readonly A[]
): Promise<A | undefined> {
  return ask('warning', question, detail, answers);
}

/** The same with one answer, which names the action. */
export async function confirm(question: string, detail: string, action: string): Promise<boolean> {
  return (await choose(question, detail, action)) === action;
}

/** Increments are parts of 100; without any, the bar shows no end. */
type Say = (message: string, increment?: number) => void;

/** Long work with a cancel button, which fires the signal. */
export function withProgress<T>(title: string, work: (signal: AbortSignal, say: Say) => Promise<T>): Promise<T> {
  return Promise.resolve(progress(title, (say, token) => cancellable(token, (signal) => work(signal, say))));
}

/** Work with a signal that fires when VS Code's token does. */
export async function cancellable<T>(
  token: vscode.CancellationToken,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const subscription = token.onCancellationRequested(() => controller.abort());
  if (token.isCancellationRequested) controller.abort();
  try {
    return await work(controller.signal);
  } finally {
    subscription.dispose();
  }
}

/** The same for work that is usually quick: shows no notification that would only flash. */
export async function withLateProgress<T>(
  clock: Clock,
  title: string,
  work: (signal: AbortSignal, say: Say) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let unsaid: { readonly message: string; readonly increment: number | undefined } | undefined;
  let say: Say = (message, increment) => {
    const sum = increment === undefined ? unsaid?.increment : increment + (unsaid?.increment ?? 0);
    unsaid = { message, increment: sum };
  };
  const done = work(controller.signal, (message, increment) => say(message, increment));
  if (await atMost(clock, FLASH_MS, done)) return done;
  return withProgress(title, (signal, show) => {
    signal.addEventListener('abort', () => controller.abort(), { once: true });
    if (unsaid) show(unsaid.message, unsaid.increment);
    say = show;
    return done;
  });
}
