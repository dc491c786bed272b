import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { landscape } from '../simulator/comfyui/picture';
import { encodePng } from '../simulator/comfyui/png';
import { PERSON } from '../simulator/demoWorld';
import type { Simulator } from '../simulator/simulator';
import { until, untilRows, withScene, type Scene } from './scene';
import { appears } from './workbench';

const SIDE = 512;
const HOVER_MS = 3_000;
const SECONDS = 2;
const SESSION = /^sd-box.*\dm · A10G/;

test("a session's outputs are seen, opened, dragged and saved", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'outputs-'));
  try {
    await withScene({ furnish, signedInAs: 'demo', folder }, async (scene) => {
      await seeThumbnails(scene);
      await openInThePreview(scene);
      await seeWhatIsNew(scene);
      await saveToTheWorkspace(scene, folder);
      await dragIntoTheEditor(scene);
      await takePictures(scene);
    });
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

async function furnish({ control }: Simulator): Promise<void> {
  const machine = control.addMachine({ ...PERSON, name: 'sd-box' });
  const { id } = await control.addSession({ machineId: machine.id, minutesLeft: 40.2 });
  const comfyUi = control.comfyUi(id);
  const file = (filename: string, content: Uint8Array | string, subfolder = '') => {
    const ref = { filename, subfolder, type: 'output' } as const;
    comfyUi?.putFile(ref, content);
    return ref;
  };
  const image = (filename: string, seed: number) => file(filename, encodePng(landscape(SIDE, SIDE, seed)));
  comfyUi?.recordRun({ '9': { images: [image('fox_00001_.png', 1), image('fox_00002_.png', 2)] } });
  comfyUi?.recordRun({ '9': { images: [image('a “long” name with everything 100% #1 🦊_00001_.png', 3)] } });
  comfyUi?.recordRun({ '9': { gifs: [file('clip_00001.mp4', 'no video', 'video/new')] } });
  comfyUi?.recordRun({ '9': { audio: [file('song_00001_.wav', silence(SECONDS))] } });
  comfyUi?.recordRun({ '9': { text: [file('caption_00001_.txt', 'a red fox in deep snow')] } });
}

/** A silent sound, 8 bits a sample, 8,000 samples a second. */
function silence(seconds: number): Buffer {
  const rate = 8_000;
  const length = seconds * rate;
  const header = Buffer.alloc(44);
  header.write('RIFF', 0);
  header.writeUInt32LE(36 + length, 4);
  header.write('WAVEfmt ', 8);
  header.writeUInt32LE(16, 16);
  header.writeUInt16LE(1, 20);
  header.writeUInt16LE(1, 22);
  header.writeUInt32LE(rate, 24);
  header.writeUInt32LE(rate, 28);
  header.writeUInt16LE(1, 32);
  header.writeUInt16LE(8, 34);
  header.write('data', 36);
  header.writeUInt32LE(length, 40);
  return Buffer.concat([header, Buffer.alloc(length, 128)]);
}

const thumbnail = (scene: Scene, name: string): Locator =>
  scene.window.row(name).locator('.custom-view-tree-node-item-icon');

async function seeThumbnails(scene: Scene): Promise<void> {
  const { window } = scene;
  await window.row(SESSION).locator('.monaco-tl-twistie').click();
  await untilRows(window, [
    SESSION,
    /^Outputs 6, newest .*/,
    /^caption_00001_\.txt .* · text$/,
    /^song_00001_\.wav .* · audio$/,
    /^clip_00001\.mp4 .* · video · video\/new$/,
    /^a “long” name with everything 100% #1 🦊_00001_\.png /,
    /^fox_00002_\.png /,
    /^fox_00001_\.png /,
  ]);
  for (const name of ['fox_00001_.png', 'fox_00002_.png'])
    await until(`the thumbnail of ${name}`, async () => (await widthOfIcon(thumbnail(scene, name))) === SIDE);
  assert.match(await window.hoverText(window.row('fox_00001_.png')), /fox_00001_\.png.*Kind: image.*Size: .*kB/s);
  const picture = window.page.locator('.monaco-hover:visible img');
  await until('the picture under the pointer', async () => (await widthOf(picture)) === SIDE);
}

async function openInThePreview({ window }: Scene): Promise<void> {
  await window.row('fox_00002_.png').click();
  await window.tab('fox_00002_.png').waitFor();
  await until('the picture', async () => (await widthOf(window.webview().locator('img'))) === SIDE);
  const levels = window.page.locator('.breadcrumbs-control .monaco-breadcrumb-item');
  assert.deepEqual(await levels.allInnerTexts(), ['sd-box A10G', 'Outputs', 'fox_00002_.png']);
  await window.row('song_00001_.wav').click();
  const song = window.webview().locator('audio');
  await until('the sound', async () => (await secondsOf(song)) === SECONDS);
  await window.row('caption_00001_.txt').click();
  await window.page.locator('.part.editor .view-lines', { hasText: 'a red fox in deep snow' }).waitFor();
}

async function seeWhatIsNew({ window, control }: Scene): Promise<void> {
  const [session] = control.sessions();
  const comfyUi = control.comfyUi(session?.id ?? '');
  comfyUi?.startJob();
  await comfyUi?.finishJob();
  await window.rowAction(/^Outputs/, 'Refresh Outputs');
  await window.row('ComfyUI_00001_.png').waitFor();
  await window.row(/^Outputs *7/).waitFor();
}

async function saveToTheWorkspace({ window }: Scene, folder: string): Promise<void> {
  await window.rowMenu('fox_00001_.png', 'Save As');
  await window.quickInput.waitFor();
  await window.page.keyboard.press('Enter');
  await until('the file', () => fs.existsSync(path.join(folder, 'fox_00001_.png')));
  assert.deepEqual(fs.readFileSync(path.join(folder, 'fox_00001_.png')).subarray(1, 4).toString(), 'PNG');
}

async function dragIntoTheEditor({ window }: Scene): Promise<void> {
  await window.runCommand('View: Close All Editors');
  await window.row('fox_00001_.png').hover();
  const { mouse } = window.page;
  await mouse.down();
  await window.page.locator('.part.editor').hover({ force: true });
  await mouse.move(700, 400, { steps: 5 });
  await mouse.up();
  await window.tab('fox_00001_.png').waitFor();
  await until('the picture', async () => (await widthOf(window.webview().locator('img'))) === SIDE);
}

async function takePictures({ window }: Scene): Promise<void> {
  for (const theme of ['dark', 'light', 'hc'] as const) {
    if (theme !== 'dark') {
      await window.changeTheme(theme);
      await window.row(SESSION).locator('.monaco-tl-twistie').click();
    }
    await window.row('fox_00001_.png').waitFor();
    await until('the picture under the pointer', async () => {
      await window.statusItem(/sd-box/).hover(); // a row that is redrawn under the pointer shows no hover
      await window.row('fox_00001_.png').hover();
      return appears(window.page.locator('.monaco-hover:visible img'), HOVER_MS);
    });
    await window.screenshot(`${theme}-outputs`);
  }
}

/** The picture's width in pixels; 0 if it did not load. */
async function widthOf(picture: Locator): Promise<number> {
  return (await picture.count()) === 0
    ? 0
    : picture.first().evaluate((element) => (element instanceof HTMLImageElement ? element.naturalWidth : 0));
}

async function secondsOf(sound: Locator): Promise<number> {
  return (await sound.count()) === 0
    ? 0
    : sound.first().evaluate((element) => (element instanceof HTMLAudioElement ? element.duration : 0));
}

/** The same for a picture that a row shows in place of an icon, drawn by its style. */
async function widthOfIcon(icon: Locator): Promise<number> {
  return icon.evaluate(async (element) => {
    const [, address] = /^url\("(.*)"\)$/.exec(getComputedStyle(element).backgroundImage) ?? [];
    if (address === undefined) return 0;
    const picture = new Image();
    picture.src = address;
    return picture.decode().then(
      () => picture.naturalWidth,
      () => 0,
    );
  });
}
