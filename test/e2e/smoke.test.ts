import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startWindow } from './harness';

for (const preset of ['oldest', 'newest'] as const) {
  test(`the ${preset} VS Code shows our view container once the extension is installed`, async () => {
    const window = await startWindow({ preset });
    try {
      await window.openView('ComfyDeploy');
      const title = await window.sideBar.locator('.composite.title').innerText();
      assert.match(title, /ComfyDeploy/i);
    } finally {
      await window.close();
    }
  });
}
