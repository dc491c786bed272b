import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { Uri } from '../../fakes/vscode/values';
import { defaultPrompt } from '../../simulator/comfyui/page/defaultGraph';
import { plain } from '../../simulator/comfyui/picture';
import { encodePng } from '../../simulator/comfyui/png';
import { start, type World } from '../start';

const PLAIN = encodePng(plain(8, 8, 0xff_00_00), {});
const CAT = encodePng(plain(8, 8, 0xff_00_00), { prompt: JSON.stringify(defaultPrompt(7)) });

/** A workspace on the disk, as pictures are read in parts. */
function folder(t: TestContext) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'pictures-'));
  t.after(() => fs.rmSync(root, { recursive: true }));
  const write = (name: string, bytes: Uint8Array, { editor }: Pick<World, 'editor'>) => {
    fs.mkdirSync(path.join(root, path.dirname(name)), { recursive: true });
    fs.writeFileSync(path.join(root, name), bytes);
    return editor.files.writeBytes(path.join(root, name), bytes);
  };
  const without = ({ editor }: World) =>
    [...new Set((editor.contexts.get('comfydeploy.plain') ?? []) as string[])].map((one) => path.relative(root, one));
  return { root, write, without };
}

test('pictures without a workflow have no entries in menus, whatever they are called, as they come, change and go', async (t) => {
  const { root, write, without } = folder(t);
  const world = await start(t, {
    window: (opened) => {
      write('cat.png', CAT, opened);
      write('photo.png', PLAIN, opened);
      write('sub/song.mp3', Buffer.from('ID3'), opened);
      write('notes.md', PLAIN, opened);
    },
  });
  await world.until('a look', () => without(world).length > 0);
  assert.deepEqual(without(world), ['photo.png', 'sub/song.mp3']);

  write('photo.png', CAT, world);
  write('cat.png', PLAIN, world);
  write('node_modules/logo.png', PLAIN, world);
  await world.until('another look', () => without(world).includes('cat.png'));
  assert.deepEqual(without(world), ['sub/song.mp3', 'cat.png']);

  fs.rmSync(path.join(root, 'cat.png'));
  world.editor.files.delete(path.join(root, 'cat.png'));
  await world.until('another look', () => without(world).length === 1);
});

test('of many pictures some are read, and the others keep their entries until a command finds nothing in them', async (t) => {
  const { root, write, without } = folder(t);
  const large = encodePng(plain(8, 8, 0), { parameters: 'x'.repeat(200_000) });
  const world = await start(t, {
    window: (opened) => {
      for (let n = 0; n < 100; n++) write(`${n}.png`, large, opened);
    },
  });
  await world.until('a look', () => without(world).length > 0);
  assert.ok(without(world).length < 25, String(without(world).length));
  const last = Uri.file(path.join(root, '99.png'));
  assert.ok(!without(world).includes('99.png'));

  await world.run('queueAgain', last);
  await world.editor.message(/^99\.png contains no workflow\./);
  assert.ok(without(world).includes('99.png'));
  write('99.png', large, world);
  await world.until('its change', () => !without(world).includes('99.png'));
});

test('no picture is read until somebody is signed in', async (t) => {
  const { write, without } = folder(t);
  const world = await start(t, { scope: null, window: (opened) => void write('photo.png', PLAIN, opened) });
  await world.settled();
  assert.equal(world.editor.contexts.has('comfydeploy.plain'), false);
  await world.keepKey(world.keys.mine);
  await world.until('a look', () => without(world).length === 1);
});
