import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { readWorkflow } from '../../../src/comfyui/workflow';
import { carriedIn } from '../../../src/workflows/carried';
import { workflowOf } from '../../../src/workflows/carriedWorkflow';
import { demoFolder } from '../../run/demoFolder';
import { noRests } from '../../fakes/noRests';

test('the folder that npm start opens holds a workflow as drawn, one to queue, and a picture that carries one', async (t) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'workflows-'));
  t.after(() => fs.rmSync(folder, { recursive: true }));
  demoFolder(folder);
  const text = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
  assert.ok((await readWorkflow(text('mountains.json'), noRests()))?.graph);
  assert.ok((await readWorkflow(text('mountains.api.json'), noRests()))?.prompt);
  const bytes = fs.readFileSync(path.join(folder, 'mountains.png'));
  const read = (from: number, length: number) => Promise.resolve(bytes.subarray(from, from + length));
  const carried = await carriedIn({ size: bytes.length, read });
  assert.ok(carried && (await workflowOf(carried, noRests())));
});
