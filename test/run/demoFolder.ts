import fs from 'node:fs';
import path from 'node:path';
import { defaultPrompt, defaultWorkflow } from '../simulator/comfyui/page/defaultGraph';
import { landscape } from '../simulator/comfyui/picture';
import { encodePng } from '../simulator/comfyui/png';

const SIDE = 256;
const SEED = 7;

/**
 * A small folder with files the extension can use: a workflow as drawn, one ready to queue, and a picture that carries
 * one.
 */
export function demoFolder(folder: string): string {
  fs.mkdirSync(folder, { recursive: true });
  const prompt = defaultPrompt(SEED);
  fs.writeFileSync(path.join(folder, 'mountains.json'), JSON.stringify(defaultWorkflow, undefined, 2));
  fs.writeFileSync(path.join(folder, 'mountains.api.json'), JSON.stringify(prompt, undefined, 2));
  const words = { prompt: JSON.stringify(prompt), workflow: JSON.stringify(defaultWorkflow) };
  fs.writeFileSync(path.join(folder, 'mountains.png'), encodePng(landscape(SIDE, SIDE, SEED), words));
  return folder;
}
