import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { framed, openFramed } from '../framedComfyUi';
import { MINUTE, startWithSession, type World } from '../start';
import { panelOf } from '../tabPage';

const GRAPH = { last_node_id: 1, nodes: [{ id: 1, type: 'LoadImage', pos: [0, 0] }], links: [], version: 0.4 };
const REFUSED = () => Promise.resolve(new Response(null, { headers: { 'X-Frame-Options': 'DENY' } }));
const SAVED = /was saved among ComfyUI's own workflows instead/;

async function begin(t: TestContext) {
  const { world, id, target } = await startWithSession(t, {}, { comfyUi: true });
  const uri = world.editor.files.write('portrait.json', JSON.stringify(GRAPH));
  const comfyUi = world.control.comfyUi(id)!;
  const visited = (is: boolean) =>
    comfyUi.saveWorkflow('comfy.settings.json', JSON.stringify(is ? { 'Comfy.TutorialCompleted': true } : {}));
  visited(true);
  const kept = () => comfyUi.requests.filter((request) => request.startsWith('POST /userdata'));
  const open = () => world.run('openWorkflow', uri);
  return { world, id, target, uri, comfyUi, kept, open, visited };
}

test('a workflow opens in a tab of its own in the page, over nothing, once the page is ready', async (t) => {
  const { world, open, kept, id } = await begin(t);
  const opening = open();
  const { page, setUp } = await framed(world);
  const progress = await world.editor.progress(/^Opening portrait in A10G on sd-box$/);
  assert.ok(progress.isCancellable);
  await world.settled();
  assert.deepEqual(page.heard, [], 'what is sent before the page is ready is lost');
  setUp();
  await opening;
  const { url } = world.control.session(id)!;
  const { origin } = new URL(url!);
  assert.deepEqual(page.heard, [
    { type: 'graph_load', origin },
    { type: 'get_prompt', origin },
  ]);
  assert.deepEqual(page.graphs, [defaultWorkflow, GRAPH]);
  assert.deepEqual(world.editor.statusMessages.slice(-1), ['portrait is open in its own tab in ComfyUI']);
  assert.deepEqual([kept(), world.editor.messages], [[], []]);
});

test('on a ComfyUI that nobody has opened before it is said that its Templates window lies over the workflow', async (t) => {
  const { world, open, visited } = await begin(t);
  visited(false);
  const opening = open();
  const { setUp } = await framed(world);
  visited(true); // as the page notes it down
  setUp();
  await opening;
  await world.editor.message(/^portrait is open in ComfyUI, behind the Templates window .+ Close that window/);
  assert.deepEqual(world.editor.statusMessages, []);
});

test('a page that is too old for a Templates window is not said to show one', async (t) => {
  const { world, open, visited } = await begin(t);
  visited(false);
  const opening = open();
  (await framed(world)).setUp();
  await opening;
  assert.deepEqual(world.editor.statusMessages.slice(-1), ['portrait is open in its own tab in ComfyUI']);
  assert.deepEqual(world.editor.messages, []);
});

test('the tab that is open comes forward, and is not loaded anew', async (t) => {
  const { world, open, target } = await begin(t);
  const { page, panel } = await openFramed(world, target, 'slow');
  panel.move({ active: false, visible: false });
  const loaded = panel.webview.documents.length;
  const opening = open();
  await world.until('a look', () => page.heard.length > 1);
  await world.advance(5_000);
  await world.finish(opening);
  assert.deepEqual([panel.active, panel.webview.documents.length], [true, loaded]);
  assert.deepEqual(page.graphs.at(-1), GRAPH);
});

test('the tab is used even where the user prefers a browser: a browser cannot be spoken with', async (t) => {
  const { world, open } = await begin(t);
  world.editor.configure('comfydeploy.openIn', 'externalBrowser');
  const opening = open();
  (await framed(world)).setUp();
  await opening;
  assert.deepEqual(world.editor.opened, []);
});

test('a page that says that it has loaded the workflow and has not is not believed, and another way is offered', async (t) => {
  const { world, open, target, kept } = await begin(t);
  const { page } = await openFramed(world, target, 'deaf');
  const opening = open();
  await world.until('a look', () => page.heard.length > 1);
  await world.advance(10_000);
  await world.finish(opening);
  const warning = await world.editor.message(/^ComfyUI did not open portrait as it is in the file/);
  assert.deepEqual([warning.kind, warning.buttons, kept()], ['warning', ['Save in ComfyUI'], []]);
  warning.press('Save in ComfyUI');
  await world.editor.message(SAVED);
  assert.deepEqual(kept(), ['POST /userdata/workflows%2Fportrait.json']);
});

for (const [what, page, shown] of [
  ['is refused', REFUSED, (world: World) => world.editor.message(/^Open the session in a browser\?$/)],
  [
    'fails',
    () => Promise.resolve(new Response(null, { status: 502 })),
    (world: World) => world.until('the tab', () => panelOf(world).revealed > 0),
  ],
] as const) {
  test(`where the frame ${what} the workflow goes to ComfyUI's own at once, and the way to it is told`, async (t) => {
    const { world, open, kept } = await begin(t);
    world.page = page;
    await open();
    const expected = await world.editor.message(SAVED);
    assert.match(
      expected.text,
      /not responding to VS Code\. portrait was saved .* Workflows sidebar \(key W\).* after a reload\.$/,
    );
    assert.deepEqual([expected.kind, expected.buttons], ['information', ['Open Session']]);
    assert.deepEqual(kept(), ['POST /userdata/workflows%2Fportrait.json']);
    expected.press('Open Session');
    await shown(world);
  });
}

test('a page without the plugin is waited for a minute, and then the workflow goes to its own', async (t) => {
  const { world, open, kept } = await begin(t);
  const opening = open();
  await framed(world);
  await world.advance(MINUTE - 1_000);
  assert.deepEqual(kept(), []);
  await world.advance(2_000);
  await world.finish(opening);
  await world.editor.message(SAVED);

  await open();
  assert.equal(kept().length, 2, 'nobody waits twice for a page that is known to be silent');
});

test('another workflow of that name is not overwritten', async (t) => {
  const { world, open, comfyUi } = await begin(t);
  world.page = REFUSED;
  comfyUi.saveWorkflow('workflows/portrait.json', '{}');
  await open();
  await world.editor.message(/portrait was saved among .* instead, as portrait \(2\)/);
});

test('if neither way works, the failure is shown', async (t) => {
  const { world, open, comfyUi } = await begin(t);
  world.page = REFUSED;
  comfyUi.refuse(/userdata/, 502);
  await open();
  const { kind, text } = await world.editor.message(/had a server error \(\d+\)/);
  assert.deepEqual([kind, text.startsWith("The session's ComfyUI")], ['warning', true]);
});

test('a file in API format only is refused in words before a session is asked for, and can be queued', async (t) => {
  const { world, comfyUi } = await begin(t);
  const asked = comfyUi.requests.length;
  const uri = world.editor.files.write('api.json', JSON.stringify(defaultPrompt(1)));
  await world.run('openWorkflow', uri);
  const refusal = await world.editor.message(/^api can't be opened in ComfyUI's page: it is in API format/);
  assert.deepEqual([world.editor.panels.length, comfyUi.requests.length], [0, asked]);
  refusal.press('Queue Workflow in Session');
  await world.until('the prompt', () => comfyUi.requests.includes('POST /prompt'));
});

test('whoever cancels is asked nothing more, and nothing is sent or saved', async (t) => {
  const { world, open, kept } = await begin(t);
  const opening = open();
  const { page, setUp } = await framed(world);
  (await world.editor.progress(/^Opening portrait/)).cancel();
  await opening;
  setUp();
  await world.advance(2 * MINUTE);
  assert.deepEqual([page.heard, kept(), world.editor.messages], [[], [], []]);
});

const LATER: readonly (readonly [what: string, happen: (world: World, id: string) => unknown, expected: RegExp])[] = [
  ['the tab is closed', (world) => panelOf(world).dispose(), /was closed or reloaded before portrait was opened/],
  [
    'the page is reloaded',
    (world, id) => world.run('reloadSession', { kind: 'session', sessionId: id }),
    /closed or reloaded/,
  ],
  [
    'the session ends',
    async (world, id) => {
      await world.control.endSession(id);
      await world.refresh();
    },
    /^The session ended before portrait was opened in it\. Open it in another session\.$/,
  ],
];

for (const [what, happen, expected] of LATER)
  for (const when of ['before the page is ready', 'before it answers'] as const) {
    test(`if ${what} ${when}, that is reported, and nothing is left waiting`, async (t) => {
      const { world, open, kept, id } = await begin(t);
      const opening = open();
      const { page, setUp } = await framed(world, 'mute');
      if (when === 'before it answers') {
        setUp();
        await world.until('a question', () => page.heard.length > 0);
      }
      await happen(world, id);
      await opening;
      assert.equal((await world.editor.message(expected)).kind, 'error');
      assert.deepEqual(kept(), []);
      assert.ok(world.editor.progresses.every(({ isOver }) => isOver));
    });
  }

test('numbers too long for a double are sent as they are', async (t) => {
  const { world } = await begin(t);
  const text =
    '{"last_node_id":1,"nodes":[{"id":1,"type":"A","widgets_values":[18446744073709551615]}],"links":[],"version":0.4}';
  const opening = world.run('openWorkflow', world.editor.files.write('seed.json', text));
  const { panel, setUp } = await framed(world);
  setUp();
  await opening;
  const asked = panel.webview.posted.flatMap((one) => ((one as { ask?: string }).ask ?? '').match(/\d{17,}/g) ?? []);
  assert.deepEqual(asked, ['18446744073709551615']);
});

test('a value that no browser can read is reported with its node before anything is sent', async (t) => {
  const { world, open } = await begin(t);
  const text = JSON.stringify({ ...GRAPH, nodes: [{ ...GRAPH.nodes[0], id: 7, widgets_values: ['a', 0.5, 'HERE'] }] });
  for (const word of ['NaN', '-Infinity']) {
    world.editor.files.write('portrait.json', text.replace('"HERE"', word));
    await open();
    const expected = world.editor.messages.at(-1)?.text ?? '';
    assert.ok(
      expected.startsWith(`portrait was not opened: a value of LoadImage (node 7) is ${word}, which Python writes`),
      expected,
    );
    assert.deepEqual(
      [world.editor.panels.length, world.editor.progresses.some(({ title }) => title !== '')],
      [0, false],
    );
  }
});
