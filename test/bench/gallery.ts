import fs from 'node:fs';
import path from 'node:path';
import type { Frame, FrameLocator } from 'playwright-core';
import { startWindow, type EditorWindow } from '../e2e/harness';
import { until } from '../e2e/scene';
import { defaultPrompt, defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';
import { landscape } from '../simulator/comfyui/picture';
import { encodePng } from '../simulator/comfyui/png';
import { atMost, milliseconds, type Figure, type Measurement } from './figure';

const MANY = 10_000;
const SIDE = 1_024;
const LANDSCAPES = 20;
const FOLDERS = 25;
const SECONDS = 4;
/** Pixels a frame. */
const SPEED = 30;
/** Somebody notices. */
const LATE_MS = 1_000 / 30;

export const gallery: Measurement = {
  name: 'gallery',
  title: 'Gallery',
  method:
    `A folder of ${MANY.toLocaleString('en')} saved pictures of ${SIDE} × ${SIDE} pixels with their workflows, in a ` +
    'real VS Code in a browser without a graphics card: from the command to the first thumbnail, once the gallery has ' +
    `been open before; then ${SECONDS} s of frames at rest, and while it scrolls by ${SPEED} pixels a frame. Late is ` +
    'a frame that takes longer than a 30th of a second.',
  async measure({ folder, progress }) {
    const saved = path.join(folder, 'saved');
    saveMany(saved);
    const window = await startWindow({ settings: { 'comfydeploy.outputsFolder': saved } });
    try {
      progress('the gallery');
      return await measureIn(window);
    } finally {
      await window.close();
    }
  },
};

/** The same pictures under many names. */
function saveMany(into: string): void {
  const workflow = JSON.stringify(defaultWorkflow);
  for (let at = 0; at < MANY; at++) {
    const folder = path.join(into, `sd-box A10G ${Math.floor(at / LANDSCAPES) % FOLDERS}`);
    const place = path.join(folder, `fox_${at}.png`);
    const original = path.join(into, 'sd-box A10G 0', `fox_${at % LANDSCAPES}.png`);
    fs.mkdirSync(folder, { recursive: true });
    if (at >= LANDSCAPES) fs.linkSync(original, place);
    else
      fs.writeFileSync(
        place,
        encodePng(landscape(SIDE, SIDE, at), { prompt: JSON.stringify(defaultPrompt(at)), workflow }),
      );
  }
}

async function measureIn(window: EditorWindow): Promise<readonly Figure[]> {
  const { page } = window;
  const inside = window.webview();
  const open = async () => {
    const began = performance.now();
    await window.runCommand('ComfyDeploy: Open Gallery');
    await until('a thumbnail', () => hasPictures(inside));
    return performance.now() - began;
  };
  await open(); // what is read late is there now
  await window.runCommand('View: Close Editor');
  const floor = await framesOf(page.mainFrame(), undefined);
  const first = await open();
  await until('all of them', async () => (await inside.locator('#count').innerText()) === `${MANY}`);
  const grid = await inside.locator('#grid').elementHandle();
  const frame = await grid.ownerFrame();
  if (!frame) throw new Error('There is no gallery.');
  const scrolled = await framesOf(frame, '#grid');
  await until('thumbnails after it', () => hasPictures(inside));
  const heap = Number(await frame.evaluate('performance.memory.usedJSHeapSize'));
  const [still, moving] = [mean(floor), mean(scrolled)];
  return [
    { name: 'From the command to a thumbnail', value: milliseconds(first) },
    {
      name: 'A frame while it scrolls, as a ratio to one at rest',
      value: (moving / still).toFixed(2),
      target: atMost(moving / still, 1.1, '1.1'),
      note: `${milliseconds(moving)} to ${milliseconds(still)}`,
    },
    { name: 'Frames that came late', value: lateIn(scrolled), note: `at rest ${lateIn(floor)}` },
    { name: 'JavaScript heap of its process', value: `${(heap / 1e6).toFixed(1)} MB` },
  ];
}

async function hasPictures(inside: FrameLocator): Promise<boolean> {
  return (await inside.locator('#all canvas').count()) > 0;
}

/** How long each frame takes, ms, while something scrolls, or nothing. */
async function framesOf(frame: Frame, scrolled: string | undefined): Promise<readonly number[]> {
  return frame.evaluate(
    ({ what, seconds, speed }) =>
      new Promise<readonly number[]>((resolve) => {
        const box = what === undefined ? undefined : document.querySelector(what);
        const times: number[] = [];
        let [began, last] = [NaN, NaN];
        const next = (now: number) => {
          if (!Number.isNaN(last)) times.push(now - last);
          [began, last] = [began || now, now];
          box?.scrollBy(0, speed);
          if (now - began < seconds * 1_000) requestAnimationFrame(next);
          else resolve(times);
        };
        requestAnimationFrame(next);
      }),
    { what: scrolled, seconds: SECONDS, speed: SPEED },
  );
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

function lateIn(frames: readonly number[]): string {
  return `${frames.filter((ms) => ms > LATE_MS).length} of ${frames.length}`;
}
