import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { Frame, Locator } from 'playwright-core';

interface Found {
  readonly rule: string;
  readonly where: string;
}

/** An automatic check finds no barrier in a document of ours. @param root any element of it. */
export async function assertAccessible(root: Locator, what: string): Promise<void> {
  const element = await root.elementHandle();
  const frame = await element.ownerFrame();
  assert.ok(frame);
  assert.deepEqual(await findingsIn(frame), [], what);
}

/** Framed pages are not ours. */
async function findingsIn(frame: Frame): Promise<readonly Found[]> {
  await frame.evaluate(axe.source);
  return frame.evaluate(`axe.run(document, { iframes: false, elementRef: false }).then(({ violations }) =>
    violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => ({ rule: id, where: html }))))`);
}
