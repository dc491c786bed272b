import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { PERSON } from '../simulator/demoWorld';
import type { Simulator } from '../simulator/simulator';
import { untilRows, withScene, type Scene } from './scene';
import { appears } from './workbench';

const ROWS = [/^flux-studio \d\dm · L4/, /^sd-box \d\dm · A10G/, 'attic T4'] as const;

for (const preset of ['oldest', 'newest'] as const) {
  test(`keys are about the row that has the focus, in the ${preset} VS Code`, async () => {
    await withScene({ preset, furnish, signedInAs: 'demo' }, async (scene) => {
      await untilRows(scene.window, ROWS);
      await actOnTheFocus(scene);
      await leaveTheRestAlone(scene);
      await askForTheMachine(scene);
      const { created, extended, cancelled } = scene.control.bill();
      assert.deepEqual({ created, extended, cancelled }, { created: 0, extended: 0, cancelled: 0 });
    });
  });
}

async function furnish({ control }: Simulator): Promise<void> {
  const add = (name: string, gpu: string) => control.addMachine({ ...PERSON, name, gpu });
  await control.addSession({ machineId: add('flux-studio', 'L4').id, minutesLeft: 50.9 });
  await control.addSession({ machineId: add('sd-box', 'A10G').id, minutesLeft: 40.9 });
  add('attic', 'T4');
}

/** The arrow keys move the focus and leave the selection where it is. */
async function actOnTheFocus({ window }: Scene): Promise<void> {
  const { keyboard } = window.page;
  await window.row('attic').click();
  await moveTheFocus(window, 'ArrowUp', /sd-box/);
  assert.equal(await window.row('attic').getAttribute('aria-selected'), 'true');

  await keyboard.press('Delete');
  const question = window.dialog('End the session on sd-box (A10G)');
  await question.waitFor();
  await keyboard.press('Escape');
  await question.locator.waitFor({ state: 'detached' });

  await keyboard.press('ControlOrMeta+Alt+E');
  await window.title('Extend sd-box (A10G)').waitFor();
  await keyboard.press('Escape');
  await window.title('Extend').waitFor({ state: 'detached' });
  assert.equal(await window.row('attic').getAttribute('aria-selected'), 'true');
}

/**
 * Effects appear in the order of the keys: a question opened by an earlier key would be there before that of a later
 * one.
 */
async function leaveTheRestAlone({ window, control }: Scene): Promise<void> {
  const { keyboard } = window.page;
  await untilTheTreeHasTheFocus(window);
  await moveTheFocus(window, 'ArrowDown', /attic/);
  await keyboard.press('Delete');
  await keyboard.press('ControlOrMeta+Alt+E');
  await askedNothingOf(window, 'New Session on attic');

  await moveTheFocus(window, 'ArrowUp', /sd-box/);
  await keyboard.press('Escape');
  await focusedRow(window).waitFor({ state: 'detached' }); // no row has the focus now, nor is one selected
  await keyboard.press('Delete');
  await keyboard.press('ControlOrMeta+Alt+E');
  await moveTheFocus(window, 'ArrowDown', /flux-studio/);
  await askedNothingOf(window, 'New Session on flux-studio');

  await moveTheFocus(window, 'ArrowDown', /sd-box/);
  for (const { id, gpu } of control.sessions()) if (gpu === 'A10G') await control.endSession(id);
  await untilRows(window, [ROWS[0], 'attic T4', 'sd-box A10G']); // the row with the focus is gone
  await keyboard.press('Delete');
  await keyboard.press('ControlOrMeta+Alt+E');
  await askedNothingOf(window, 'New Session');
}

function focusedRow(window: Scene['window']): Locator {
  return window.page.locator('.part.sidebar .monaco-list:focus-within .monaco-list-row.focused');
}

/**
 * Moves the focus by one row and waits until the row shows it. While VS Code gives the focus back to the tree it may
 * lose a key: a key without effect is pressed again.
 */
async function moveTheFocus(window: Scene['window'], key: 'ArrowUp' | 'ArrowDown', row: RegExp): Promise<void> {
  const placeOfFocus = () =>
    focusedRow(window).evaluateAll((rows) => rows.map((row) => row.getAttribute('data-index')).join());
  const before = await placeOfFocus();
  const isThere = () => appears(focusedRow(window).filter({ hasText: row }), 2_000);
  for (let pressed = 0; pressed < 5; pressed++) {
    assert.equal(await placeOfFocus(), before, `${key} did not lead to ${row}`);
    await window.page.keyboard.press(key);
    if (await isThere()) return;
  }
  assert.fail(`${key} never led to ${row}`);
}

/** Presses the key for a new session and asserts that its question is the only one. */
async function askedNothingOf(window: Scene['window'], title: string): Promise<void> {
  await window.page.keyboard.press('ControlOrMeta+Alt+N');
  await window.title(title).waitFor();
  assert.equal(await window.page.locator('.monaco-dialog-box').count(), 0);
  await window.page.keyboard.press('Escape');
  await window.title('New Session').waitFor({ state: 'detached' });
  await untilTheTreeHasTheFocus(window);
}

/** A question that closes gives the focus back a moment later; until then VS Code handles the keys itself. */
async function untilTheTreeHasTheFocus(window: Scene['window']): Promise<void> {
  await window.page.locator('.part.sidebar .monaco-list:focus-within').first().waitFor();
}

async function askForTheMachine({ window }: Scene): Promise<void> {
  await window.page.keyboard.press('End');
  await window.viewAction('New Session');
  await window.title('New Session').waitFor();
  assert.deepEqual(await window.choices(), ['flux-studio L4', 'attic T4', 'sd-box A10G']);
  await window.page.keyboard.press('Enter');
  await window.title('New Session on sd-box').waitFor();
  await window.page.keyboard.press('Escape');
}
