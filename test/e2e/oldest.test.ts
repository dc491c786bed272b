import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERSON } from '../simulator/demoWorld';
import { untilRows, withScene, type Scene } from './scene';

test('the oldest VS Code we support lists machines, creates a session and frames its page', async () => {
  const furnish = ({ control }: Pick<Scene, 'control'>) => void control.addMachine({ ...PERSON, name: 'sd-box' });
  await withScene({ preset: 'oldest', furnish, signedInAs: 'demo', startUpMs: 1_000 }, async ({ window, control }) => {
    await untilRows(window, ['sd-box A10G']);
    await window.rowAction('sd-box', 'New Session');
    await window.choose('machine default');
    await window.type('New Session on sd-box with A10G', '20');
    await untilRows(window, [/^sd-box (1\d|20)m · A10G · idle$/]);
    await window.tab('sd-box · A10G').waitFor();
    await window.sessionPage().locator('textarea').first().waitFor();
    assert.match(window.vscodeVersion, /^1\.100\./);
    assert.equal(control.bill().created, 1);
  });
});
