import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Facts, ToPage } from '../../../src/gallery/item';
import type { FakePanel } from '../../fakes/vscode/panel';
import { defaultPrompt } from '../../simulator/comfyui/page/defaultGraph';
import { plain } from '../../simulator/comfyui/picture';
import { encodePng } from '../../simulator/comfyui/png';
import { startWithOutputs } from '../saving';
import type { World } from '../start';
import { panelOf, policyOf } from '../tabPage';

const FOLDER = '/workspace/out';
const STARS = 'file:///workspace/out/.comfydeploy-stars.json';
const picture = (text: Readonly<Record<string, string>> = {}) => encodePng(plain(8, 4, 0xff_00_00), text);

/** A session with an unsaved picture, and a folder with saved files. */
async function startWithSaved(t: TestContext) {
  const parts = await startWithOutputs(t);
  const { world, comfyUi } = parts;
  world.editor.configure('comfydeploy.outputsFolder', FOLDER);
  const { files } = world.editor;
  files.writeBytes('out/box L4/fox.png', picture({ prompt: JSON.stringify(defaultPrompt(5)) }));
  files.writeBytes('out/box L4/plain.png', picture());
  files.write('out/box L4/fox.json', '{}');
  files.write('out/box L4/deep/clip.mp4', 'no film');
  const ref = { filename: 'new.png', subfolder: '', type: 'output' } as const;
  comfyUi.putFile(ref, picture());
  comfyUi.recordRun({ '9': { images: [ref] } });
  return parts;
}

/** Opens the tab, as its script does once it has loaded. */
async function open(world: World, target?: unknown): Promise<FakePanel> {
  await world.editor.run('comfydeploy.openGallery', target);
  const panel = panelOf(world);
  panel.webview.send({ act: 'loaded', ids: [] });
  return panel;
}

const lists = ({ webview }: FakePanel) =>
  (webview.posted as readonly ToPage[]).flatMap((message) => ('live' in message ? message : []));
const itemsOf = (panel: FakePanel) => {
  const { root = '', src = '', files = [] } = lists(panel).findLast(({ saved }) => saved)?.saved ?? {};
  const saved = files.map(({ path, ...item }) => {
    return { ...item, id: `${item.at} ${path}`, uri: `${root}/${path}`, src: `${src}/${path}` };
  });
  const live = lists(panel).at(-1)?.live ?? [];
  return [...live.map((item) => ({ ...item, uri: '', isStarred: false })), ...saved];
};
const names = (panel: FakePanel) => itemsOf(panel).map(({ name }) => name);

async function shows(world: World, panel: FakePanel, wanted: readonly string[]): Promise<void> {
  await world.advance(2_000);
  await world.until(
    `${wanted.join()} in the gallery`,
    () => names(panel).toSorted().join() === wanted.toSorted().join(),
  );
}

const idOf = (panel: FakePanel, name: string): string => {
  const item = itemsOf(panel).find((one) => one.name === name);
  assert.ok(item, name);
  return item.id;
};

const ALL = ['clip.mp4', 'fox.png', 'new.png', 'plain.png'];

test('what is saved and what is only in a session stand together, and other files do not', async (t) => {
  const { world } = await startWithSaved(t);
  const panel = await open(world);
  await shows(world, panel, ALL);
  const of = (name: string) => itemsOf(panel).find((item) => item.name === name);
  await world.advance(2_000);
  await world.until('the thumbnail of what is only in the session', () => of('new.png')?.src.startsWith('data:image/'));
  assert.equal(of('fox.png')?.uri, 'file:///workspace/out/box L4/fox.png');
  assert.equal(of('fox.png')?.src, 'https://webview.test/workspace/out/box L4/fox.png');
  assert.deepEqual([of('clip.mp4')?.kind, of('clip.mp4')?.from], ['video', 'box L4']);
});

test('the page may load pictures of the folder and nothing else, and gets no address of a session', async (t) => {
  const { world } = await startWithSaved(t);
  const panel = await open(world);
  await shows(world, panel, ALL);
  assert.match(
    policyOf(panel),
    /^default-src 'none'; .*; img-src https:\/\/webview\.test data: blob:; media-src https:\/\/webview\.test blob:; connect-src https:\/\/webview\.test$/,
  );
  assert.deepEqual(panel.webview.options.localResourceRoots?.map(String), [`file://${FOLDER}`]);
  assert.doesNotMatch(panel.webview.html, / on\w+=|style="/);
  assert.doesNotMatch(JSON.stringify(panel.webview.posted), /https?:\/\/(?!webview\.test)/);
});

test('the page is told what made a picture', async (t) => {
  const { world } = await startWithSaved(t);
  const panel = await open(world);
  await shows(world, panel, ALL);
  panel.webview.send({ act: 'look', ids: [idOf(panel, 'fox.png'), idOf(panel, 'plain.png'), 'nothing'] });
  const facts = await world.until('the facts', () => {
    const last = panel.webview.posted.at(-1) as ToPage;
    return 'facts' in last ? last.facts : undefined;
  });
  const [fox, other] = facts.map(([, one]): Facts => one);
  assert.deepEqual(fox?.inputs?.[0], ['KSampler seed', '5']);
  assert.deepEqual(other, { size: undefined, inputs: [], work: '' });
  assert.equal(facts.length, 2);
});

test('an output that is gone before it is read has no facts, and the page gets its answer', async (t) => {
  const { world, id } = await startWithSaved(t);
  const panel = await open(world);
  await shows(world, panel, ALL);
  const ids = [idOf(panel, 'new.png'), idOf(panel, 'fox.png')];
  await world.control.endSession(id);
  world.control.comfyUi(id)?.dropSockets();
  for (const act of ['look', 'measure']) {
    const before = panel.webview.posted.length;
    panel.webview.send({ act, ids });
    const facts = await world.until(
      `the answer to ${act}`,
      () =>
        (panel.webview.posted.slice(before) as readonly ToPage[]).flatMap((one) =>
          'facts' in one ? [one.facts] : [],
        )[0],
    );
    assert.equal(facts.length, 2);
  }
});

test('a thumbnail of a session is no reason to list the folder again', async (t) => {
  const { world } = await startWithSaved(t);
  const panel = await open(world);
  await shows(world, panel, ALL);
  await world.until('the thumbnail', () => itemsOf(panel).some(({ src }) => src.startsWith('data:image/')));
  assert.equal(lists(panel).filter(({ saved }) => saved).length, 1);
});

test('a file of stars that cannot be read is not overwritten', async (t) => {
  const { world } = await startWithSaved(t);
  const panel = await open(world);
  await shows(world, panel, ALL);
  world.editor.files.write('out/.comfydeploy-stars.json', '<<<<<<< mine');
  panel.webview.send({ act: 'star', ids: [idOf(panel, 'fox.png')] });
  await world.until('the reason', () => world.editor.message(/^\.comfydeploy-stars\.json can't be read\./));
  assert.equal(world.editor.written.get(STARS), undefined);
});

test('stars are kept beside the files, together with those of other windows', async (t) => {
  const { world } = await startWithSaved(t);
  const panel = await open(world);
  await shows(world, panel, ALL);
  world.editor.written.set(STARS, '["elsewhere.png"]');
  panel.webview.send({ act: 'star', ids: [idOf(panel, 'fox.png')] });
  await world.until('the star', () => itemsOf(panel).some(({ name, isStarred }) => name === 'fox.png' && isStarred));
  assert.deepEqual(JSON.parse(world.editor.written.get(STARS) ?? ''), ['box L4/fox.png', 'elsewhere.png']);
  panel.webview.send({ act: 'unstar', ids: [idOf(panel, 'fox.png')] });
  await world.until('no star', () => !itemsOf(panel).some(({ isStarred }) => isStarred));
  assert.deepEqual(JSON.parse(world.editor.written.get(STARS) ?? ''), ['elsewhere.png']);
});

for (const hasTrash of [true, false])
  test(`deleting asks first${hasTrash ? '' : ', and once more where there is no trash'}`, async (t) => {
    const { world } = await startWithSaved(t);
    world.editor.hasTrash = hasTrash;
    const panel = await open(world);
    await shows(world, panel, ALL);
    panel.webview.send({ act: 'trash', ids: [idOf(panel, 'fox.png'), idOf(panel, 'new.png')] });
    const question = await world.until('the question', () => world.editor.message(/^Delete fox\.png\?$/));
    assert.deepEqual(names(panel).length, ALL.length);
    question.press('Move to Trash');
    if (!hasTrash) {
      const again = await world.until('the next question', () => world.editor.message(/moved to the trash/));
      again.press('Delete Permanently');
    }
    await shows(
      world,
      panel,
      ALL.filter((name) => name !== 'fox.png'),
    );
  });

test('files that come and go show by themselves, and nothing is read while nobody looks', async (t) => {
  const { world } = await startWithSaved(t);
  const panel = await open(world);
  await shows(world, panel, ALL);
  world.editor.files.writeBytes('out/box L4/later.png', picture());
  await shows(world, panel, [...ALL, 'later.png']);
  panel.move({ active: false, visible: false });
  const { length } = panel.webview.posted;
  world.editor.files.delete('out/box L4/later.png');
  await world.advance(60_000);
  assert.equal(panel.webview.posted.length, length);
  panel.move({ active: true, visible: true });
  await shows(world, panel, ALL);
});

test('commands about a picture get its file, or its row if it is only in a session', async (t) => {
  const { world } = await startWithSaved(t);
  const panel = await open(world);
  await shows(world, panel, ALL);
  panel.webview.send({ act: 'queueAgain', ids: [idOf(panel, 'plain.png')] });
  await world.until('what the file lacks', () => world.editor.message(/^plain\.png contains no workflow/));
  panel.webview.send({ act: 'openWorkflow', ids: [idOf(panel, 'new.png')] });
  await world.until('what the output lacks', () => world.editor.message(/^new\.png contains no workflow/));
});

test('messages that are none change nothing', async (t) => {
  const { world } = await startWithSaved(t);
  const panel = await open(world);
  await shows(world, panel, ALL);
  const { length } = world.editor.ran;
  const fox = idOf(panel, 'fox.png');
  for (const nonsense of [
    'trash',
    7,
    null,
    { act: 'endSession', ids: [fox] },
    { act: 'open' },
    { act: 'open', ids: ['/etc'] },
  ])
    panel.webview.send(nonsense);
  await world.settled();
  assert.equal(world.editor.ran.length, length);
  await shows(world, panel, ALL);
});

test('the row of a session opens the gallery with its outputs', async (t) => {
  const { world, target } = await startWithSaved(t);
  const panel = await open(world, target);
  await world.advance(2_000);
  await world.until('the session', () =>
    lists(panel).some(
      ({ from, live }) => from !== '' && live.some((item) => item.from === from && item.name === 'new.png'),
    ),
  );
});

test('without a folder and a session the gallery says how to see saved ones', async (t) => {
  const { world } = await startWithOutputs(t);
  const panel = await open(world);
  const { about } = await world.until('the list', () => lists(panel).at(-1));
  assert.equal(about, 'No outputs yet. To see saved ones here, set “comfydeploy.outputsFolder”.');
});
