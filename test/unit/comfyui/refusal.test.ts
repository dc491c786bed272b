import assert from 'node:assert/strict';
import test from 'node:test';
import { endingIn } from '../../../src/comfyui/ending';
import { leftOutIn, problemsIn, PromptRefused, refusalOf as refusalIn } from '../../../src/comfyui/refusal';
import { serverText } from '../../../src/comfyui/serverText';
import { exactJson, prettyJson } from '../../../src/platform/jsonText';
import { finishOf } from '../../../src/comfyui/wire';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import samples from '../../fixtures/comfyui-samples.json';

interface Recorded {
  readonly answer: { readonly status: number; readonly json?: unknown; readonly text?: string };
}
const recorded = samples.http as unknown as Readonly<Record<string, Recorded>>;
const bodyOf = (name: string): string => JSON.stringify(recorded[name]?.answer.json);

const refusalOf = (text: string) => refusalIn(parsePythonJson(text));

test('every refusal of a real server is understood, and names its nodes', () => {
  const nodes = (name: string) => {
    const refusal = refusalOf(bodyOf(name));
    assert.ok(refusal instanceof PromptRefused, name);
    return [refusal.message, refusal.problems.map(({ nodeId, input }) => `${nodeId} ${input ?? ''}`.trim())];
  };
  assert.deepEqual(nodes('POST /prompt no prompt'), ['No prompt provided.', []]);
  assert.deepEqual(nodes('POST /prompt empty prompt'), ['Prompt has no outputs.', []]);
  assert.deepEqual(nodes('POST /prompt unknown node'), [
    'Cannot execute because node NoSuchNode does not exist.',
    ['1'],
  ]);
  const [, problems] = nodes('POST /prompt validation error');
  assert.deepEqual(problems, ['1 batch_size', '1 width', '2 filename_prefix', '3 ckpt_name']);
});

test('what is left out of an accepted prompt is listed by node and by output', () => {
  const answer = recorded['POST /prompt partly valid (200 with node_errors)']?.answer.json;
  assert.deepEqual(leftOutIn(answer), ['9']);
  assert.deepEqual(problemsIn(answer), [
    { nodeId: '9', classType: 'SaveImage', input: 'filename_prefix', message: 'Required input is missing.' },
  ]);
});

test('words of a server are one line, without its paths, addresses, links or length', () => {
  assert.equal(
    serverText("No file at '/comfyui/models/checkpoints/sd.safetensors'\n  see https://box.test/x"),
    "No file at '…/sd.safetensors' see https://[address]",
  );
  assert.equal(serverText('C:\\ComfyUI\\models\\a.pt is gone'), '…/a.pt is gone');
  assert.equal(serverText('[click](command:x)'), '[click] (command:x)');
  for (const text of ['1/2 done', 'and/or', 'a: b, c', '3.5 / 4']) assert.equal(serverText(text), text);
  assert.equal(serverText('x'.repeat(5_000)).length, 300);
});

test('long numbers are written as they were read', () => {
  const text = '{"seed":18446744073709551615,"small":1,"list":[-9223372036854775808],"text":"18446744073709551615"}';
  assert.equal(exactJson(parsePythonJson(text)), text);
  assert.match(prettyJson(parsePythonJson(text)), /"seed": 18446744073709551615,/);
});

const ending = (entry: unknown) => endingIn({ one: entry }, 'one');
const stage = (type: string, timestamp: number, more: object = {}) => [type, { prompt_id: 'one', timestamp, ...more }];
const image = (filename: string, type = 'output') => ({ filename, subfolder: '', type });
const PROMPT = { '1': { class_type: 'A', inputs: {} }, '2': { class_type: 'B', inputs: { from: ['1', 0] } } };

test('how a prompt ended is read from its history', () => {
  const messages = [
    stage('execution_start', 1_000),
    stage('execution_cached', 1_001, { nodes: ['1'] }),
    stage('execution_success', 13_000),
  ];
  const outputs = { '2': { images: [image('a.png'), image('b.png', 'temp')], score: [null] } };
  const entry = { outputs, prompt: [0, 'one', PROMPT, {}, ['2']], status: { status_str: 'success', messages } };
  const files = [image('a.png')];
  assert.deepEqual(ending(entry), { kind: 'done', files, isCached: false, took: 12_000 });
  const all = [stage('execution_cached', 1, { nodes: ['1', '2'] })];
  assert.deepEqual(ending({ ...entry, status: { messages: all } }), {
    kind: 'done',
    files,
    isCached: true,
    took: undefined,
  });
  assert.deepEqual(ending({ ...entry, status: null }), { kind: 'done', files, isCached: false, took: undefined });
  assert.deepEqual(endingIn({}, 'one'), undefined);
});

test('previews are listed if nothing else was made', () => {
  const entry = { outputs: { '2': { images: [image('b.png', 'temp')] } } };
  assert.deepEqual(ending(entry), { kind: 'done', files: [image('b.png', 'temp')], isCached: false, took: undefined });
});

test('failures and interruptions are distinguished', () => {
  const error = { node_id: '2', node_type: 'B', exception_message: 'no' };
  const failed = { status: { status_str: 'error', messages: [stage('execution_error', 5, error)] } };
  assert.deepEqual(ending(failed), {
    kind: 'failed',
    failure: { nodeId: '2', classType: 'B', message: 'no' },
  });
  const stopped = { status: { status_str: 'error', messages: [stage('execution_interrupted', 5)] } };
  assert.deepEqual(ending(stopped), { kind: 'interrupted' });
  assert.equal(ending({ status: { status_str: 'error' } })?.kind, 'failed');
});

test('a run with more messages than a call takes arguments has its times', () => {
  const messages = Array.from({ length: 300_000 }, (_, n) => ['execution_start', { timestamp: 1_000 + n }]);
  const entry = { prompt: [0, 'p', {}, {}, []], outputs: {}, status: { status_str: 'success', messages } };
  const ending = endingIn({ p: entry }, 'p');
  assert.equal(ending?.kind === 'done' && ending.took, 299_999);
  assert.equal(finishOf(entry), 300_999);
});
