import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import type * as vscode from 'vscode';
import type { TreeNode } from '../../../src/sidebar/ui/sessionTree';
import { plain } from '../../simulator/comfyui/picture';
import { encodePng } from '../../simulator/comfyui/png';
import { ThemeIcon, Uri, type DataTransferItem, type MarkdownString, type TreeItem } from '../../fakes/vscode';
import { startWithOutputs } from '../saving';
import { MINUTE, startWithSession, type World } from '../start';

const RED = encodePng(plain(8, 8, 0xff_00_00));
const WORKSPACE = 'file:///workspace';

/** A session whose row is open, or will be opened. */
async function startOpened(t: TestContext, isOpen = true) {
  const parts = await startWithOutputs(t);
  const { world, comfyUi } = parts;
  const picture = (filename: string, subfolder = '') => {
    const ref = { filename, subfolder, type: 'output' } as const;
    comfyUi.putFile(ref, RED);
    return ref;
  };
  const rendered = (...names: readonly string[]) =>
    comfyUi.recordRun({ '9': { images: names.map((name) => picture(name)) } });
  const open = async () => {
    world.view.expand(world.node('sd-box'));
    world.nodes();
    await world.settled();
  };
  if (isOpen) await open();
  const asked = (what: string) => comfyUi.requests.filter((request) => request === what).length;
  return { ...parts, rendered, picture, open, asked };
}

/** The rows below the session. */
const below = (world: World) => world.rows.slice(1);
const labels = (world: World) => below(world).map((row) => row.split(':')[0]);

async function read(world: World, uri: vscode.Uri): Promise<string> {
  const fileSystem = world.editor.fileSystems.get(uri.scheme);
  return Buffer.from((await fileSystem?.readFile(uri)) ?? '').toString();
}

const addressOf = (icon: unknown) => (icon instanceof Uri ? icon.toString() : 'no address');

const opened = (world: World) =>
  world.editor.ran.filter(({ id }) => id.startsWith('vscode.open')).map(({ args }) => args[0] as vscode.Uri);

async function tooltipOf(world: World, label: string): Promise<MarkdownString> {
  const node = world.node(label);
  const item = await world.view.provider.resolveTreeItem?.(world.item(node), node, {} as vscode.CancellationToken);
  return (item as TreeItem).tooltip as MarkdownString;
}

test('a session with a page is closed at first, and nothing is asked for until it is opened', async (t) => {
  const { world, rendered, open, asked } = await startOpened(t, false);
  rendered('a.png', 'b.png');
  await world.refresh();
  const before = asked('GET /history');
  assert.deepEqual(labels(world), []);
  assert.equal(
    world.item(world.node('sd-box')).id?.endsWith('+'),
    false,
    'it is the same row with and without outputs',
  );

  await open();
  assert.deepEqual(labels(world), ['Outputs', 'b.png', 'a.png']);
  assert.match(below(world)[0]!, /^Outputs: 2, newest just now$/);
  assert.equal(asked('GET /history') - before, 1);
  await world.advance(3 * MINUTE);
  assert.match(below(world)[0]!, /^Outputs: 2, newest 3 min ago$/);
  assert.equal(asked('GET /view'), 4, 'the sizes and the thumbnails, once');
});

test('a session that is starting has no outputs to open', async (t) => {
  const { world } = await startWithSession(t, { state: 'starting', minutesOld: 0 });
  assert.equal(world.item(world.node('sd-box')).collapsibleState, 0);
});

test('an empty list of outputs says so, and outputs appear once they are rendered', async (t) => {
  const { world, comfyUi } = await startOpened(t);
  assert.deepEqual(below(world), ['Outputs: ', 'None yet: rendered files appear here']);

  comfyUi.startJob();
  await world.advance(15_000);
  await comfyUi.finishJob();
  await world.advance(30_000);
  assert.deepEqual(labels(world).slice(0, 1), ['Outputs']);
  assert.match(labels(world)[1]!, /^ComfyUI_\d+_\.png$/);
});

test('of rows that nobody sees nothing is asked', async (t) => {
  const { world, comfyUi, rendered, asked } = await startOpened(t);
  world.view.collapse(world.node('Outputs'));
  const looks = () => asked('GET /view');
  rendered('a.png');
  comfyUi.startJob();
  await world.advance(15_000);
  await comfyUi.finishJob();
  await world.advance(MINUTE);
  assert.equal(looks(), 0);

  world.view.setVisible(false);
  world.view.expand(world.node('Outputs'));
  await world.settled();
  assert.equal(looks(), 0);
  world.view.setVisible(true);
  await world.settled();
  assert.equal(looks(), 4);
});

test('only rows that read otherwise are redrawn, and a file keeps its row', async (t) => {
  const { world, rendered, target } = await startOpened(t);
  rendered('a.png');
  await world.run('refreshOutputs', target);
  await world.settled();
  const [node, item] = [world.node('a.png'), world.item(world.node('a.png'))];
  const redraws = world.view.redraws.length;
  await world.run('refreshOutputs', target);
  await world.settled();
  assert.equal(world.view.redraws.length, redraws);

  rendered('b.png');
  await world.run('refreshOutputs', target);
  await world.settled();
  assert.equal(world.node('a.png'), node);
  assert.deepEqual(world.item(node), item);
  for (const rows of world.view.redraws.slice(redraws)) {
    assert.ok(rows, 'never all of them');
    assert.ok(!rows.includes(node));
  }
});

test('an image shows itself, and other files what they are', async (t) => {
  const { world, comfyUi, picture, target } = await startOpened(t);
  world.view.provider.onDidChangeTreeData?.(() => queueMicrotask(() => world.rows)); // as an open view does
  const clip = { filename: 'clip.mp4', subfolder: 'video/new', type: 'output' } as const;
  comfyUi.putFile(clip, 'moving');
  comfyUi.recordRun({ '9': { images: [picture('a.png')] }, '10': { gifs: [clip] } });
  await world.run('refreshOutputs', target);
  await world.settled();

  const node = world.node('a.png');
  const icon = addressOf(world.item(node).iconPath);
  assert.match(icon, /^data:image\/webp;base64,[\w+/=]{20,}$/);
  assert.deepEqual(world.item(world.node('clip.mp4')).iconPath, new ThemeIcon('device-camera-video'));
  assert.match(world.rows.find((row) => row.startsWith('clip.mp4')) ?? '', / · video · video\/new$/);
  assert.ok(!comfyUi.requests.includes('HEAD /view'), 'sizes are asked for under the pointer only');

  const redrawn = world.view.redraws.filter((rows) => rows?.includes(node));
  assert.equal(redrawn.length, 1, 'once it has its picture');

  const tooltip = await tooltipOf(world, 'a.png');
  const { url } = world.control.sessions()[0]!;
  assert.ok(url && !tooltip.value.includes(new URL(url).host));
  assert.ok(tooltip.value.includes(`![](${icon}|width=320)`));
  assert.match(tooltip.value, /Kind: image.*Size: 1 kB.*Finished: /s);
  assert.ok(tooltip.value.length < 100_000, 'VS Code cuts what is longer');
});

test('a picture that cannot be had small is an icon, and the rest of the list is whole', async (t) => {
  const { world, ran, target } = await startOpened(t);
  ran('no picture at all.png');
  await world.run('refreshOutputs', target);
  await world.settled();
  assert.deepEqual(world.item(world.node('no picture at all.png')).iconPath, new ThemeIcon('file-media'));
});

test("a click opens a file in VS Code's own preview, through an address that is no key", async (t) => {
  const { world, id, ran, target } = await startOpened(t);
  ran('a.png');
  await world.run('refreshOutputs', target);
  await world.click(world.node('a.png'));
  const [uri] = opened(world);
  assert.ok(uri);
  assert.equal(uri.path, '/sd-box A10G/Outputs/a.png', 'VS Code shows its levels above the file');
  const address = world.control.session(id)?.url;
  assert.ok(address && !uri.toString().includes(new URL(address).host));
  assert.equal(await read(world, uri), 'this is a.png');
  const stat = await world.editor.fileSystems.get(uri.scheme)?.stat(uri);
  assert.deepEqual([stat?.type, stat?.size, stat?.permissions], [1, 13, 1]);
});

test('an open preview is notified when another run writes its file again', async (t) => {
  const { world, ran, target } = await startOpened(t);
  ran('a.png');
  await world.run('refreshOutputs', target);
  await world.run('openOutput', world.node('a.png'));
  const [uri] = opened(world);
  const fileSystem = world.editor.fileSystems.get('comfydeploy-output');
  assert.ok(fileSystem && uri);
  const before = await fileSystem.stat(uri);
  const changed: string[] = [];
  fileSystem.onDidChangeFile((events) => events.forEach((event) => changed.push(`${event.type} ${event.uri.path}`)));
  await world.run('refreshOutputs', target);
  assert.deepEqual(changed, []);

  await world.advance(MINUTE);
  ran('a.png');
  await world.run('refreshOutputs', target);
  assert.deepEqual(changed, [`1 ${uri.path}`]);
  assert.ok((await fileSystem.stat(uri)).mtime > before.mtime, 'VS Code reads it again');
});

test('nothing can be written, and what was not made here is not found', async (t) => {
  const { world, id, ran, target } = await startOpened(t);
  ran('a.png');
  await world.run('refreshOutputs', target);
  await world.run('openOutput', world.node('a.png'));
  const [uri] = opened(world);
  const fileSystem = world.editor.fileSystems.get('comfydeploy-output');
  assert.ok(fileSystem && uri);
  for (const write of [
    () => fileSystem.writeFile(uri, new Uint8Array(), { create: true, overwrite: true }),
    () => fileSystem.delete(uri, { recursive: true }),
    () => fileSystem.rename(uri, uri, { overwrite: true }),
    () => fileSystem.createDirectory(uri),
  ])
    await assert.rejects(Promise.resolve().then(write), /can't be changed here/);
  for (const text of [
    '/',
    `/${id}`,
    `/${id}/!!!/a.png`,
    `/${id}/WzFd/a.png`,
    '/nobody/WyJvdXRwdXQiLCIiLCJhIl0/a',
    '//x/sd-box/Outputs/%25ff',
    '//zz.zz/a',
  ])
    await assert.rejects(
      Promise.resolve(fileSystem.stat(Uri.parse(`comfydeploy-output:${text}`))),
      /isn't the output of a session|is over/,
    );
});

test('a file that is gone on the server says so, and so does a session that is over', async (t) => {
  const { world, id, comfyUi, ran, target } = await startOpened(t);
  ran('kept.png');
  comfyUi.recordRun({ '9': { images: [{ filename: 'gone.png', subfolder: '', type: 'output' }] } });
  await world.run('refreshOutputs', target);
  await world.run('openOutput', world.node('gone.png'));
  await world.run('openOutput', world.node('kept.png'));
  const [gone, kept] = opened(world);
  assert.ok(gone && kept);
  await assert.rejects(read(world, gone), { code: 'FileNotFound' });
  assert.equal(await read(world, kept), 'this is kept.png');

  await world.control.endSession(id);
  await world.refresh();
  assert.deepEqual(world.rows, ['sd-box: A10G']);
  await assert.rejects(read(world, kept), { code: 'FileNotFound', message: /This session is over/ });
});

test('an outage leaves the list as it was and says so; a first look that fails can be made again', async (t) => {
  const { world, comfyUi, ran, target, open } = await startOpened(t, false);
  ran('a.png');
  comfyUi.refuse('/history', 502);
  await open();
  await world.advance(10_000);
  assert.match(below(world)[1]!, /^Couldn't be read: .+/);

  comfyUi.mend();
  await world.click(world.node("Couldn't be read"));
  assert.deepEqual(labels(world), ['Outputs', 'a.png']);

  comfyUi.refuse('/history', 502);
  const looking = world.run('refreshOutputs', target);
  await world.advance(10_000);
  await world.finish(looking);
  assert.deepEqual(labels(world), ['Outputs', 'a.png']);
  assert.match(below(world)[0]!, /may be out of date$/);
  comfyUi.mend();
  await world.advance(2 * MINUTE);
  assert.match(below(world)[0]!, /ago$/);
});

test('saving asks where, and writes what the file holds', async (t) => {
  const { world, ran, target } = await startOpened(t);
  ran('a.png');
  await world.run('refreshOutputs', target);
  world.editor.workspaceFolders = [{ uri: Uri.parse(WORKSPACE), name: 'workspace', index: 0 }];
  const saving = world.run('saveOutput', world.node('a.png'));
  const dialog = await world.editor.saveDialog();
  assert.equal(String(dialog.options.defaultUri), `${WORKSPACE}/a.png`);
  dialog.choose(Uri.parse(`${WORKSPACE}/mine.png`));
  await saving;
  assert.deepEqual([...world.editor.written], [[`${WORKSPACE}/mine.png`, 'this is a.png']]);
  (await world.editor.message(/^Saved mine\.png\.$/)).press('Open');
  await world.until('the file', () => opened(world).some((uri) => uri.toString() === `${WORKSPACE}/mine.png`));
});

test('what is neither picture nor sound is opened as text, whatever other editors there are for it', async (t) => {
  const { world, ran, target } = await startOpened(t);
  ran('a.png', 'run.ipynb', 'page.html', 'notes.md');
  await world.run('refreshOutputs', target);
  for (const name of ['a.png', 'run.ipynb', 'page.html', 'notes.md']) await world.run('openOutput', world.node(name));
  const how = world.editor.ran.filter(({ id }) => id.startsWith('vscode.open'));
  assert.deepEqual(
    how.map(({ id, args: [uri, viewer] }) => [id, String(uri).split('/').at(-1), viewer]),
    [
      ['vscode.open', 'a.png', undefined],
      ['vscode.openWith', 'run.ipynb', 'default'],
      ['vscode.openWith', 'page.html', 'default'],
      ['vscode.openWith', 'notes.md', 'default'],
    ],
  );
});

test('a full disk is reported', async (t) => {
  const { world, ran, target } = await startOpened(t);
  ran('a.png');
  await world.run('refreshOutputs', target);
  world.editor.isDiskFull = true;
  const saving = world.run('saveOutput', world.node('a.png'));
  (await world.editor.saveDialog()).choose(Uri.parse(`${WORKSPACE}/a.png`));
  await saving;
  await world.editor.message(/a\.png could not be written: ENOSPC/);
});

test('names of any kind stay on their line, and are found again, except where the server itself stumbles', async (t) => {
  const { world, ran, target } = await startOpened(t);
  const names = ['back\\slash.png', '“quotes” \'".png', '100% #1?.png', '🌄 [temp].png', '\u202egnp.exe'];
  ran(...names);
  await world.run('refreshOutputs', target);
  await world.settled();
  const files = world.nodes().filter(({ kind }) => kind === 'output');
  assert.equal(files.length, names.length);
  for (const [index, node] of files.toReversed().entries()) {
    assert.doesNotMatch(world.item(node).label, /[\p{Cc}\u202e]/u);
    await world.run('openOutput', node);
    assert.equal(await read(world, opened(world).at(-1)!), `this is ${names[index]}`);
  }

  ran('a\nb.png');
  await world.run('refreshOutputs', target);
  await world.run('openOutput', world.node('a b.png'));
  await assert.rejects(read(world, opened(world).at(-1)!), { code: 'Unavailable' });
});

test('an output can be dragged, and nothing else', async (t) => {
  const { world, ran, target } = await startOpened(t);
  ran('a.png');
  await world.run('refreshOutputs', target);
  const node = world.node('a.png');
  const dragged = (nodes: readonly TreeNode[]) => {
    const data = new Map<string, DataTransferItem>();
    void world.view.drag?.handleDrag?.(
      nodes,
      data as unknown as vscode.DataTransfer,
      {} as unknown as vscode.CancellationToken,
    );
    return [...data].map(([type, { value }]) => [type, value]);
  };
  await world.run('openOutput', node);
  assert.deepEqual(dragged([node]), [['text/uri-list', opened(world)[0]?.toString()]]);
  assert.deepEqual(dragged(world.nodes().slice(0, 2)), []);
  assert.deepEqual(world.view.drag?.dropMimeTypes, []);
});

test('another account knows nothing of what the last one rendered', async (t) => {
  const { world, ran, target } = await startOpened(t);
  ran('a.png');
  await world.run('refreshOutputs', target);
  await world.run('openOutput', world.node('a.png'));
  const [uri] = opened(world);
  assert.equal(await read(world, uri!), 'this is a.png');
  const out = world.run('signOut');
  await world.settled();
  world.editor.messages.at(-1)?.press(world.editor.messages.at(-1)?.buttons[0] ?? '');
  await out;
  await world.settled();
  assert.deepEqual(world.rows, []);
  await assert.rejects(read(world, uri!), /is over/);
});

test('Delete on a file does not end its session, and its menu saves the outputs of it', async (t) => {
  const { world, ran, target, useFolder, saved } = await startOpened(t);
  useFolder();
  ran('a.png');
  await world.run('refreshOutputs', target);
  await world.press('cancelSession', world.node('a.png'));
  assert.deepEqual(world.editor.messages, []);
  await world.run('saveOutputs', world.node('Outputs'));
  assert.deepEqual(saved(), ['a.png']);
});

test('rows speak', async (t) => {
  const { world, picture, comfyUi, target } = await startOpened(t);
  comfyUi.recordRun({ '9': { images: [picture('a.png'), picture('b.png', 'deep')] } });
  await world.run('refreshOutputs', target);
  await world.advance(2 * MINUTE);
  const ariaLabel = world.nodes().map((node) => world.item(node).accessibilityInformation?.label ?? '');
  assert.equal(ariaLabel[1], 'Outputs, 2, newest 2 minutes ago');
  assert.match(ariaLabel[2]!, /^Image, b\.png, .*, deep$/);
});
