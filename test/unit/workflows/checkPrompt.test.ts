import assert from 'node:assert/strict';
import test from 'node:test';
import { CheckedNodes } from '../../../src/workflows/checkedNodes';
import { checkPrompt } from '../../fakes/checks';
import { parsePythonJson } from '../../../src/platform/pythonJson';

const INFO = {
  Load: {
    input: { required: { name: [['flux/one.safetensors', 'two.ckpt', 'a/three.pt', 'b/three.pt']] } },
    output: ['MODEL', ['a', 'b'], 'IMAGE,MASK'],
  },
  Sample: {
    input: {
      required: {
        model: ['MODEL'],
        seed: ['INT', { min: 0, max: 100 }],
        cfg: ['FLOAT', { min: 0.5, max: 8.0 }],
        word: ['STRING', { default: '' }],
        isOn: ['BOOLEAN', {}],
      },
      optional: { mode: ['COMBO', { options: ['a', 'b', 1] }], any: ['*'], mask: ['MASK'] },
      hidden: { prompt: 'PROMPT' },
    },
    output: ['IMAGE'],
  },
  Save: { input: { required: { images: ['IMAGE'] } }, output: [], output_node: true },
  Paid: { input: { required: {} }, output: ['IMAGE'], api_node: true },
  Picture: { input: { required: { image: [['cat.png'], { image_upload: true }] } }, output: ['IMAGE'] },
  Many: {
    input: { required: { of: [['a', 'b'], { multiselect: true }], far: ['COMBO', { remote: {} }] } },
    output: ['IMAGE'],
  },
};

const sampled = { model: ['1', 0], seed: 1, cfg: 2, word: 'a', isOn: true };
const loaded = { 1: { class_type: 'Load', inputs: { name: 'two.ckpt' } } };
const saved = { 3: { class_type: 'Save', inputs: { images: ['2', 0] } } };

/** `2 seed: tooSmall {…}` */
function found(prompt: unknown) {
  return checkPrompt(prompt as never, new CheckedNodes(INFO)).map(({ nodeId, input, wrong: { kind, ...more }, fix }) =>
    [nodeId, ...(input === undefined ? [] : [input]), kind, ...Object.values(more), ...(fix ? [fix] : [])].join(' '),
  );
}

const withSample = (inputs: object, type = 'Sample') => ({
  ...loaded,
  ...saved,
  2: { class_type: type, inputs: { ...sampled, ...inputs } },
});
const fixes = (prompt: unknown) => checkPrompt(prompt as never, new CheckedNodes(INFO)).map(({ fix }) => fix);

test('a prompt that ComfyUI runs has no findings', () => {
  assert.deepEqual(found(withSample({})), []);
  assert.deepEqual(found(withSample({ mode: 'b', any: ['1', 0], mask: ['1', 2], other: 'x' })), []);
});

test('nodes of unknown types are found wherever they stand, and what they feed is not held against them', () => {
  const prompt = { ...withSample({ model: ['8', 5] }), 8: { class_type: 'Nobody', inputs: {} }, 9: { inputs: {} } };
  assert.deepEqual(found(prompt), ['8 unknown  ', '9 unknown  ']);
  assert.deepEqual(found({ 1: { class_type: '__proto__', inputs: {} } }), ['1 unknown  ']);
});

test('what feeds a node of an unknown type is checked, too, so that all that is missing is named at once', () => {
  const lost = { 1: { class_type: 'Load', inputs: { name: 'lost.ckpt' } } };
  const between = {
    ...withSample({ model: ['8', 0] }),
    ...lost,
    8: { class_type: 'Nobody', inputs: { of: ['1', 0] } },
  };
  assert.deepEqual(found(between), ['8 unknown  ', '1 name notInList lost.ckpt']);
  const atTheEnd = { ...lost, 9: { inputs: { UNKNOWN: 'x', far: ['77', 0], odd: [1], images: ['1', 0] } } };
  assert.deepEqual(found(atTheEnd), ['9 unknown  ', '1 name notInList lost.ckpt']);
  const circle = { 8: { inputs: { a: ['9', 0] } }, 9: { class_type: 'Save', inputs: { images: ['8', 0] } } };
  assert.deepEqual(found(circle), ['8 unknown  ', '9 images circle']);
});

test('values of nodes that no output needs are not looked at, as ComfyUI does not', () => {
  assert.deepEqual(found({ ...withSample({}), 7: { class_type: 'Load', inputs: {} } }), []);
  assert.deepEqual(found(loaded), [' noOutputs']);
});

test('required inputs that are missing are found, optional and hidden ones are not missed', () => {
  const { model, ...others } = sampled;
  assert.ok(model);
  assert.deepEqual(found({ ...loaded, ...saved, 2: { class_type: 'Sample', inputs: others } }), ['2 model missing']);
});

test('numbers are made of what Python makes them of, and held to their limits', () => {
  for (const good of [0, 100, 8.7, ' 1_0 ', true])
    assert.deepEqual(found(withSample({ seed: good })), [], JSON.stringify(good));
  for (const bad of [null, '1.5', '', 'x', '1__0', {}])
    assert.equal(found(withSample({ seed: bad })).length, 1, JSON.stringify(bad));
  for (const good of ['1e0', '.5', ' 1_0.0e-1', 'nan', true]) assert.deepEqual(found(withSample({ cfg: good })), []);
  for (const bad of ['1_.5', 'e5', '0x1', null])
    assert.equal(found(withSample({ cfg: bad })).length, 1, JSON.stringify(bad));
  assert.deepEqual(found(withSample({ seed: -1 }))[0], '2 seed tooSmall -1 0 [object Object]');
  assert.deepEqual(found(withSample({ cfg: '-inf' }))[0], '2 cfg tooSmall -inf 0.5 [object Object]');
  assert.deepEqual(found(withSample({ cfg: { __value__: 9 } })).length, 1);
});

test('words of Python that JSON lacks are the numbers that they are', () => {
  const read = (word: string) => parsePythonJson(JSON.stringify(withSample({ cfg: 77 })).replace('77', word));
  assert.deepEqual(found(read('NaN')), []);
  assert.match(found(read('Infinity'))[0] ?? '', /^2 cfg tooLarge/);
});

test('a value out of its limits is mended by the limit as it is written, a seed by any other', () => {
  assert.deepEqual(fixes(withSample({ cfg: 0 })), [{ kind: 'value', json: '0.5' }]);
  assert.deepEqual(fixes(withSample({ seed: 101 })), [{ kind: 'seed' }]);
});

test('a choice that is not there is mended only by the one that is surely meant', () => {
  const load = (name: string) => ({ ...withSample({}), 1: { class_type: 'Load', inputs: { name } } });
  const one = { kind: 'value', json: '"flux/one.safetensors"' };
  for (const name of ['one.safetensors', 'SD\\One.safetensors', 'x/one.ckpt', 'o-n_e.sft']) {
    assert.deepEqual(found(load(name))[0]?.slice(0, 16), '1 name notInList', name);
    assert.deepEqual(fixes(load(name)), [one], name);
  }
  for (const name of ['three.pt', 'four.pt', '']) assert.deepEqual(fixes(load(name)), [undefined], name);
  assert.deepEqual(found(withSample({ mode: true })), [], 'Python takes true for 1');
});

test('several values of one input are looked at singly, and choices that only the page can ask for are not', () => {
  const many = (of: unknown) => ({ ...saved, 2: { class_type: 'Many', inputs: { of: { __value__: of }, far: 'x' } } });
  assert.deepEqual(found(many(['a', 'b'])), []);
  assert.deepEqual(found(many(['a', 'c'])), ['2 of notInList c']);
});

test('a missing upload is reported, one in a folder may exist', () => {
  const picture = (image: string) => ({ ...saved, 2: { class_type: 'Picture', inputs: { image } } });
  assert.deepEqual(found(picture('cat.png')), []);
  assert.deepEqual(found(picture('dog.png')), ['2 image noFile dog.png']);
  assert.deepEqual(found(picture('pets/dog.png')), []);
  assert.deepEqual(found(picture('dog.png [output]')), []);
});

test('links are followed to outputs that are there and fit', () => {
  assert.deepEqual(found(withSample({ model: ['1', 0, 0] })), ['2 model badLink']);
  assert.deepEqual(found(withSample({ model: ['4', 0] })), ['2 model noOrigin 4, 0']);
  assert.deepEqual(found(withSample({ model: [1, 0] })), ['2 model noOrigin 1, 0'], 'ids are texts');
  for (const slot of [3, -4, 0.5, '0'])
    assert.deepEqual(found(withSample({ model: ['1', slot] })), [`2 model noOrigin 1, ${slot}`]);
  assert.deepEqual(found(withSample({ model: ['1', -3] })), []);
  assert.deepEqual(found(withSample({ model: ['1', 2] })), ['2 model mismatch IMAGE,MASK MODEL']);
  assert.deepEqual(found(withSample({ word: ['1', 1] })), ['2 word mismatch COMBO STRING']);
  assert.deepEqual(found(withSample({ mode: ['1', 1] })), [], 'lists of choices are not compared');
});

test('what only a link of the wrong type leads to is not looked at', () => {
  const prompt = { ...withSample({ mask: ['8', 0] }), 8: { class_type: 'Load', inputs: {} } };
  assert.deepEqual(found(prompt), ['2 mask mismatch MODEL MASK']);
});

test('nodes in a circle are found once', () => {
  const round = { 2: { class_type: 'Sample', inputs: { ...sampled, any: ['2', 0] } } };
  assert.deepEqual(found({ ...loaded, ...saved, ...round }), ['2 any circle']);
});

test('a node that is paid for elsewhere is reported if it runs', () => {
  assert.deepEqual(found({ ...saved, 2: { class_type: 'Paid', inputs: {} } }), ['2 paid']);
  assert.deepEqual(found({ ...withSample({}), 9: { class_type: 'Paid', inputs: {} } }), []);
});

test('at most a thousand findings are reported', () => {
  const nodes = Array.from({ length: 3_000 }, (_, id) => [id, { class_type: 'Nobody', inputs: {} }]);
  assert.equal(found(Object.fromEntries(nodes)).length, 1_000);
});

test('a value that nests as deep as its file is long is shown by its beginning', () => {
  const seed = parsePythonJson(`{"a":${'['.repeat(30_000)}${']'.repeat(30_000)}}`);
  const [first = ''] = found(withSample({ seed }));
  assert.match(first, /^2 seed notANumber \{"a":\[{190}/);
  assert.ok(first.length < 300);
});

test('more inputs than any workflow has are not checked one by one, and that is reported', () => {
  const optional = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`input ${n}`, ['A']]));
  const nodes = new CheckedNodes({ Many: { input: { optional }, output: [], output_node: true } });
  const prompt = Object.fromEntries(Array.from({ length: 200 }, (_, n) => [n, { class_type: 'Many', inputs: {} }]));
  assert.deepEqual(
    checkPrompt(prompt, nodes).map(({ wrong }) => wrong),
    [{ kind: 'broken', reason: { kind: 'tooLarge' } }],
  );
});

test('of a node with more inputs than anybody makes some thousand are read', () => {
  const required = Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`i${n}`, ['INT', {}]]));
  const info = { Many: { input: { required, optional: required }, output: [], output_node: true } };
  const node = new CheckedNodes(info).of('Many');
  assert.deepEqual([node?.required.length, node?.optional.length], [10_000, 10_000]);
});
