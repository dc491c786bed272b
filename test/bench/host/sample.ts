import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';

/** VS Code starts its own extensions meanwhile and does not report when it is done. */
const REST_MS = 3_000;

/** VS Code calls it inside its extension host: times one activation and adds it to TEST_RESULTS as a line of JSON. */
export async function run(): Promise<void> {
  await sleep(REST_MS);
  const { extension, file } = subject();
  if (extension.isActive) throw new Error(`${extension.id} was active before it was asked to be.`);

  const cpuBefore = process.cpuUsage();
  const start = performance.now();
  await extension.activate();
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpuBefore);

  fs.appendFileSync(file, `${JSON.stringify({ id: extension.id, ms, cpuMs: (user + system) / 1_000 })}\n`);
}

/** The extension under development: the one that lies in our folder. */
function subject(): { readonly extension: vscode.Extension<unknown>; readonly file: string } {
  const { TEST_FOLDER: folder, TEST_RESULTS: file } = process.env;
  if (!folder || !file) throw new Error('TEST_FOLDER and TEST_RESULTS are needed.');
  const extension = vscode.extensions.all.find(({ extensionPath }) => path.dirname(extensionPath) === folder);
  if (!extension) throw new Error('The extension to be timed is not there.');
  return { extension, file };
}
