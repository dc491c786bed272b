import assert from 'node:assert/strict';
import test from 'node:test';
import { placesOf } from '../../../src/workflows/places';
import { problem, PROMPT, at } from './places';

test('a problem is at the value that it names, else at the key of its node', () => {
  const text = JSON.stringify(PROMPT, undefined, 2);
  assert.deepEqual(at(text, problem('1', 'width'), problem('2'), problem('2', 'nothing'), problem('9')), [
    '5:16-5:18 64',
    '11:3-11:6 "2"',
    '11:3-11:6 "2"',
    undefined,
  ]);
});

test('in a file that holds the graph, too, it is in the prompt', () => {
  for (const key of ['prompt', 'output']) {
    const text = JSON.stringify({ workflow: { '2': 'a graph' }, [key]: PROMPT }, undefined, 1);
    const [place] = at(text, problem('2'));
    assert.match(place ?? '', /^\d+:3-\d+:6 "2"$/);
    assert.deepEqual(at(text, problem('2')), at(text.replace('"workflow"', '"workflop"'), problem('2')));
  }
});

test('a node of another class is another node', () => {
  const text = JSON.stringify(PROMPT);
  assert.deepEqual(at(text, problem('1', 'width', 'LoadImage')), [undefined]);
  assert.equal(at(text, problem('1', 'width', 'EmptyImage')).length, 1);
});

test('lines are counted as the editor counts them, whatever ends them', () => {
  for (const end of ['\n', '\r\n', '\r']) {
    const text = JSON.stringify(PROMPT, undefined, 2).replaceAll('\n', end);
    assert.deepEqual(at(text, problem('1', 'width')), ['5:16-5:18 64']);
  }
});

test('a text that is nothing but brackets has no places', () => {
  assert.deepEqual(at('['.repeat(200_000), problem('1')), [undefined]);
  assert.deepEqual(at(`{"1":${'{"a":'.repeat(100_000)}`, problem('1')), [undefined]);
});

test('prompts are found in the wrappers of other tools, too', () => {
  for (const wrap of [
    { workflow_api: PROMPT },
    { workflow: PROMPT },
    { input: { workflow: PROMPT } },
    { input: PROMPT },
  ]) {
    const [place] = placesOf(JSON.stringify(wrap), [problem('1', 'width')]);
    assert.equal(place?.text, '64');
  }
});

test('in a drawn workflow a problem is at the type of its node, also inside subgraphs', () => {
  const node = (id: number | string, type: string) => ({ id, type, widgets_values: [] });
  const subgraphs = [{ nodes: [node(1, 'Other'), node(7, 'Save')] }, { nodes: [node(1, 'Inner')] }];
  const graph = { nodes: [node(1, 'Load'), node('2', 'Save')], links: [], definitions: { subgraphs } };
  const lines = (text: string) =>
    at(
      text,
      problem('1', 'name', 'Load'),
      problem('2'),
      problem('1', undefined, 'Save'),
      problem('5:1', 'x', 'Inner'),
      problem('5:7'),
      problem('5:9'),
    ).map((place) => place?.replace(/^.* /, ''));
  const expected = ['"Load"', '"Save"', undefined, '"Inner"', '"Save"', undefined];
  assert.deepEqual(lines(JSON.stringify(graph, undefined, 1)), expected);
  assert.deepEqual(lines(JSON.stringify({ workflow: graph, prompt: {} }, undefined, 1)), expected);
});
