import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { ComfyUiControl } from '../../simulator/comfyui/control';
import { MINUTE, startWithSession } from '../start';

const SECOND = 1_000;

/** A session with 60 min left, and what its row, its tooltip and the status item say. */
async function startWithComfyUi(t: TestContext) {
  const { world, id } = await startWithSession(t, { minutesLeft: 60.5 }, { comfyUi: true });
  const comfyUi: ComfyUiControl = world.control.comfyUi(id)!;
  await world.advance(1);
  const row = () => world.rows.find((text) => text.startsWith('sd-box:'));
  const tooltip = () => {
    const node = world.node('sd-box');
    const item = world.view.provider.resolveTreeItem?.(world.item(node), node, {} as never) as { tooltip: unknown };
    return (item.tooltip as { value: string }).value;
  };
  return { world, id, comfyUi, row, tooltip };
}

test('a row says how long its session is idle, when it renders, and what waits', async (t) => {
  const { world, comfyUi, row, tooltip } = await startWithComfyUi(t);
  assert.equal(row(), 'sd-box: 1h · A10G · idle');
  await world.advance(3 * MINUTE);
  assert.equal(row(), 'sd-box: 57m · A10G · idle for 3 min');

  for (const seconds of [600, 600, 600]) comfyUi.startJob({ seconds });
  await world.advance(15 * SECOND);
  assert.equal(row(), 'sd-box: 57m · A10G · rendering, 2 queued');
  await comfyUi.finishJob();
  await comfyUi.finishJob();
  await world.advance(15 * SECOND);
  assert.match(row() ?? '', /· rendering$/);
  await comfyUi.finishJob();
  await world.advance(75 * SECOND);
  assert.match(row() ?? '', /· idle for 1 min$/);
  assert.match(tooltip(), /Activity: idle for 1 min/);
  assert.match(tooltip(), /7\.5 of 22 GB of video memory/);
  assert.match(JSON.stringify(world.status.tooltip), /idle for 1 min/);
});

test('the text of an idle session changes once a minute, and its icon never', async (t) => {
  const { world, row } = await startWithComfyUi(t);
  const texts = new Set<string | undefined>();
  const icons = new Set<unknown>();
  for (let second = 0; second < 180; second += 5) {
    await world.advance(5 * SECOND);
    texts.add(row()?.split(' · ')[2]);
    icons.add(JSON.stringify(world.item(world.node('sd-box')).iconPath));
  }
  assert.deepEqual([...texts], ['idle', 'idle for 1 min', 'idle for 2 min', 'idle for 3 min']);
  assert.equal(icons.size, 1);
});

test('a queue that cannot be read for a moment changes no word, for a minute it is left out', async (t) => {
  const { world, comfyUi, row, tooltip } = await startWithComfyUi(t);
  await world.advance(2 * MINUTE);
  comfyUi.refuse('/prompt', 502);
  await world.advance(30 * SECOND);
  assert.match(row() ?? '', /· idle for 2 min$/);
  await world.advance(45 * SECOND);
  assert.match(row() ?? '', /^sd-box: \d+m · A10G$/);
  assert.match(tooltip(), /Activity: can't be read/);
  comfyUi.mend();
  await world.advance(MINUTE);
  assert.match(row() ?? '', /· idle/);
});

test('when the session ends its ComfyUI is asked no more', async (t) => {
  const { world, id, comfyUi } = await startWithComfyUi(t);
  await world.control.endSession(id);
  await world.refresh();
  const before = comfyUi.requests.length;
  await world.advance(5 * MINUTE);
  assert.equal(comfyUi.requests.length, before);
});
