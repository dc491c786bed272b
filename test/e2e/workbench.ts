import fs from 'node:fs';
import path from 'node:path';
import type { Frame, FrameLocator, Locator, Page } from 'playwright-core';
import { inProject } from '../vscode/project';
import { patient } from '../vscode/slowness';

const COMMAND_ATTEMPTS = 8;
const COMMAND_TIMEOUT_MS = 3_000;
const FRAME_TIMEOUT_MS = 3_000;
const MENU_ATTEMPTS = 5;
const MENU_OPENS_MS = 150;
const MENU_TIMEOUT_MS = 5_000;
const NOTICE_TIMEOUT_MS = 10_000;
const SHOW_NOTICES = 'Notifications: Show Notifications';
const PRESS_ATTEMPTS = 5;
const PRESS_TIMEOUT_MS = 5_000;
const HOVER_ATTEMPTS = 5;
const HOVER_TIMEOUT_MS = 5_000;
const START_TIMEOUT_MS = 60_000;

/** The parts of VS Code's window that a user points at. */
export class Workbench {
  constructor(readonly page: Page) {}

  /** The window is usable; the extension host may still be starting. */
  async ready(): Promise<void> {
    await this.page.locator('.monaco-workbench .activitybar').waitFor({ timeout: patient(START_TIMEOUT_MS) });
  }

  get sideBar(): Locator {
    return this.page.locator('.part.sidebar');
  }

  /**
   * Shows a view container by its title in the activity bar; it is there once VS Code has read the manifest. A badge
   * covers the icon, so the click goes to what holds both, which has the title too once there is a badge.
   */
  async openView(title = 'ComfyDeploy'): Promise<void> {
    const icon = this.page.locator(`.action-label[aria-label^="${title}"]`);
    const item = this.page.locator('.activitybar .action-item', { has: icon });
    await item.click({ timeout: patient(START_TIMEOUT_MS) });
    await this.sideBar.locator('.composite.title', { hasText: title }).waitFor();
  }

  /** A row of the tree on show. */
  row(text: string | RegExp): Locator {
    return this.sideBar.locator('.monaco-list-row', { hasText: text }).first();
  }

  /** What the rows on screen say, label and description together. */
  async rows(): Promise<readonly string[]> {
    return labels(this.sideBar);
  }

  /** Clicks an icon that a row shows under the mouse. */
  async rowAction(text: string | RegExp, title: string): Promise<void> {
    await this.row(text).hover();
    await this.row(text).locator(`.actions [aria-label^="${title}"]`).first().click();
  }

  /** What a row's context menu offers. */
  async rowMenuTitles(text: string | RegExp): Promise<readonly string[]> {
    const items = this.#menuItems.locator('.action-label');
    const titles = await this.#inMenu(
      () => this.#rightClick(text),
      () => items.allInnerTexts(),
    );
    await this.page.keyboard.press('Escape');
    await items.first().waitFor({ state: 'hidden' });
    return titles.filter((title) => title !== '');
  }

  /** Chooses from a row's context menu. */
  async rowMenu(text: string | RegExp, title: string): Promise<void> {
    await this.#inMenu(
      () => this.#rightClick(text),
      () => this.chooseFromMenu(title),
    );
  }

  #rightClick(text: string | RegExp): Promise<void> {
    return this.row(text).click({ button: 'right' });
  }

  /**
   * A click on what is being redrawn opens nothing, and a menu closes when what it offers changes: then it is opened
   * again, as a person does.
   */
  async #inMenu<T>(open: () => Promise<void>, act: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      await open();
      try {
        await this.#menuItems.first().waitFor({ timeout: patient(MENU_TIMEOUT_MS) });
        return await act();
      } catch (error) {
        if (attempt === MENU_ATTEMPTS) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  get #menuItems(): Locator {
    return this.page.locator('.monaco-menu').getByRole('menuitem');
  }

  /** Clicks an icon in the title of the view container or of a view in it. */
  async viewAction(title: string): Promise<void> {
    await this.sideBar.hover();
    await this.sideBar.locator(`.actions-container [aria-label^="${title}"]`).first().click();
  }

  /** Chooses from behind the three dots of the view's own title, of the first view in the container. */
  async viewMenu(title: string): Promise<void> {
    await this.#inMenu(
      () => this.viewAction('More Actions'),
      () => this.chooseFromMenu(title),
    );
  }

  /**
   * A menu ignores a click within a tenth of a second of its opening, by the clock of the page, which runs late on a
   * busy machine. The button goes down and up at once: a menu that closed in between would swallow the choice.
   */
  async chooseFromMenu(title: string): Promise<void> {
    const item = this.page.locator('.monaco-menu').getByRole('menuitem', { name: title }).first();
    await item.waitFor({ timeout: patient(MENU_TIMEOUT_MS) });
    await item.evaluate((_, ms) => new Promise((resolve) => setTimeout(resolve, ms)), MENU_OPENS_MS);
    await item.click({ timeout: patient(MENU_TIMEOUT_MS) });
  }

  /** What an empty view says; its links look like buttons. */
  get welcome(): Locator {
    return this.sideBar.locator('.welcome-view-content');
  }

  /** The line above the rows. */
  get viewMessage(): Locator {
    return this.sideBar.locator('.tree-explorer-viewlet-tree-view > .message');
  }

  /** The text of the hover over an element. */
  async hoverText(target: Locator): Promise<string> {
    const bubble = this.page.locator('.monaco-hover:visible');
    for (let attempt = 1; ; attempt++) {
      await this.page.locator('.part.editor').hover(); // away from whatever an earlier hover belongs to
      await bubble.waitFor({ state: 'detached' });
      await target.hover();
      try {
        return await bubble.last().innerText({ timeout: patient(HOVER_TIMEOUT_MS) });
      } catch (error) {
        if (attempt === HOVER_ATTEMPTS) throw error; // a row that is redrawn under the mouse shows no hover
      }
    }
  }

  /** Runs a command from the palette; right after a start it may not be known yet, so it is asked for again. */
  async runCommand(title: string): Promise<void> {
    // Keys pressed inside a framed page go to that page.
    await this.page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('F1');
      try {
        // A page that takes the focus just then closes the palette.
        await this.quickInput.fill(`>${title}`, { timeout: patient(COMMAND_TIMEOUT_MS) });
        return await this.choice(title).click({ timeout: patient(COMMAND_TIMEOUT_MS) });
      } catch (error) {
        if (attempt === COMMAND_ATTEMPTS) throw error;
        await this.page.keyboard.press('Escape');
      }
    }
  }

  get quickInput(): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-box input').first();
  }

  /** What the quick pick on show offers. */
  async choices(): Promise<readonly string[]> {
    return labels(this.page.locator('.quick-input-list'));
  }

  choice(text: string | RegExp): Locator {
    return this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first();
  }

  /** Chooses from the quick pick that is, or is about to be, on show. */
  async choose(text: string | RegExp): Promise<void> {
    await this.choice(text).click();
  }

  /** The title of the visible quick pick. */
  title(text: string | RegExp): Locator {
    return this.page.locator('.quick-input-widget:visible .quick-input-title', { hasText: text });
  }

  /** Answers a question by typing. Its title distinguishes it from the question before, which may still be visible. */
  async type(title: string | RegExp, text: string): Promise<void> {
    await this.title(title).waitFor();
    await this.quickInput.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** Answers an input box whose letters are hidden. */
  async typeSecret(text: string): Promise<void> {
    await this.page.locator('.quick-input-widget:visible input[type="password"]').fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** A description of the screen, to explain a failed test where nobody can look at it. */
  async whatIsOnShow(): Promise<string> {
    const texts = (selector: string) => this.page.locator(selector).allInnerTexts();
    const focus = await this.page.evaluate(() => {
      const { tagName = '', className = '' } = document.activeElement ?? {};
      return `${tagName} ${className}`;
    });
    return JSON.stringify({
      focus,
      tabs: await texts('.tabs-container .tab'),
      active: await texts('.tabs-container .tab.active'),
      rows: await this.rows(),
      rowOfFocus: await texts('.part.sidebar .monaco-list-row.focused'),
      questions: await texts('.quick-input-widget:visible, .monaco-dialog-box'),
      notices: await texts('.notification-toast'),
      frames: await Promise.all(this.page.frames().slice(1).map(inFrame)),
    });
  }

  /** The texts of all notices, also of those that are no longer on screen. */
  async said(): Promise<readonly string[]> {
    await this.runCommand(SHOW_NOTICES).catch(() => undefined); // the caller is reporting another failure already
    return this.page.locator('.notification-list-item').allInnerTexts();
  }

  /** All notifications on screen, of any source. */
  get toasts(): Locator {
    return this.page.locator('.notification-toast');
  }

  /**
   * Waits for a notice. When more than three come within 0.8 s, VS Code puts the last ones only into its list, and
   * after some seconds others too; a person finds them behind the bell.
   */
  async notice(text: string | RegExp): Promise<Message> {
    const notice = this.page.locator('.notification-list-item', { hasText: text }).first();
    try {
      await notice.waitFor({ timeout: patient(NOTICE_TIMEOUT_MS) });
    } catch {
      await this.runCommand(SHOW_NOTICES);
      await notice.waitFor();
    }
    return new Message(notice);
  }

  /** A modal question. */
  dialog(text: string | RegExp): Message {
    return new Message(this.page.locator('.monaco-dialog-box', { hasText: text }).first());
  }

  statusItem(text: string | RegExp): Locator {
    return this.page.locator('.part.statusbar .statusbar-item', { hasText: text }).first();
  }

  tab(title: string | RegExp): Locator {
    return this.page.locator('.tabs-container .tab', { hasText: title }).first();
  }

  /** Clicks an icon in the title of the editor group. */
  async tabAction(title: string): Promise<void> {
    await this.page.locator(`.part.editor .editor-actions [aria-label^="${title}"]`).first().click();
  }

  /** The document of the webview on show; the first one after a start takes some seconds to appear. */
  webview(): FrameLocator {
    return this.page.locator('iframe.webview:visible').first().contentFrame().frameLocator('iframe#active-frame');
  }

  /** What the webview on show frames: the session's ComfyUI. */
  sessionPage(): FrameLocator {
    return this.webview().frameLocator('iframe#page');
  }

  async screenshot(name: string): Promise<void> {
    const folder = inProject('test', 'e2e', 'screenshots');
    fs.mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: path.join(folder, `${name}.png`) });
  }
}

/** Something VS Code says, with buttons to answer it. */
export class Message {
  constructor(readonly locator: Locator) {}

  async waitFor(): Promise<void> {
    await this.locator.waitFor();
  }

  async text(): Promise<string> {
    return this.locator.innerText();
  }

  button(name: string | RegExp): Locator {
    return this.locator.getByRole('button', { name });
  }

  /**
   * Presses a button, which closes it. Notices move when others come and go: a click during a move counts for nothing
   * and is repeated.
   */
  async press(name: string | RegExp): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.button(name).click({ timeout: patient(PRESS_TIMEOUT_MS) });
        return await this.locator.waitFor({ state: 'detached', timeout: patient(PRESS_TIMEOUT_MS) });
      } catch (error) {
        if ((await this.locator.count()) === 0) return;
        if (attempt === PRESS_ATTEMPTS) throw error;
      }
    }
  }
}

/** Whether it becomes visible within a time, ms on a quiet machine. */
export function appears(what: Locator, ms: number): Promise<boolean> {
  return what.waitFor({ timeout: patient(ms) }).then(
    () => true,
    () => false,
  );
}

/** Label and description of every row in a list, read in one call, since rows come and go. */
async function labels(list: Locator): Promise<readonly string[]> {
  return list.locator('.monaco-list-row').evaluateAll((rows) =>
    rows.map((row) => {
      const [label] = row.getElementsByClassName('monaco-icon-label-container');
      return Array.from(label?.children ?? [], ({ textContent }) => textContent)
        .join(' ')
        .trim();
    }),
  );
}

/** What a frame has in it, without its address, which can be a key. */
async function inFrame(frame: Frame): Promise<string> {
  const read = frame.evaluate(() => {
    const loaded = performance.getEntriesByType('resource').length;
    const frames = Array.from(document.querySelectorAll('iframe'), ({ id, className }) => id || className);
    return `${document.readyState} ${loaded} [${frames.join(', ')}] ${document.body.innerText.slice(0, 120)}`;
  });
  const late = new Promise<string>((resolve) => setTimeout(resolve, FRAME_TIMEOUT_MS, 'does not respond'));
  return Promise.race([read.catch(String), late]);
}
