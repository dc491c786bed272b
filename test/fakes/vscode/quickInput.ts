import type * as vscode from 'vscode';
import { Emitter } from '../../../src/platform/emitter';
import { QuickInputButtons } from './values';

/** What a pick and an input box share. After any answer a hidden one never comes back. */
export abstract class FakeQuickInput implements vscode.QuickInput {
  readonly #hidden = new Emitter<void>();
  readonly #changed = new Emitter<string>();
  readonly #accepted = new Emitter<void>();
  readonly #pressed = new Emitter<vscode.QuickInputButton>();
  readonly onDidHide = this.#hidden.event;
  readonly onDidChangeValue = this.#changed.event;
  readonly onDidAccept = this.#accepted.event;
  readonly onDidTriggerButton = this.#pressed.event;
  title: string | undefined;
  step: number | undefined;
  totalSteps: number | undefined;
  enabled = true;
  busy = false;
  ignoreFocusOut = false;
  value = '';
  placeholder: string | undefined;
  buttons: readonly vscode.QuickInputButton[] = [];
  isVisible = false;
  isDisposed = false;

  constructor(private readonly shown: (input: FakeQuickInput) => void) {}

  show(): void {
    this.shown(this);
    this.isVisible = true;
  }

  /** Escape does the same. */
  hide(): void {
    if (!this.isVisible) return;
    this.isVisible = false;
    this.#hidden.fire();
  }

  dispose(): void {
    this.hide();
    this.isDisposed = true;
  }

  type(text: string): void {
    this.value = text;
    this.#changed.fire(text);
  }

  /** The Enter key. */
  accept(): void {
    this.#accepted.fire();
  }

  goBack(): void {
    if (!this.buttons.includes(QuickInputButtons.Back)) throw new Error('There is no Back button.');
    this.#pressed.fire(QuickInputButtons.Back);
  }
}

export class FakeQuickPick<T extends vscode.QuickPickItem> extends FakeQuickInput implements vscode.QuickPick<T> {
  readonly onDidTriggerItemButton = new Emitter<vscode.QuickPickItemButtonEvent<T>>().event;
  readonly onDidChangeActive = new Emitter<readonly T[]>().event;
  readonly onDidChangeSelection = new Emitter<readonly T[]>().event;
  items: readonly T[] = [];
  activeItems: readonly T[] = [];
  selectedItems: readonly T[] = [];
  canSelectMany = false;
  matchOnDescription = false;
  matchOnDetail = false;

  /** The rows that match the typed text. */
  get offered(): readonly T[] {
    const typed = this.value.toLowerCase();
    const texts = ({ label, description }: T) => (this.matchOnDescription ? [label, description ?? ''] : [label]);
    return this.items.filter(
      (item) => item.alwaysShow || texts(item).some((text) => text.toLowerCase().includes(typed)),
    );
  }

  get labels(): readonly string[] {
    return this.offered.map(({ label }) => label);
  }

  describe(label: string): string | undefined {
    return this.#find(label).description;
  }

  choose(label: string): void {
    this.#take(this.#find(label));
  }

  /** Accepts the highlighted row, which is the first one unless the code sets another. */
  enter(): void {
    const [item] = [...this.activeItems.filter((active) => this.offered.includes(active)), ...this.offered];
    if (item) return this.#take(item);
    this.accept();
  }

  #take(item: T): void {
    this.selectedItems = [item];
    this.accept();
  }

  #find(label: string): T {
    const found = this.offered.find((item) => item.label === label);
    if (!found) throw new Error(`"${label}" is not offered, only ${this.labels.join(', ')}.`);
    return found;
  }
}

export class FakeInputBox extends FakeQuickInput implements vscode.InputBox {
  valueSelection: readonly [number, number] | undefined;
  password = false;
  prompt: string | undefined;
  validationMessage: string | vscode.InputBoxValidationMessage | undefined;

  /** The validation message for the typed text. */
  get complaint(): string {
    const said = this.validationMessage;
    return typeof said === 'string' ? said : (said?.message ?? '');
  }

  /** Types a text and presses Enter. */
  enter(text: string): void {
    this.type(text);
    this.accept();
  }
}
