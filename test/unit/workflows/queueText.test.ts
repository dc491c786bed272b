import assert from 'node:assert/strict';
import test from 'node:test';
import {
  leftOutText,
  outcomeText,
  percentOf,
  problemOfFailure,
  refusalText,
  stageText,
} from '../../../src/workflows/queueText';

const ended = { name: 'cat', session: 'sd-box (A10G)', isCancelled: false, waited: 75_000 };
const file = { filename: 'a.png', subfolder: '', type: 'output' };
const done = { kind: 'done', files: [file, file], isCached: false, took: 12_000 } as const;

test('how far it has come is said in few words, and 100 % only of what is done', () => {
  const running = (share: number, node?: string) => stageText({ kind: 'running', share, node }, false);
  assert.equal(stageText({ kind: 'waiting', ahead: undefined }, false), 'in the queue');
  assert.equal(stageText({ kind: 'waiting', ahead: 0 }, false), 'next in the queue');
  assert.equal(stageText({ kind: 'waiting', ahead: 2 }, false), '2 ahead of it');
  assert.equal(running(0), 'starting');
  assert.equal(running(0, 'KSampler'), 'KSampler, 0%');
  assert.equal(running(0.459, 'KSampler'), 'KSampler, 45%');
  assert.equal(running(0.5), '50%');
  assert.equal(stageText({ kind: 'done' }, false), 'finishing');
  assert.equal(stageText({ kind: 'waiting', ahead: 2 }, true), '2 ahead of it; ComfyUI is not responding');
  assert.equal(percentOf({ kind: 'running', share: 0.999, node: undefined }), 99);
});

test('the result is announced with its outputs and its duration', () => {
  assert.equal(outcomeText(done, ended), 'cat is done: 2 outputs after 12 s.');
  assert.equal(
    outcomeText({ ...done, files: [file], took: undefined }, ended),
    'cat is done: 1 output after 1 min 15 s.',
  );
  assert.equal(outcomeText({ ...done, files: [] }, ended), 'cat is done: no outputs after 12 s.');
  assert.match(
    outcomeText({ ...done, isCached: true }, ended),
    /^Nothing in cat has changed .* The last run has 2 outputs\.$/,
  );
  assert.match(outcomeText({ kind: 'forgotten' }, ended), /^cat is done\. /);
  assert.match(outcomeText({ kind: 'lost' }, ended), /^cat is no longer in the queue of sd-box \(A10G\)/);
});

test('a user who stopped it learns its result', () => {
  const cancelled = { ...ended, isCancelled: true };
  assert.equal(outcomeText({ kind: 'interrupted' }, cancelled), 'cat was stopped.');
  assert.match(outcomeText({ kind: 'interrupted' }, ended), /^cat was stopped in ComfyUI/);
  assert.equal(outcomeText(done, cancelled), 'cat finished before it could be stopped: 2 outputs after 12 s.');
});

test('a failure names the node and the reason, without paths or a traceback', () => {
  const failure = { nodeId: '3', classType: 'KSampler', message: 'No file /comfyui/models/x.pt\n' };
  assert.equal(outcomeText({ kind: 'failed', failure }, ended), 'cat failed in KSampler (node 3): No file …/x.pt.');
  assert.deepEqual(problemOfFailure(failure), [
    { nodeId: '3', classType: 'KSampler', input: undefined, message: 'No file …/x.pt.' },
  ]);
  const unknown = { nodeId: undefined, classType: undefined, message: '' };
  assert.equal(outcomeText({ kind: 'failed', failure: unknown }, ended), 'cat failed: ComfyUI gave no reason.');
  assert.deepEqual(problemOfFailure(unknown), []);
});

test('of several problems the first is shown, and how many more there are', () => {
  const problem = { nodeId: '1', classType: 'A', input: 'x', message: 'Value not in list.' };
  assert.equal(
    refusalText('cat', 'Prompt failed.', [problem, problem, problem]),
    'ComfyUI rejected cat. A (node 1): Value not in list. 2 more problems.',
  );
  assert.equal(refusalText('cat', 'Prompt has no outputs.', []), 'ComfyUI rejected cat. Prompt has no outputs.');
  const nameless = { ...problem, classType: undefined, message: 'Node Ghost does not exist.' };
  assert.equal(refusalText('cat', 'No.', [nameless]), 'ComfyUI rejected cat. Node 1: Node Ghost does not exist.');
  assert.equal(
    leftOutText('cat', [problem, problem]),
    'Part of cat was left out. A (node 1): Value not in list. 1 more problem.',
  );
});
