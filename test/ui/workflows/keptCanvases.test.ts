import assert from 'node:assert/strict';
import test from 'node:test';
import { CanvasStore } from '../../../src/workflows/canvasStore';
import { memoryFiles } from '../../fakes/memoryFiles';
import { sessionId } from '../../fakes/setup';
import { framed, openFramed } from '../framedComfyUi';
import { MINUTE, startWithSession } from '../start';
import { panelOf, say } from '../tabPage';

const DRAWN = { last_node_id: 7, nodes: [{ id: 7, type: 'Note', pos: [0, 0] }], links: [], version: 0.4 };

test('what was drawn in a page is kept, and opened again after its tab was closed', async (t) => {
  const { world, target } = await startWithSession(t, {}, { comfyUi: true });
  const { page } = await openFramed(world, target);
  page.graphs.push(DRAWN);
  say(panelOf(world), 'entered');
  await world.advance(4 * MINUTE);
  panelOf(world).dispose();

  await world.reopen();
  const restoring = world.run('restoreCanvas');
  const choice = await world.editor.pick(/Restore Canvas/);
  assert.deepEqual(choice.labels, ['A10G on sd-box']);
  choice.choose('A10G on sd-box');
  const next = await framed(world);
  next.setUp();
  await restoring;
  assert.deepEqual(next.page.graphs.at(-1), DRAWN);
});

test('what was drawn after the last regular reading is read once more shortly before the end, also if that was moved', async (t) => {
  const { world, id, target } = await startWithSession(t, { minutesLeft: 30 }, { comfyUi: true });
  const { page } = await openFramed(world, target);
  say(panelOf(world), 'entered');
  await world.advance(MINUTE);
  world.control.setMinutesLeft(id, 4.5);
  await world.refresh();
  await world.advance(2.5 * MINUTE);
  page.graphs.push(DRAWN);
  await world.advance(2 * MINUTE);

  const restoring = world.run('restoreCanvas');
  (await world.editor.pick(/Restore Canvas/)).choose('A10G on sd-box');
  const next = await framed(world);
  next.setUp();
  await restoring;
  assert.deepEqual(next.page.graphs.at(-1), DRAWN);
});

test('nothing is read of who wants nothing kept, or of a page in which nobody was; and what was kept is gone', async (t) => {
  const { world, target } = await startWithSession(t, {}, { comfyUi: true });
  const { page } = await openFramed(world, target);
  world.editor.state = { focused: true, active: false };
  await world.advance(4 * MINUTE);
  const asked = () => page.heard.length;
  say(panelOf(world), 'entered');
  await world.advance(4 * MINUTE);
  const before = asked();
  assert.ok(before > 0);
  say(panelOf(world), 'left');
  await world.advance(4 * MINUTE);
  assert.ok(asked() <= before + 1);
  const last = asked();
  await world.advance(4 * MINUTE);
  assert.equal(asked(), last);
  world.editor.configure('comfydeploy.keepCanvas', false);
  await world.advance(MINUTE);
  await world.run('restoreCanvas');
  await world.editor.message(/^No canvas has been kept yet\.$/);
});

test('the canvases of the last eight sessions are kept, one of each', async () => {
  const files = memoryFiles();
  const store = new CanvasStore((name) => () => Promise.resolve(files(name)));
  for (let n = 0; n < 20; n++) {
    const canvas = { sessionId: sessionId(`${n % 12}`), name: `${n % 12}`, at: n, nodes: 1 };
    await store.keep(canvas, `graph ${n}`);
  }
  const all = await store.all();
  assert.deepEqual(
    all.map(({ at }) => at),
    [19, 18, 17, 16, 15, 14, 13, 12],
  );
  for (const one of all) assert.equal(await store.textOf(one), `graph ${one.at}`);
  await store.clear();
  assert.deepEqual(await store.all(), []);
});
