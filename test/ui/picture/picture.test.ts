import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type { Shown } from '../../../src/picture/picture';
import { FakePanel } from '../../fakes/vscode/panel';
import type { Uri } from '../../fakes/vscode/values';
import { TabInputTextDiff } from '../../fakes/vscode/values';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { plain } from '../../simulator/comfyui/picture';
import { encodePng } from '../../simulator/comfyui/png';
import { startWithBox } from '../creating';
import { MINUTE, startWithSession, type World } from '../start';
import { panelOf } from '../tabPage';

const TYPE = 'comfydeploy.picture';
const written = (workflow: unknown) => JSON.stringify(workflow, undefined, 2);
const lineOf = (text: string, part: string) => text.split('\n').findIndex((line) => line.includes(part));

/** Opens a file as VS Code does when the picture is chosen. */
async function openPicture(world: World, uri: Uri): Promise<FakePanel> {
  const provider = world.editor.customEditors.get(TYPE);
  assert.ok(provider);
  const token = { isCancellationRequested: false, onCancellationRequested: () => ({ dispose: () => undefined }) };
  const document = await provider.openCustomDocument(
    uri,
    { backupId: undefined, untitledDocumentData: undefined },
    token,
  );
  const panel = new FakePanel(TYPE, 'opened');
  await provider.resolveCustomEditor(document, panel, token);
  return panel;
}

/** What the page shows once its script has asked for it. */
async function shown(world: World, { webview }: FakePanel, isRight: (last: Shown) => boolean = () => true) {
  webview.send('loaded');
  return world.until('the picture', () => {
    const last = webview.posted.at(-1) as Shown | undefined;
    return last && isRight(last) ? last : undefined;
  });
}

async function startWithFile(t: TestContext, workflow: unknown) {
  const world = await startWithBox(t);
  const text = written(workflow);
  return { world, text, uri: world.editor.files.write('cat.json', text) };
}

test('the command opens the picture of a file', async (t) => {
  const { world, uri } = await startWithFile(t, defaultWorkflow);
  await world.editor.run('comfydeploy.showPicture', uri);
  assert.deepEqual(world.editor.ran.at(-1), { id: 'vscode.openWith', args: [uri, TYPE] });
});

test('its document loads nothing, and a choice in it shows the place in the text', async (t) => {
  const { world, text, uri } = await startWithFile(t, defaultWorkflow);
  const panel = await openPicture(world, uri);
  assert.match(panel.webview.html, /default-src &#39;none&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;;/);
  assert.doesNotMatch(panel.webview.html, / on\w+=|https?:|style=/);
  assert.deepEqual(panel.webview.options.localResourceRoots, []);
  const { picture, labels } = await shown(world, panel);
  assert.equal(picture.boxes.length, 7);
  assert.ok(labels.includes('KSampler #3'));
  for (const nonsense of ['KSampler', 7, null, { key: '["node","","3"]' }, '']) panel.webview.send(nonsense);
  await world.settled();
  assert.deepEqual(world.editor.shownTexts, []);
  panel.webview.send('["node","","3"]');
  const place = await world.until('its place', () => world.editor.shownTexts.at(-1));
  assert.equal(place.uri.toString(), uri.toString());
  assert.equal(place.selection?.start.line, lineOf(text, '"type": "KSampler"'));
});

test('the picture follows what is typed, and stays while the text is broken', async (t) => {
  const { world, text, uri } = await startWithFile(t, defaultWorkflow);
  world.editor.texts.open(uri, text);
  const panel = await openPicture(world, uri);
  await shown(world, panel);
  const last = () => panel.webview.posted.at(-1) as Shown;
  world.editor.texts.type(uri, text.replace('"type": "SaveImage"', '"type": "PreviewImage"'));
  await world.advance(1_000);
  await world.until('the other type', () => last().picture.boxes.some(({ type }) => type === 'PreviewImage'));
  world.editor.texts.type(uri, text.slice(0, -20));
  await world.advance(1_000);
  await world.until('why', () => last().about === "cat isn't a ComfyUI workflow.");
  assert.equal(last().picture.boxes.length, 7);
  panel.move({ active: false, visible: false });
  const { length } = panel.webview.posted;
  world.editor.texts.type(uri, text);
  await world.advance(1_000);
  await world.settled();
  assert.equal(panel.webview.posted.length, length);
});

test('names of values and problems come from the nodes of the machine that ran last', async (t) => {
  const { world, id } = await startWithSession(t, {}, { comfyUi: true });
  const comfyUi = world.control.comfyUi(id);
  await world.until('the list to be read', async () => {
    await world.advance(MINUTE);
    return comfyUi?.requests.includes('GET /object_info');
  });
  await world.settled();
  const text = written(defaultWorkflow).replace('sd_xl_base_1.0.safetensors', 'nowhere.safetensors');
  const panel = await openPicture(world, world.editor.files.write('cat.json', text));
  const { picture, labels } = await shown(world, panel, ({ labels: all }) => all.some((label) => label.includes('⚠')));
  const loader = picture.boxes.find(({ type }) => type === 'CheckpointLoaderSimple');
  assert.match(loader?.problems?.join('\n') ?? '', /nowhere\.safetensors/);
  assert.deepEqual(loader?.values, ['ckpt_name: nowhere.safetensors']);
  assert.ok(labels.includes('CheckpointLoaderSimple #4 · ⚠ 1'));
});

test('the workflow in a picture file is drawn, and its text shown read-only', async (t) => {
  const world = await startWithBox(t);
  const png = encodePng(plain(8, 8, 0xff_00_00), { prompt: JSON.stringify(defaultPrompt(7)) });
  const panel = await openPicture(world, world.editor.files.writeBytes('cat.png', png));
  const { picture } = await shown(world, panel);
  assert.equal(picture.boxes.length, 7);
  panel.webview.send('["node","","3"]');
  const document = await world.until('its text', () => world.editor.documents.at(-1));
  assert.match(document.getText(), /"class_type": "KSampler"/);
});

test('a comparison in front is drawn as one picture, from which both texts are reached', async (t) => {
  const { world, uri, text } = await startWithFile(t, defaultWorkflow);
  const older = written(defaultWorkflow)
    .replace('"SaveImage"', '"PreviewImage"')
    .replace(/mountain/, 'river');
  const old = world.editor.files.write('old.json', `// an older one\n${older}`);
  world.editor.frontTab = { input: new TabInputTextDiff(old, uri), label: 'old and cat' };
  await world.editor.run('comfydeploy.showPicture', uri);
  const panel = panelOf(world);
  assert.equal(panel.title, 'old and cat');
  const { labels, about } = await shown(world, panel);
  assert.equal(about, '~ Changed: 2');
  assert.ok(labels.includes('~ CLIPTextEncode #6 · Changed'));
  panel.webview.send('["node","","6"]');
  const { uri: place, selection } = await world.until('its place', () => world.editor.shownTexts.at(-1));
  assert.equal(place.toString(), uri.toString());
  assert.equal(selection?.start.line, lineOf(text, '"type": "CLIPTextEncode"'));
});

test('another file than those compared in front is drawn itself', async (t) => {
  const { world, uri } = await startWithFile(t, defaultWorkflow);
  const other = world.editor.files.write('other.json', written(defaultPrompt(1)));
  world.editor.frontTab = { input: new TabInputTextDiff(uri, uri), label: 'same' };
  await world.editor.run('comfydeploy.showPicture', other);
  assert.deepEqual(world.editor.ran.at(-1)?.args, [other, TYPE]);
});
