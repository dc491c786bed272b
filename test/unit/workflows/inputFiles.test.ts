import assert from 'node:assert/strict';
import test from 'node:test';
import { exactJson } from '../../../src/platform/jsonText';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import type { Graph, Prompt } from '../../../src/comfyui/workflow';
import {
  filesNamedIn,
  globOf,
  graphWithInputs,
  placesBeside,
  uploadsOf,
  withInput,
} from '../../../src/workflows/inputFiles';

/** As ComfyUI 0.3.64 was recorded to answer. */
const INFO = {
  LoadImage: { input: { required: { image: [['a.png'], { image_upload: true }] } } },
  LoadVideo: { input: { required: { file: ['COMBO', { options: ['b.mp4'], video_upload: true }] } } },
  LoadImageOutput: {
    input: { required: { image: ['COMBO', { image_upload: true, remote: { route: '/internal/files/output' } }] } },
  },
};

const promptOf = (text: string) => parsePythonJson(text) as Prompt;

test('a file is what a node that feeds others names by a name of a picture, a video, a sound or a model of space', () => {
  const of = (value: unknown, feeder = '1') =>
    filesNamedIn({
      1: { class_type: 'LoadImage', inputs: { image: value } },
      2: { class_type: 'SaveImage', inputs: { images: [feeder, 0], filename_prefix: 'a.png' } },
    }).map(({ nodeId, path }) => `${nodeId} ${path}`);
  assert.deepEqual(of('cat.PNG'), ['1 cat.PNG']);
  assert.deepEqual(of('cats/one.mp4 [input]'), ['1 cats/one.mp4']);
  for (const other of ['cat.png [output]', 'cat.png [temp]', 'cat', '', 3, null, ['1', 0], `${'a'.repeat(1_000)}.png`])
    assert.deepEqual(of(other), [], String(other));
  assert.deepEqual(of('cat.png', '3'), [], 'a node that nothing asks for');
});

test('which inputs take files, and which files exist, is read from the node type', () => {
  assert.deepEqual(uploadsOf(INFO, 'LoadImage'), new Map([['image', new Set(['a.png'])]]));
  assert.deepEqual(uploadsOf(INFO, 'LoadVideo'), new Map([['file', new Set(['b.mp4'])]]));
  assert.equal(uploadsOf(INFO, 'LoadImageOutput').size, 0, 'what was rendered, of which no list is told');
  for (const odd of [undefined, null, [], {}, { LoadImage: 3 }]) assert.equal(uploadsOf(odd, 'LoadImage').size, 0);
});

test('files are looked for beside the workflow, and never outside its folder', () => {
  assert.deepEqual(placesBeside('cat.png'), ['cat.png']);
  assert.deepEqual(placesBeside('cats/one.png'), ['cats/one.png', 'one.png']);
  assert.deepEqual(placesBeside('..\\..\\one.png'), ['one.png']);
  assert.deepEqual(placesBeside('/home/me/.ssh/../id.png'), ['id.png']);
  assert.deepEqual(placesBeside('../.hidden.png'), []);
  assert.equal(globOf('a[1]{b},c*.png'), '**/a?1??b??c?.png');
});

test('another value changes nothing else, and is written as it is given', () => {
  const text =
    '{"9":{"class_type":"A","inputs":{"cfg":8.0,"seed":18446744073709551615,"image":"a.png"}},"1":{"inputs":{},"class_type":"B"}}';
  const prompt = promptOf(text);
  assert.equal(exactJson(withInput(prompt, '9', 'image', 'b.png')), text.replace('a.png', 'b.png'));
  const seed = withInput(prompt, '9', 'seed', 18446744073709551614, '18446744073709551614');
  assert.equal(exactJson(seed), text.replace('1615', '1614'));
  assert.equal(exactJson(withInput(seed, '9', 'cfg', 7, '7.0')), text.replace('1615', '1614').replace('8.0', '7.0'));
  assert.equal(exactJson(prompt), text, 'the prompt itself stays');
  assert.equal(withInput(prompt, '5', 'image', 'b.png'), prompt, 'a node that is not there');
});

test('a graph that is sent along names the files that were used, also inside subgraphs, and else stays as it was written', () => {
  const text =
    '{"nodes":[{"id":9,"type":"LoadImage","widgets_values":["a.png",8.0]},{"id":8,"type":"Note","widgets_values":["a.png"]}],' +
    '"definitions":{"subgraphs":[{"nodes":[{"id":3,"type":"LoadVideo","widgets_values":{"video":"b.mp4","seed":18446744073709551615}}]}]}}';
  const graph = parsePythonJson(text) as Graph;
  const naming = (image: string, video: string) => ({
    '9': { class_type: 'LoadImage', inputs: { image } },
    '5:3': { class_type: 'LoadVideo', inputs: { video } },
  });
  const before = naming('a.png', 'b.mp4');
  assert.equal(graphWithInputs(graph, before, before), graph);
  const sent = graphWithInputs(graph, before, naming('a (1).png', 'b (1).mp4'));
  assert.equal(exactJson(sent), text.replace('a.png', 'a (1).png').replace('b.mp4', 'b (1).mp4'));
  assert.equal(exactJson(graph), text);
});
