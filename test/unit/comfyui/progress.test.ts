import assert from 'node:assert/strict';
import test from 'node:test';
import { endsOf, planOf, titleOf } from '../../../src/comfyui/plan';
import { named, posted, progressOf, trackingOf, type Stage, type Tracking } from '../../../src/comfyui/progress';
import samples from '../../fixtures/comfyui-samples.json';
import { slow } from '../../fakes/prompts';
import { pythonJson } from '../../simulator/comfyui/json';
import { ID, PLAN, started, type ServerMessage, status } from './progress';

const event = (type: string, data: Readonly<Record<string, unknown>> = {}): ServerMessage => ({
  type,
  data: { prompt_id: ID, ...data },
});
const state = (nodes: Readonly<Record<string, readonly [string, number, number]>>): ServerMessage =>
  event('progress_state', {
    nodes: Object.fromEntries(
      Object.entries(nodes).map(([id, [name, value, max]]) => [id, { state: name, value, max }]),
    ),
  });

const hear = (messages: readonly unknown[], from: Tracking = started): Tracking =>
  messages.reduce<Tracking>((tracking, message) => progressOf(tracking, pythonJson(message), PLAN), from);
const stageAfter = (...messages: readonly unknown[]): Stage => hear(messages).stage;
const shareAfter = (...messages: readonly unknown[]): number | undefined => {
  const stage = stageAfter(...messages);
  return stage.kind === 'running' ? Math.round(stage.share * 1_000) / 1_000 : undefined;
};

test('how many are before it is what was in the queue when it was posted, less those that end', () => {
  const before = hear([status(1), status(3)], trackingOf(ID));
  assert.deepEqual(before.stage, { kind: 'waiting', ahead: 3 });
  const ahead = (...counts: readonly number[]) => hear(counts.map(status), posted(before)).stage;
  assert.deepEqual(ahead(4), { kind: 'waiting', ahead: 3 });
  assert.deepEqual(ahead(4, 6, 5), { kind: 'waiting', ahead: 2 });
  assert.deepEqual(ahead(4, 1), { kind: 'waiting', ahead: 0 });
  assert.deepEqual(ahead(4, 3, 3, 2, 2), { kind: 'waiting', ahead: 1 });
});

test('without a word of the queue nobody says how many are before it', () => {
  assert.deepEqual(stageAfter(), { kind: 'waiting', ahead: undefined });
  assert.deepEqual(stageAfter(status(3)), { kind: 'waiting', ahead: undefined });
});

test('a share is what is finished, known before or under way, of all that has to run', () => {
  assert.equal(shareAfter(event('execution_start')), 0);
  assert.equal(shareAfter(event('execution_cached', { nodes: ['1', 'other'] })), 0.333);
  assert.equal(shareAfter(state({ '1': ['finished', 1, 1], '2': ['running', 1, 4] })), 0.417);
  assert.equal(shareAfter(event('execution_cached', { nodes: ['1'] }), state({ '2': ['running', 1, 2] })), 0.5);
});

test('a share stays where it was when less turns out to have to run', () => {
  const before = hear([event('execution_cached', { nodes: ['1', '2'] })]);
  const after = progressOf(before, pythonJson(event('executing', { node: '3' })), planOf(slow(1), ['1', 'nobody']));
  const less = progressOf(before, pythonJson(event('executing', { node: '3' })), { ...PLAN, nodes: new Set(['3']) });
  const shareOf = ({ stage }: Tracking) => (stage.kind === 'running' ? stage.share : undefined);
  assert.deepEqual([shareOf(after), shareOf(less)], [1, shareOf(before)]);
});

test('an old server reports the running node, so the one before is finished', () => {
  const run = [event('executing', { node: '1' }), event('executing', { node: '2' })];
  assert.equal(shareAfter(...run), 0.333);
  assert.equal(shareAfter(...run, { type: 'progress', data: { value: 1, max: 2 } }), 0.5);
  assert.deepEqual(stageAfter(...run, event('executing', { node: null })), { kind: 'done' });
  assert.notEqual(stageAfter(...run, { type: 'executing', data: { node: null } }).kind, 'done');
});

test('the node at work is called by its title, else by its class', () => {
  const node = (id: string) => {
    const stage = stageAfter(event('executing', { node: id }));
    return stage.kind === 'running' ? stage.node : undefined;
  };
  assert.deepEqual([node('2'), node('3'), node('made up')], ['Slow step', 'SaveImage', undefined]);
  assert.equal(titleOf({ '1': { class_type: 'A', inputs: {} } }, '1'), 'A');
});

test('an end is described with its reason', () => {
  assert.deepEqual(stageAfter(event('execution_success')), { kind: 'done' });
  assert.deepEqual(stageAfter(event('execution_interrupted', { node_id: '2' })), { kind: 'interrupted' });
  const error = { node_id: '2', node_type: 'ProbeSlow', exception_message: 'no', current_inputs: { a: [NaN] } };
  assert.deepEqual(stageAfter(event('execution_error', error)), {
    kind: 'failed',
    failure: { nodeId: '2', classType: 'ProbeSlow', message: 'no' },
  });
});

test('what others run, and what nobody knows, changes nothing', () => {
  const others = [
    { type: 'progress', data: { prompt_id: 'other', node: '2', value: 1, max: 1 } },
    { type: 'execution_success', data: { prompt_id: 'other' } },
    { type: 'executed', data: { node: '3' } },
    { type: 'crystools.monitor', data: { prompt_id: ID } },
    event('progress_state', { nodes: ['1'] }),
    [],
    null,
  ];
  assert.deepEqual(hear(others), started);
  assert.deepEqual(progressOf(started, '{"type": "execut', PLAN), started);
});

test('a number that is none leaves a node where it was', () => {
  assert.equal(shareAfter(state({ '2': ['running', 1, 2] }), state({ '2': ['running', NaN, 2] })), 0.167);
  assert.equal(shareAfter(event('progress', { node: '2', value: 5, max: 0 })), 0);
});

test('a server that chose its own id is understood before its answer is there, and not after', () => {
  const asked = posted(trackingOf('asked for'));
  const run = [event('execution_start'), event('execution_cached', { nodes: ['1', '2', '3'] })];
  assert.deepEqual([hear(run, asked).promptId, hear(run, asked).stage.kind], [ID, 'running']);
  assert.equal(hear(run, named(asked, 'another')).stage.kind, 'waiting');
});

test('the recorded runs of a real server come to what they came to', () => {
  const traces: Readonly<Record<string, readonly { readonly type?: string; readonly data?: object }[]>> = samples.ws;
  const endOf = (name: string) => {
    const messages = (traces[name] ?? []).filter(({ type }) => type !== undefined);
    return hear(messages, posted(trackingOf('asked for'))).stage.kind;
  };
  assert.equal(endOf('owner client run (success, previews, no metadata flag)'), 'done');
  assert.equal(endOf('owner: identical prompt re-run (all cached)'), 'done');
  assert.equal(endOf('owner: execution_error'), 'failed');
  assert.equal(endOf('other client same run'), 'waiting');
});

test('what has to run is what feeds the outputs, however it is linked', () => {
  const prompt = {
    a: { class_type: 'A', inputs: { self: ['a', 0], odd: ['nobody', 0], list: ['x', 'y'] } },
    b: { class_type: 'B', inputs: { from: ['a', 0] } },
    c: { class_type: 'C', inputs: {} },
  };
  assert.deepEqual(endsOf(prompt), ['b', 'c']);
  assert.deepEqual([...planOf(prompt, ['b']).nodes], ['b', 'a']);
  assert.deepEqual([...planOf(prompt).nodes].toSorted(), ['a', 'b', 'c']);
});

/** ComfyUI's progress state for so many nodes. */
function statesOf(count: number): Readonly<Record<string, unknown>> {
  const of = (node: string) => ({ node_id: node, prompt_id: ID, display_node_id: node, parent_node_id: null });
  const state = (node: string) => ({ value: 1, max: 1, state: 'finished', ...of(node), real_node_id: node });
  return Object.fromEntries(Array.from({ length: count }, (_, n) => [String(n + 1), state(String(n + 1))]));
}

test('the states of two thousand nodes are read, and what is far longer is not', () => {
  const event = (count: number) =>
    progressOf(
      started,
      JSON.stringify({ type: 'progress_state', data: { prompt_id: ID, nodes: statesOf(count) } }),
      PLAN,
    );
  assert.ok(event(2_000).finished.size > 0);
  assert.equal(event(20_000), started);
});
