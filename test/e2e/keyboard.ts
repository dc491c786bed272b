import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import { appears, type Workbench } from './workbench';

const ATTEMPTS = 8;
const ATTEMPT_MS = 3_000;
/** Tab stops of a page before the search is given up. */
const MOST_STEPS = 40;

/** A user without a mouse. */
export class Keyboard {
  constructor(private readonly window: Workbench) {}

  press(key: string): Promise<void> {
    return this.window.page.keyboard.press(key);
  }

  type(text: string): Promise<void> {
    return this.window.page.keyboard.type(text);
  }

  /** Runs a command from the palette; right after a start it may not be known yet. */
  async command(title: string): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      await this.press('F1');
      if (await appears(this.window.quickInput, ATTEMPT_MS)) {
        await this.type(title);
        if (await appears(this.#focused(title), ATTEMPT_MS)) return this.press('Enter');
      }
      assert.ok(attempt < ATTEMPTS, `no command ${title}`);
      await this.press('Escape');
    }
  }

  /** Answers a list by typing enough to single out the choice. */
  async choose(question: string | RegExp, typed: string, choice: string | RegExp): Promise<void> {
    await this.window.page
      .locator('.quick-input-widget:visible')
      .filter({ hasText: question })
      .or(this.window.page.locator(`.quick-input-widget:visible input[placeholder*="${String(question)}"]`))
      .first()
      .waitFor();
    await this.type(typed);
    await this.#focused(choice).waitFor();
    // A page that is shown late may have taken the focus from the question.
    await this.window.quickInput.focus();
    await this.press('Enter');
  }

  /** Goes to a row of the tree on show. */
  async row(text: string | RegExp): Promise<void> {
    await this.command('ComfyDeploy: Focus on Sessions View');
    const tree = this.window.page.locator('.part.sidebar .monaco-list:focus-within');
    await tree.first().waitFor();
    await this.press('Home');
    for (let step = 0; step < MOST_STEPS; step++) {
      if (await appears(tree.locator('.monaco-list-row.focused', { hasText: text }), 500)) return;
      await this.press('ArrowDown');
    }
    assert.fail(`never came to ${text}`);
  }

  /**
   * Opens a row of the visible tree, until its content is there. An editor that was opened shortly before may take the
   * focus, and the key with it, only now; a person presses the key again.
   */
  async openRow(text: string | RegExp, opened: Locator): Promise<void> {
    for (let attempt = 1; attempt < ATTEMPTS; attempt++) {
      await this.row(text);
      await this.press('Enter');
      if (await appears(opened, 2 * ATTEMPT_MS)) return;
    }
    await opened.waitFor();
  }

  /** Presses Tab until the target has the focus. */
  async tabTo(target: Locator, tab = () => this.press('Tab')): Promise<void> {
    await target.waitFor();
    for (let step = 0; step < MOST_STEPS; step++) {
      if (await target.evaluate((one) => one === one.ownerDocument.activeElement && one.ownerDocument.hasFocus()))
        return;
      await tab();
    }
    assert.fail(`never came to ${String(target)}`);
  }

  #focused(text: string | RegExp): Locator {
    return this.window.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: text }).first();
  }
}
