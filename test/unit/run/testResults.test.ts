import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test, type TestContext } from 'node:test';
import { countLine, failure, NOTHING, readResults, total, type Results } from '../../run/results';
import { runStages, type Stage } from '../../run/stage';

const PASSED: Results = { ...NOTHING, passed: 3 };

test('the last line counts, and names skipped tests only if there are any', () => {
  assert.equal(countLine(PASSED), '3 passed, 0 failed');
  assert.equal(countLine({ ...PASSED, skipped: 2 }), '3 passed, 0 failed, 2 skipped');
});

test('results add up, failures included', () => {
  const sum = total([PASSED, failure('lint', 'too long'), { ...PASSED, skipped: 1 }]);
  assert.equal(countLine(sum), '6 passed, 1 failed, 1 skipped');
  assert.deepEqual(sum.failures, [{ name: 'lint', detail: 'too long' }]);
});

test('a suite that ended without an error counts what its reporter wrote', (t) => {
  assert.deepEqual(readResults(written(t, PASSED), 'unit', 0, ''), PASSED);
});

test('a suite that ended badly though no test failed is itself a failure', (t) => {
  const results = readResults(written(t, PASSED), 'unit', 1, 'out of memory');
  assert.equal(countLine(results), '3 passed, 1 failed');
  assert.deepEqual(results.failures, [{ name: 'unit ended early', detail: 'out of memory' }]);
});

test('a suite that ran no test is a failure', (t) => {
  assert.equal(countLine(readResults(written(t, NOTHING), 'unit', 0, '')), '0 passed, 1 failed');
});

test('a suite that left no results is a failure', () => {
  assert.equal(countLine(readResults('/nowhere/results.json', 'unit', 1, 'no such file')), '0 passed, 1 failed');
});

test('a stage that cannot start counts as a failure, says why, and does not keep the next from running', async () => {
  const lines: string[] = [];
  const broken: Stage = { name: 'host', run: () => Promise.reject(new Error('There is no browser.')) };
  const fine: Stage = { name: 'unit', run: () => Promise.resolve({ results: PASSED }) };
  const results = await runStages([broken, fine], (line) => lines.push(line));
  assert.equal(countLine(results), '3 passed, 1 failed');
  assert.match(lines.join('\n'), /✗ host .* 1 failed[^]*There is no browser\.[^]*✓ unit .* 3 passed/);
});

function written(t: TestContext, results: Results): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'results-'));
  t.after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const file = path.join(folder, 'results.json');
  fs.writeFileSync(file, JSON.stringify(results));
  return file;
}
