import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { SessionSeed } from '../simulator/seeds';
import { startWithSession } from './start';

/** A session with a ComfyUI behind it, and an empty folder on a real disk. */
export async function startWithOutputs(t: TestContext, seed: Omit<SessionSeed, 'machineId'> = {}) {
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'saved outputs-'));
  t.after(() => fs.rmSync(root, { recursive: true, force: true }));
  const { world, id, target } = await startWithSession(t, seed, { comfyUi: true });
  const comfyUi = world.control.comfyUi(id);
  assert.ok(comfyUi);

  /** Records a finished run that wrote these files; each contains its own name. */
  const ran = (...names: readonly string[]) => {
    const images = names.map((filename) => ({ filename, subfolder: '', type: 'output' as const }));
    for (const image of images) comfyUi.putFile(image, `this is ${image.filename}`);
    return comfyUi.recordRun({ '9': { images } });
  };
  /** The folder of the session, if there is one. */
  const folder = () => {
    const [name] = fs.readdirSync(root);
    return name === undefined ? undefined : path.join(root, name);
  };
  /** The names of what was saved. */
  const saved = () =>
    folder() === undefined ? [] : fs.readdirSync(folder() ?? root).filter((name) => name[0] !== '.');
  const useFolder = () => world.editor.configure('comfydeploy.outputsFolder', root);
  return { world, id, target, comfyUi, ran, root, folder, saved, useFolder };
}
