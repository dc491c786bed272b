import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PERSON } from '../simulator/demoWorld';
import { until, withScene, type Scene } from './scene';
import { appears } from './workbench';

test('the walkthrough ticks off each step once it is done, and not before', async () => {
  const furnish = ({ control }: Pick<Scene, 'control'>) => {
    control.addMachine({ ...PERSON, name: 'sd-box' });
  };
  await withScene({ furnish, signedInAs: 'demo' }, async (scene) => {
    const { window, control } = scene;
    await openIt(scene);
    await untilDone(scene, ['signIn']);
    await window.screenshot('walkthrough');
    await window.runCommand('ComfyDeploy: Show Spending');
    await window.tab('ComfyDeploy Spending').waitFor();
    await openIt(scene);
    await untilDone(scene, ['signIn', 'cost']);

    const [machine] = control.machines();
    assert.ok(machine);
    await control.addSession({ machineId: machine.id, minutesLeft: 50.9 });
    await window.viewAction('Refresh');
    await untilDone(scene, ['signIn', 'start', 'cost']);
    await until('the page is open', async () => {
      await window.row('sd-box').click(); // again, if the row was just redrawn
      return appears(window.tab('sd-box · A10G'), 5_000);
    });
    await window.tab('Welcome').click();
    await untilDone(scene, ['signIn', 'start', 'work', 'cost']);
  });
});

async function openIt({ window }: Scene): Promise<void> {
  await window.runCommand('Welcome: Open Walkthrough');
  await window.choose('Get started with ComfyDeploy Sessions');
  await window.page.locator('[data-done-step-id$="#signIn"]').waitFor();
}

async function untilDone({ window }: Scene, steps: readonly string[]): Promise<void> {
  const boxes = window.page.locator('[data-done-step-id*="comfydeploy"]');
  const done = async () => {
    const all = await boxes.evaluateAll((found) =>
      found.map((box) => [box.getAttribute('data-done-step-id'), box.getAttribute('aria-checked')]),
    );
    return all.flatMap(([step, isDone]) => (isDone === 'true' ? [step?.split('#').at(-1)] : [])).join();
  };
  await until(`${steps.join()} are done`, async () => (await done()) === steps.join());
}
