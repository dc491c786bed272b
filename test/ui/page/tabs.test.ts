import assert from 'node:assert/strict';
import test from 'node:test';
import { Uri } from '../../fakes/vscode';
import { MINUTE, start, startWithSession } from '../start';
import { frameOf, lastPosted, panelOf, policyOf, restore, say, unescaped } from '../tabPage';

test('a session has one tab, and asking again brings it forward', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  await world.run('openSession', target);
  const panel = panelOf(world);
  assert.deepEqual([world.editor.panels.length, panel.revealed, panel.title], [1, 1, 'sd-box · A10G']);
  assert.equal(panel.options.retainContextWhenHidden, true, 'a hidden page would lose its graph');
  assert.deepEqual(panel.iconPath, Uri.parse('file:///extension/media/tab.svg'));

  panel.dispose();
  await world.run('openSession', target);
  assert.equal(world.editor.panels.length, 2);
});

test('the page frames one address and trusts nothing else', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('openSession', target);
  const panel = panelOf(world);
  const { url } = world.control.session(id)!;
  assert.equal(unescaped(frameOf(panel) ?? ''), url);

  const nonce = /<script nonce="([^"]+)"/.exec(panel.webview.html)?.[1] ?? '';
  assert.equal(
    policyOf(panel),
    `default-src 'none'; base-uri 'none'; form-action 'none'; style-src 'nonce-${nonce}'; script-src 'nonce-${nonce}'; frame-src ${url}`,
  );
  assert.ok(nonce.length >= 32);
  assert.deepEqual(panel.webview.options.localResourceRoots, []);

  await world.run('reloadSession', target);
  assert.ok(!panel.webview.html.includes(nonce), 'each document has a nonce of its own');
});

test('a machine of any name stays text in its page', async (t) => {
  const { world, target } = await startWithSession(t);
  world.control.alterMachine(world.control.machines()[0]!.id, { name: '"><script>alert(1)</script>' });
  await world.refresh();
  await world.run('openSession', target);
  assert.equal(panelOf(world).webview.html.match(/<script/g)?.length, 1);
  assert.ok(!panelOf(world).webview.html.includes('"><script>alert'));
});

test('the page is loaded once, whatever is refreshed or extended', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  const { documents } = panelOf(world).webview;
  const loaded = documents.length;
  await world.refresh();
  await world.advance(3 * MINUTE);
  const extended = world.run('extendSession', target);
  (await world.editor.pick(/By how much/)).enter();
  await extended;
  panelOf(world).move({ active: false, visible: false });
  panelOf(world).move({ active: true, visible: true });
  world.control.setOffline(true);
  await world.advance(MINUTE);
  assert.equal(documents.length, loaded);

  world.control.setOffline(false);
  await world.advance(MINUTE);
  await world.run('reloadSession', target);
  assert.equal(documents.length, loaded + 1, 'asked for, it is loaded anew');
});

test('another address is another page', async (t) => {
  const { world, id, target } = await startWithSession(t);
  await world.run('openSession', target);
  world.control.alterSession(id, { url: 'https://moved.tunnel.invalid' });
  await world.refresh();
  assert.equal(unescaped(frameOf(panelOf(world)) ?? ''), 'https://moved.tunnel.invalid');
});

test('while a session starts its tab counts the seconds and shows the log, then the page', async (t) => {
  const { world, id, target } = await startWithSession(t, { state: 'starting', minutesOld: 0 });
  await world.run('openSession', target);
  const panel = panelOf(world);
  assert.equal(frameOf(panel), undefined);
  assert.match(policyOf(panel), /frame-src 'none'/);
  assert.equal(lastPosted(panel).headline, 'Starting A10G on sd-box');

  await world.advance(1_000);
  const first = lastPosted(panel).detail;
  await world.advance(1_000);
  assert.notEqual(lastPosted(panel).detail, first);
  await world.until('the log', () => lastPosted(panel).log.includes('Warming up ComfyUI...'));
  assert.deepEqual(
    lastPosted(panel).steps.map(({ state }) => state),
    ['done', 'done', 'now'],
  );

  await world.advance(6_000);
  assert.equal(unescaped(frameOf(panel) ?? ''), world.control.session(id)?.url);
});

test('seconds are not counted for a tab that is hidden', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      control.set({ startUpMs: null, logs: 'unavailable' });
      await control.addSession({ state: 'starting', minutesOld: 0 });
    },
  });
  await world.run('openSession');
  const panel = panelOf(world);
  const postedIn = async (ms: number) => {
    const before = panel.webview.posted.length;
    await world.advance(ms);
    return panel.webview.posted.length - before;
  };
  assert.ok((await postedIn(30_000)) >= 30);
  panel.move({ active: false, visible: false });
  assert.ok((await postedIn(30_000)) <= 12, 'only what a refresh brings');
});

for (const url of ['http://plain.example', 'javascript:alert(1)', 'data:text/html,x']) {
  test(`an address like ${url.split(':')[0]}: is not framed`, async (t) => {
    const { world, id, target } = await startWithSession(t);
    world.control.alterSession(id, { url });
    await world.refresh();
    await world.run('openSession', target);
    assert.equal(frameOf(panelOf(world)), undefined);
    assert.equal(lastPosted(panelOf(world)).headline, "This session can't be shown here");
  });
}

test('a tab comes back after a reload by the id of its session, with the address learnt anew', async (t) => {
  const { world, id, target } = await startWithSession(t);
  const panel = await restore(world, { sessionId: id });
  assert.equal(unescaped(frameOf(panel) ?? ''), world.control.session(id)?.url);
  assert.equal(panel.title, 'sd-box · A10G');
  assert.ok(panel.webview.html.includes(`data-session="${id}"`), 'what the page keeps for the next time');

  await world.run('openSession', target);
  assert.deepEqual([world.editor.panels.length, panel.revealed], [0, 1], 'it is the tab of that session again');
});

test('a tab that comes back before anything is known says that it is looking', async (t) => {
  const world = await start(t, { scope: null });
  const panel = await restore(world, { sessionId: 'x' });
  assert.match(panel.webview.html, /Looking for this session/);
  await world.keepKey(world.keys.mine);
  await world.settled();
  assert.equal(lastPosted(panel).headline, 'Session is over');
});

test('a document gives way once it has loaded, or VS Code would show it for good', async (t) => {
  const world = await start(t, { scope: null });
  const { id } = await world.control.addSession({});
  const panel = await restore(world, { sessionId: id }, { loadsAtOnce: false });
  const { webview } = panel;
  await world.keepKey(world.keys.mine);
  await world.settled();
  assert.deepEqual([webview.documents.length, frameOf(panel)], [1, undefined]);
  await world.run('reloadSession', { session: { id } });
  webview.finishLoading();
  assert.equal(unescaped(frameOf(panel) ?? ''), world.control.session(id)?.url);
  webview.finishLoading();
  assert.equal(webview.documents.length, 2, 'what was asked for meanwhile is one document');
});

test('a document that never loads gives way all the same', async (t) => {
  const world = await start(t, { scope: null });
  const { id } = await world.control.addSession({});
  const panel = await restore(world, { sessionId: id }, { loadsAtOnce: false });
  await world.keepKey(world.keys.mine);
  await world.settled();
  await world.advance(5_000);
  assert.equal(unescaped(frameOf(panel) ?? ''), world.control.session(id)?.url);
});

test('a tab that comes back with nothing to know it by is closed', async (t) => {
  const { world } = await startWithSession(t);
  assert.equal((await restore(world, undefined)).isDisposed, true);
  assert.equal((await restore(world, { sessionId: 3 })).isDisposed, true);
});

test('the buttons of the tab in front are those its session can do', async (t) => {
  const { world, id, target } = await startWithSession(t);
  const abilities = () => world.editor.contexts.get('comfydeploy.tab');
  await world.run('openSession', target);
  assert.equal(abilities(), '+open +url +extend +end +guard');
  panelOf(world).move({ active: false, visible: true });
  assert.equal(abilities(), '');
  panelOf(world).move({ active: true, visible: true });
  await world.control.endSession(id);
  await world.refresh();
  assert.equal(abilities(), '');
});

test('signing out leaves the page as it is, and says above it that nobody watches the session now', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  const { webview } = panelOf(world);
  const before = webview.documents.length;
  const signedOut = world.run('signOut');
  (await world.editor.message(/^Sign out with/)).press('Sign Out');
  await signedOut;
  await world.settled();
  assert.equal(webview.documents.length, before);
  const { kind, detail, actions } = lastPosted(panelOf(world));
  assert.deepEqual([kind, actions.map(({ text }) => text)], ['quiet', ['Sign In…']]);
  assert.match(
    detail,
    /^You are signed out\. If this session is still running, it is billed and nobody is watching it\./,
  );

  await world.keepKey(world.keys.mine);
  await world.settled();
  assert.equal(lastPosted(panelOf(world)).kind, 'open');
});

test('a page gets no state twice', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  const { posted } = panelOf(world).webview;
  say(panelOf(world), 'alive');
  const before = posted.length;
  await world.refresh();
  await world.advance(2 * MINUTE);
  assert.equal(posted.length, before);
});

test('the log is followed while a session starts and no longer', async (t) => {
  const world = await start(t, {
    furnish: async (control) => {
      control.set({ logs: 'unavailable' });
      await control.addSession({ state: 'starting', minutesOld: 0 });
    },
  });
  const followed = () => world.control.counts()['GET /api/v2/stream-logs'] ?? 0;
  await world.run('openSession');
  await world.advance(8_000);
  assert.notEqual(frameOf(panelOf(world)), undefined);
  const before = followed();
  assert.ok(before > 1);
  await world.advance(MINUTE);
  assert.equal(followed(), before);
});
