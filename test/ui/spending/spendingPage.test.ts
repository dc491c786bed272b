import assert from 'node:assert/strict';
import test from 'node:test';
import { ours } from '../../../src/platform/ui/ours';
import { Uri } from '../../fakes/vscode';
import { startWithBox } from '../creating';
import { spendingOf } from '../spendingPage';
import { MINUTE, startWithSession, targetOf, type World } from '../start';
import { panelOf } from '../tabPage';

const rows = async (world: World) => (await spendingOf(world)).rows;
const posted = (world: World) => panelOf(world).webview.posted.length;

test('the page lists each session, while it runs and when it is over', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('showSpending');
  assert.match(await rows(world), /<td>sd-box<\/td><td>A10G<\/td>.*1 min.*about \$0\.03.*running/);

  await world.run('extendSession', ours({ ...targetOf(id), minutes: 15 }));
  await world.advance(9 * MINUTE);
  const ending = world.run('cancelSession', target);
  (await world.editor.message(/End the session/)).press('End Session');
  await world.advance(MINUTE);
  await ending;
  await world.advance(MINUTE);
  const { rows: row, sums } = await spendingOf(world);
  assert.match(row, />1[01] min<.*>about \$0\.2\d<.*>ended by you<small>extended 15 min by you</);
  assert.match(sums, /<dt>Today<\/dt><dd>about \$0\.2\d<\/dd>/);
});

test('what a session did is told with its cost, while it runs and when it is over', async (t) => {
  const { world, id, target } = await startWithSession(t, {}, { comfyUi: true });
  world.control.comfyUi(id)!.startJob({ seconds: 3_600 });
  await world.advance(6 * MINUTE);
  await world.run('showSpending');
  assert.match((await spendingOf(world)).sums, /<p>Rendering: about \$0\.1\d<\/p>/);

  const ending = world.run('cancelSession', target);
  (await world.editor.message(/End the session/)).press('End Now');
  await world.advance(MINUTE);
  await world.finish(ending);
  await world.advance(MINUTE);
  assert.match(await rows(world), />ended by you<small>Rendering: about \$0\.1\d</);
});

test('its document loads nothing, and lets only its own script run', async (t) => {
  const world = await startWithBox(t);
  await world.run('showSpending');
  const { html, options } = panelOf(world).webview;
  const nonce = /<script nonce="([^"]+)">/.exec(html)?.[1];
  assert.ok(nonce);
  const own = `&#39;nonce-${nonce}&#39;`;
  assert.ok(
    html.includes(
      `default-src &#39;none&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;; style-src ${own}; script-src ${own}"`,
    ),
  );
  assert.doesNotMatch(html, / on\w+=|https?:|style=/);
  assert.deepEqual(options.localResourceRoots, []);
  assert.match((await spendingOf(world)).sums, /No sessions yet/);
});

test('limits stand beside what was spent', async (t) => {
  const { world } = await startWithSession(t, { minutesOld: 10 });
  world.editor.configure('comfydeploy.maxCostPerDay', 1);
  await world.run('showSpending');
  assert.match((await spendingOf(world)).sums, /<dt>Today<\/dt><dd>about \$0\.21<small>2\d% of your limit of \$1\.00</);
});

test('the page outlasts a restart, and what ended meanwhile is settled by the bill', async (t) => {
  const { world, id } = await startWithSession(t);
  world.dispose();
  await world.control.advance(5 * MINUTE + 123);
  await world.control.endSession(id);
  await world.control.advance(MINUTE);
  await world.activate();
  await world.run('showHistory'); // as a key of an earlier version may be bound
  await world.until('a figure', () => world.editor.panels.length === 1);
  await world.advance(2 * MINUTE);
  assert.match(await rows(world), />6 min<.*>about \$0\.1\d<.*>ended elsewhere</);
});

test('a hidden page is not filled, and asks once it is back; a second command shows the same one', async (t) => {
  const { world, id } = await startWithSession(t);
  await world.run('showSpending');
  await spendingOf(world);
  panelOf(world).move({ active: false, visible: false });
  const before = posted(world);
  await world.control.endSession(id);
  await world.advance(5 * MINUTE);
  assert.equal(posted(world), before);
  panelOf(world).move({ active: true, visible: true });
  panelOf(world).webview.send('loaded');
  assert.match(await rows(world), /ended elsewhere/);
  await world.run('showSpending');
  assert.deepEqual([world.editor.panels.length, panelOf(world).revealed], [1, 1]);
  panelOf(world).dispose();
  await world.run('showSpending');
  assert.equal(world.editor.panels.length, 2);
});

test('what runs is counted on every minute while the page is open, and no longer', async (t) => {
  const { world } = await startWithSession(t);
  await world.run('showSpending');
  const first = await rows(world);
  await world.advance(5 * MINUTE);
  assert.notEqual(await rows(world), first);
  const panel = panelOf(world);
  panel.dispose();
  const { length } = panel.webview.posted;
  await world.advance(5 * MINUTE);
  assert.equal(panel.webview.posted.length, length);
});

test("a row opens the session's tab: its page while it runs, its receipt when it is over", async (t) => {
  const { world, id } = await startWithSession(t);
  await world.run('showSpending');
  await spendingOf(world);
  const page = panelOf(world);
  page.webview.send(`#${id}`);
  await world.until('its page', () => world.editor.panels.length === 2);
  panelOf(world).dispose();
  await world.control.endSession(id);
  await world.advance(2 * MINUTE);
  page.webview.send(`#${id}`);
  await world.until('its receipt', () => world.editor.panels.length === 3);
  assert.equal(panelOf(world).title, 'sd-box · A10G');
  assert.match(panelOf(world).webview.html, /Session ended/);
  page.webview.send(`#${id}`);
  assert.deepEqual([world.editor.panels.length, panelOf(world).revealed], [3, 1]);
  for (const nonsense of ['#', 'open', 7, null, { type: 'open' }]) page.webview.send(nonsense);
  assert.equal(world.editor.panels.length, 3);
});

test('the page exports the table', async (t) => {
  const { world } = await startWithSession(t);
  await world.run('showSpending');
  panelOf(world).webview.send('export');
  (await world.editor.saveDialog()).choose(Uri.parse('file:///home/ada/history.csv'));
  await world.until('the table', () => world.editor.written.size === 1);
});
