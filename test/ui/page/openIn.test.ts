import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { ExtensionKind, UIKind, Uri, ViewColumn } from '../../fakes/vscode';
import type { FakeEditor } from '../../fakes/vscode/editor';
import { start, startWithSession, type World } from '../start';
import { frameOf, noticeOf, panelOf, policyOf, say, unescaped } from '../tabPage';

const INTEGRATED = 'workbench.action.browser.open';
const DAY = 24 * 3_600_000;

const refusing = () => Promise.resolve(new Response(null, { headers: { 'X-Frame-Options': 'DENY' } }));
const addressOf = (world: World, id: string) => world.control.session(id)!.url!;

/** A VS Code with a browser of its own; the result lists what it opened. */
function withBrowser({ editor }: World): unknown[] {
  const opened: unknown[] = [];
  editor.others.set(INTEGRATED, (what) => void opened.push(what));
  return opened;
}

/** As an earlier tab of that server would have found out. */
async function refusedBefore(world: World, target: unknown): Promise<void> {
  world.page = refusing;
  await world.run('openSession', target);
  await world.until('the refusal', () => noticeOf(world)?.kind === 'blocked');
  panelOf(world).dispose();
}

test('by itself, a session opens in a tab, and no other program learns its address', async (t) => {
  const { world, target } = await startWithSession(t);
  const opened = withBrowser(world);
  await world.run('openSession', target);
  assert.deepEqual([world.editor.panels.length, opened, world.editor.opened], [1, [], []]);
});

test('where pages of a server were refused, its next session opens in a browser, once the user agrees', async (t) => {
  const { world, id, target } = await startWithSession(t);
  const opened = withBrowser(world);
  await refusedBefore(world, target);
  world.control.alterSession(id, { url: 'https://another.tunnel.invalid' });
  await world.refresh();

  const first = world.run('openSession', target);
  const question = await world.editor.message(/Open the session in a browser/);
  assert.match(question.options.detail ?? '', /Anyone who has the address of a session controls it/);
  question.press('Open in Browser');
  await first;
  await world.run('openSession', target);
  assert.deepEqual(opened, ['https://another.tunnel.invalid', 'https://another.tunnel.invalid']);
  assert.equal(world.editor.messages.length, 1, 'it is asked once');
  assert.equal(world.editor.panels.length, 1);
});

test('who does not agree gets the tab, and is asked again', async (t) => {
  const { world, target } = await startWithSession(t);
  await refusedBefore(world, target);
  for (const time of [1, 2]) {
    const run = world.run('openSession', target);
    (await world.until('the question', () => world.editor.messages[time - 1])).dismiss();
    await run;
  }
  assert.deepEqual([world.editor.panels.length, world.editor.opened], [2, []]);
});

test('a refusal of a week ago is forgotten', async (t) => {
  const { world, target } = await startWithSession(t);
  await refusedBefore(world, target);
  const kept = world.memory.get('refusedFrames') as Readonly<Record<string, number>>;
  const weekBefore = Object.entries(kept).map(([host, at]) => [host, at - 7 * DAY] as const);
  await world.memory.update('refusedFrames', Object.fromEntries(weekBefore));
  await world.run('openSession', target);
  assert.deepEqual([weekBefore.length, world.editor.panels.length, world.editor.messages], [1, 2, []]);
});

test('a refusal is forgotten when a page of that server works in a tab', async (t) => {
  const { world, target } = await startWithSession(t);
  await refusedBefore(world, target);
  world.editor.configure('comfydeploy.openIn', 'editorTab');
  await world.run('openSession', target);
  say(panelOf(world), 'alive');
  panelOf(world).dispose();
  world.editor.configure('comfydeploy.openIn', 'auto');
  await world.run('openSession', target);
  assert.deepEqual([world.editor.panels.length, world.editor.messages], [3, []]);
});

test('a server that fails is not remembered as one that refuses', async (t) => {
  const { world, target } = await startWithSession(t);
  world.page = () => Promise.resolve(new Response(null, { status: 502, headers: { 'X-Frame-Options': 'DENY' } }));
  await world.run('openSession', target);
  await world.until('the failure', () => noticeOf(world)?.kind === 'blocked');
  await world.run('openSession', target);
  assert.deepEqual([panelOf(world).revealed, world.editor.messages], [1, []]);
});

test("set to VS Code's own browser, a session opens there without a question", async (t) => {
  const { world, id, target } = await startWithSession(t);
  const opened = withBrowser(world);
  world.editor.configure('comfydeploy.openIn', 'integratedBrowser');
  await world.run('openSession', target);
  await world.run('openSessionToSide', target);
  const url = addressOf(world, id);
  assert.deepEqual(opened, [url, { url, openToSide: true }]);
  assert.deepEqual([world.editor.panels, world.editor.messages], [[], []]);
});

for (const [what, prepare] of [
  ['that is not there', () => undefined],
  [
    'that fails',
    (world: World) => {
      world.editor.others.set(INTEGRATED, () => {
        throw new Error('no such thing any more');
      });
    },
  ],
] as const) {
  test(`a browser of VS Code ${what} leaves the tab`, async (t) => {
    const { world, target } = await startWithSession(t);
    prepare(world);
    world.editor.configure('comfydeploy.openIn', 'integratedBrowser');
    await world.run('openSession', target);
    assert.deepEqual([world.editor.panels.length, world.editor.messages], [1, []]);
  });
}

test("set to the system's browser, a session opens there, or in a tab where there is none", async (t) => {
  const { world, id, target } = await startWithSession(t);
  world.editor.configure('comfydeploy.openIn', 'externalBrowser');
  await world.run('openSession', target);
  assert.deepEqual([world.editor.opened, world.editor.panels], [[addressOf(world, id)], []]);

  world.editor.opensExternals = false;
  await world.run('openSession', target);
  assert.deepEqual([world.editor.opened.length, world.editor.panels.length], [1, 1]);
});

test('wherever pages are opened, a start is watched in a tab', async (t) => {
  const { world, target } = await startWithSession(t, { state: 'starting', minutesOld: 0 });
  world.editor.configure('comfydeploy.openIn', 'externalBrowser');
  await world.run('openSession', target);
  assert.deepEqual([world.editor.panels.length, world.editor.opened], [1, []]);
});

test('a session opens beside what is being edited, and its tab moves there', async (t) => {
  const { world, target } = await startWithSession(t);
  await world.run('openSession', target);
  const panel = panelOf(world);
  assert.equal(panel.viewColumn, ViewColumn.Active);
  await world.run('openSessionToSide', target);
  assert.deepEqual([panel.viewColumn, panel.revealed, world.editor.panels.length], [ViewColumn.Beside, 1, 1]);
  assert.equal(panel.webview.documents.length, 1, 'moved, not loaded anew');

  panel.dispose();
  await world.run('openSessionToSide', target);
  assert.equal(panelOf(world).viewColumn, ViewColumn.Beside);
});

const LOOPBACK = 'http://127.0.0.1:8188/';
const OUTSIDE = 'https://abc-8188.preview.test/';

/** One session at an address. */
const startAt = (t: TestContext, url: string, window: (world: World) => void = () => undefined): Promise<World> =>
  start(t, {
    furnish: async (control) => {
      const { id } = await control.addSession({ minutesLeft: 20 });
      control.alterSession(id, { url });
    },
    window,
  });

/** The extension works on another computer than the window, and the session on that one. */
async function startRemotely(
  t: TestContext,
  editorThere: (editor: FakeEditor) => void,
  url = LOOPBACK,
): Promise<World> {
  return startAt(t, url, (world) => {
    world.extensionKind = ExtensionKind.Workspace;
    editorThere(world.editor);
  });
}

for (const [what, url, kind, remoteName] of [
  ['not remote at all', LOOPBACK, ExtensionKind.Workspace, undefined],
  ['in the extension host beside the window', LOOPBACK, ExtensionKind.UI, 'ssh-remote'],
  ['on the internet', 'https://far.invalid/', ExtensionKind.Workspace, 'ssh-remote'],
] as const) {
  test(`an address that is ${what} is framed as it is, and no tunnel is asked for`, async (t) => {
    let asked = 0;
    const world = await startAt(t, url, (world) => {
      world.extensionKind = kind;
      world.editor.remoteName = remoteName;
      world.editor.externalUri = () => Uri.parse(`${OUTSIDE}${++asked}`);
    });
    await world.run('openSession');
    await world.until('the frame', () => frameOf(panelOf(world)));
    assert.deepEqual([unescaped(frameOf(panelOf(world)) ?? ''), asked], [url, 0]);
  });
}

for (const address of ['http://far.invalid/', 'https://far.invalid\\@127.0.0.1:8443/']) {
  test(`an address that is not safe is opened nowhere, and the tab says so: ${address}`, async (t) => {
    const world = await startAt(t, address);
    world.editor.configure('comfydeploy.openIn', 'externalBrowser');
    await world.run('openSession');
    assert.deepEqual(world.editor.opened, []);
    assert.equal(noticeOf(world)?.headline, "This session can't be shown here");
    await world.run('openSessionInBrowser');
    await world.editor.message(/it is not opened/);
    assert.deepEqual(world.editor.opened, []);
  });
}

test('a browser is handed an address in which it finds the host that was judged', async (t) => {
  const world = await startAt(t, 'https:/FAR.invalid:443');
  await world.run('openSessionInBrowser');
  assert.deepEqual(world.editor.opened, ['https://far.invalid/']);
});

test('on another computer, an address of that computer is framed as this window reaches it', async (t) => {
  const world = await startRemotely(t, (editor) => {
    editor.remoteName = 'ssh-remote';
    editor.externalUri = () => Uri.parse(OUTSIDE);
  });
  await world.run('openSession');
  const panel = panelOf(world);
  await world.until('the frame', () => frameOf(panel));
  assert.equal(unescaped(frameOf(panel) ?? ''), OUTSIDE);
  assert.match(
    policyOf(panel),
    /frame-src https:\/\/abc-8188\.preview\.test; connect-src https:\/\/abc-8188\.preview\.test$/,
  );
});

test("an address on the editor's own server is not framed: its page could reach into the editor", async (t) => {
  const world = await startRemotely(t, (editor) => {
    editor.remoteName = 'localhost:8080';
    editor.externalUri = () => Uri.parse('http://localhost:8080/proxy/8188/');
  });
  await world.run('openSession');
  const panel = panelOf(world);
  await world.until('the frame', () => frameOf(panel));
  assert.equal(unescaped(frameOf(panel) ?? ''), LOOPBACK, 'its other address is of another origin');

  say(panel, 'unreached');
  await world.until(
    'the explanation',
    () => noticeOf(world)?.headline === "The page can't be reached from this window",
  );
});

for (const [what, url, remoteName] of [
  ['names it as its remote', 'https://code.test/proxy/8188/', 'code.test'],
  ['is on this computer', 'http://127.0.0.1:8080/proxy/8188/', 'localhost:8080'],
] as const) {
  test(`an address of the editor that ${what} is never framed nor asked for, and a browser is offered`, async (t) => {
    let asked = 0;
    const world = await startRemotely(
      t,
      (editor) => {
        editor.remoteName = remoteName;
        editor.uiKind = UIKind.Web;
        editor.externalUri = (uri) => uri;
      },
      url,
    );
    world.page = () => Promise.resolve(new Response(null, { status: 200 + ++asked }));
    world.editor.configure('comfydeploy.openIn', 'externalBrowser');
    await world.run('openSession');
    assert.deepEqual([world.editor.opened, asked], [[], 0], 'nobody asked for it');
    const notice = noticeOf(world);
    assert.match(notice?.headline ?? '', /on your own computer|on the same server as this editor/);
    say(panelOf(world), 'trust');
    await world.settled();
    assert.equal(noticeOf(world)?.headline, 'The page is on the same server as this editor');
    assert.equal(frameOf(panelOf(world)), undefined);
    assert.deepEqual([noticeOf(world)?.actions.map(({ text }) => text), asked], [['Open in Browser'], 0]);
  });
}

test('where the window itself finds that it is of the same origin, the frame is taken away', async (t) => {
  const world = await startAt(t, OUTSIDE);
  await world.run('openSession');
  const panel = panelOf(world);
  assert.notEqual(frameOf(panel), undefined);
  say(panel, 'ofEditor');
  assert.equal(frameOf(panel), undefined);
  assert.match(panel.webview.html, /on the same server as this editor/);
  await world.refresh();
  assert.equal(frameOf(panel), undefined, 'and it does not come back');
});

test('a server elsewhere cannot have an address on this computer opened before the user says so', async (t) => {
  let asked = 0;
  const world = await startAt(t, LOOPBACK);
  world.page = () => Promise.resolve(new Response(null, { status: 200 + ++asked }));
  world.editor.configure('comfydeploy.openIn', 'externalBrowser');
  // As if the session's server were elsewhere.
  world.editor.settings.set('comfydeploy.apiUrl', 'https://api.far.test/api');
  world.editor.configured.fire({ affectsConfiguration: () => false });
  await world.run('openSession');
  assert.deepEqual([world.editor.opened, frameOf(panelOf(world)), asked], [[], undefined, 0]);
  assert.equal(noticeOf(world)?.headline, "This session's address is on your own computer or network");
  say(panelOf(world), 'trust');
  await world.until('the frame', () => frameOf(panelOf(world)));
  assert.equal(unescaped(frameOf(panelOf(world)) ?? ''), LOOPBACK);
});

test('where no other address is to be had, the straight one is tried', async (t) => {
  const world = await startRemotely(t, (editor) => {
    editor.remoteName = 'ssh-remote';
    editor.externalUri = () => {
      throw new Error('no tunnel');
    };
  });
  await world.run('openSession');
  await world.until('the frame', () => frameOf(panelOf(world)));
  assert.equal(unescaped(frameOf(panelOf(world)) ?? ''), LOOPBACK);
});
