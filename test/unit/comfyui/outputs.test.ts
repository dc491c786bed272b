import assert from 'node:assert/strict';
import test from 'node:test';
import { endingIn } from '../../../src/comfyui/ending';
import { HistoryWire } from '../../../src/comfyui/outputs';
import { prettyJson } from '../../../src/platform/jsonText';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import { pythonJson } from '../../simulator/comfyui/json';

const file = (filename: string, subfolder = '', type = 'output') => ({ filename, subfolder, type });
const filesOf = (outputs: unknown) => HistoryWire.parse({ one: { outputs } })[0]?.files;

test('whatever names a file in a list is an output, under whatever key', () => {
  const gif = { ...file('b.mp4', 'video'), format: 'video/h264-mp4', frame_rate: 8, workflow: 'b.png', fullpath: '/x' };
  const outputs = {
    '9': { images: [file('a.png')], animated: [true] },
    '10': { gifs: [gif], score: [null, 1], names: ['c.png'], text: 'd.png', none: [] },
    '11': { '3d': [{ filename: 'e.glb', type: 'output' }], result: ['f.glb', null, { filename: 7, type: 'output' }] },
  };
  assert.deepEqual(filesOf(outputs), [file('a.png'), file('b.mp4', 'video'), file('e.glb')]);
});

test('previews and inputs are no outputs', () => {
  const images = [file('a.png', '', 'temp'), file('b.png', '', 'input'), file('c.png'), file('')];
  assert.deepEqual(filesOf({ '1': { images } }), [file('c.png')]);
});

test('previews are shown of a run that wrote nothing else, by the list and by the notice of its end alike', () => {
  const preview = file('p.png', '', 'temp');
  const runs = [[preview, file('c.png')], [preview, file('b.png', '', 'input')], [preview], []];
  const listed = runs.map((images) => HistoryWire.parse({ one: { outputs: { '1': { images } } } })[0]?.shown);
  const atEnd = runs.map((images) => {
    const ending = endingIn({ one: { outputs: { '1': { images } }, status: { status_str: 'success' } } }, 'one');
    return ending?.kind === 'done' ? ending.files : undefined;
  });
  assert.deepEqual(listed, [[file('c.png')], [preview], [preview], []]);
  assert.deepEqual(atEnd, listed);
});

test('of what was posted along only the graph is taken', () => {
  const workflow = { nodes: [1] };
  const extra = { client_id: 'x', api_key_comfy_org: 'secret', extra_pnginfo: { workflow, other: 'secret' } };
  const [run] = HistoryWire.parse({ one: { prompt: [1, 'one', { '3': {} }, extra, ['9']] } });
  const nothing = { files: [], shown: [], at: undefined, isCut: false };
  assert.deepEqual(run, { promptId: 'one', ...nothing, graph: workflow, prompt: { '3': {} } });
  for (const extra_pnginfo of [undefined, null, { workflow: 'text' }, { workflow: [1] }, 'x'])
    assert.equal(HistoryWire.parse({ one: { prompt: [1, 'one', {}, { extra_pnginfo }] } })[0]?.graph, undefined);
});

test('a workflow is written with every digit of its seeds, and without what JSON cannot hold', () => {
  const text = pythonJson({ seed: 1, ratio: NaN, title: 'NaN 18446744073709551615' }).replace(
    '1,',
    '18446744073709551615,',
  );
  const pretty = prettyJson(parsePythonJson(text));
  assert.equal(
    pretty,
    '{\n  "seed": 18446744073709551615,\n  "ratio": null,\n  "title": "NaN 18446744073709551615"\n}\n',
  );
});
