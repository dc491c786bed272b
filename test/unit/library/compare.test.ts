import assert from 'node:assert/strict';
import test from 'node:test';
import { workflowIn } from '../../../src/comfyui/workflow';
import { comparing, namesOfChanged } from '../../../src/library/compare';
import { summaryOf } from '../../../src/library/compareText';
import { originIn, withOrigin, type Origin } from '../../../src/library/origin';
import { withoutPlaces } from '../../../src/library/places';
import { unstorableIn } from '../../../src/library/unstorable';
import { stepText, unstorableText } from '../../../src/library/versionText';
import { exactJson } from '../../../src/platform/jsonText';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import { stepsOf } from '../../../src/platform/slices';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';

type Json = Readonly<Record<string, unknown>>;

const DRAWN = JSON.stringify(defaultWorkflow);
const read = (json: string) => parsePythonJson(json) as Json;

function told(before: string, after: string, hasPlaces = true): readonly string[] | undefined {
  const [one, other] = [before, after].map((json) => workflowIn(read(json)));
  assert.ok(one && other);
  const compared = stepsOf(comparing(one, other)).atOnce();
  return compared && summaryOf(compared, hasPlaces, (_, key) => (key === '2' ? 'steps' : undefined));
}

/** A graph of one subgraph with a node, fed from outside. */
const nested = (steps: number, outer = 3) =>
  JSON.stringify({
    version: 0.4,
    nodes: [
      { id: 3, type: 'Load', outputs: [{ name: 'MODEL' }] },
      { id: 4, type: 'Load', outputs: [{ name: 'MODEL' }] },
      { id: 5, type: 'sub', title: 'mine', inputs: [{ name: 'model', link: 1 }] },
    ],
    links: [[1, outer, 0, 5, 0, 'MODEL']],
    definitions: {
      subgraphs: [
        {
          id: 'sub',
          name: 'Upscale',
          inputs: [{ name: 'model', linkIds: [7] }],
          nodes: [
            { id: 1, type: 'KSampler', inputs: [{ name: 'model', link: 7 }], widgets_values: [1, 'fixed', steps] },
          ],
          links: [{ id: 7, origin_id: -10, origin_slot: 0, target_id: 1, target_slot: 0 }],
        },
      ],
    },
  });

test('values, links, nodes and modes are told in words that people use', () => {
  assert.deepEqual(told(DRAWN, DRAWN.replace('"randomize",20,', '"randomize",30,')), ['KSampler #3 steps: 20 → 30']);
  assert.deepEqual(told(nested(20), nested(30)), ['KSampler #1 in Upscale steps: 20 → 30']);
  assert.deepEqual(told(nested(20), nested(20, 4)), ['mine (Upscale) #5 model: Load #3 MODEL → Load #4 MODEL']);
  const [before, muted] = [0, 4].map(
    (mode) => `{"version":1,"links":[],"last_node_id":1,"nodes":[{"id":1,"type":"A","mode":${mode}}]}`,
  );
  assert.deepEqual(told(before!, muted!), ['A #1 mode: active → bypassed']);
  const titled = (title: string) => before!.replace('"mode"', `"title":"${title}","mode"`);
  assert.deepEqual(told(titled('sky'), titled('sea')), ['A #1 title: sky → sea']);
  assert.deepEqual(told(before!, titled('sea')), ['A #1 title: – → sea']);
  const two = before!.replace('}]', '},{"id":2,"type":"B","title":"sky"}]');
  assert.deepEqual(told(before!, two), ['Added: sky (B) #2']);
  assert.deepEqual(told(two, before!), ['Removed: sky (B) #2']);
});

test('a value has the name of the only input that changed in the same way, and none where several did', () => {
  const sampler = (inputs: Json) => ({ 3: { class_type: 'KSampler', inputs } });
  const named = (before: Json, after: Json) => {
    const forms = [before, after].map((inputs, index) => ({
      graph: workflowIn(read(DRAWN.replace('"randomize",20,', `"randomize",${20 + 10 * index},`)))?.graph,
      prompt: workflowIn(read(JSON.stringify(sampler(inputs))))?.prompt,
    }));
    const [one, other] = forms;
    const compared = one && other && stepsOf(comparing(one, other)).atOnce();
    assert.ok(compared);
    return [...stepsOf(namesOfChanged(compared, one.prompt, other.prompt)).atOnce()];
  };
  assert.deepEqual(named({ seed: 1, steps: 20, cfg: 8 }, { seed: 2, steps: 30, cfg: 8 }), [['3 2', 'steps']]);
  assert.deepEqual(named({ steps: 20, end: 20 }, { steps: 30, end: 30 }), []);
  assert.deepEqual(named({ steps: 20, end: 20 }, { steps: 30, end: 20 }), [['3 2', 'steps']]);
  assert.deepEqual(named({ steps: 20 }, { steps: ['4', 0] }), []);
});

test('what was only moved is one line, and none where positions are left out', () => {
  const moved = DRAWN.replace(/"pos":\[[^\]]*\]/, '"pos":[1,2]');
  assert.match(told(DRAWN, moved)?.join() ?? '', /^Moved: \w+ #\d$/);
  assert.deepEqual(told(DRAWN, moved, false), ['No differences that matter.']);
  assert.equal(exactJson(withoutPlaces(read(DRAWN))), exactJson(withoutPlaces(read(moved))));
});

test('numbers are compared exactly, and not by their spelling', () => {
  const of = (seed: string) => DRAWN.replace('156680208', seed);
  assert.deepEqual(told(of('18446744073709551615'), of('18446744073709551614')), [
    'KSampler #3 value 1: 18446744073709551615 → 18446744073709551614',
  ]);
  for (const [one, other] of [
    ['8.0', '8'],
    ['1e-7', '1e-07'],
    ['1e21', '1000000000000000000000'],
    ['-0.0', '0'],
  ])
    assert.deepEqual(told(of(one!), of(other!)), ['No differences that matter.'], one);
});

test('prompts are compared by input, and a drawn workflow with a prompt not at all', () => {
  const prompt = JSON.stringify(defaultPrompt(1));
  assert.deepEqual(told(prompt, prompt.replace('"steps":20', '"steps":30').replace('["6",0]', '["7",0]')), [
    'KSampler #3 steps: 20 → 30',
    'KSampler #3 positive: CLIPTextEncode #6 0 → CLIPTextEncode #7 0',
  ]);
  assert.equal(told(prompt, DRAWN), undefined);
});

test("what ComfyDeploy's database changes or refuses is named with its node", () => {
  const odd = read(
    `{"nodes":[{"id":3,"type":"K","widgets_values":[NaN,1e400,-0.0,0.1234567890123456789,"a\\u0000","\\ud800",18446744073709551615,8.0,1e-7,"ok"]}],"a\\u0000":1}`,
  );
  assert.equal(
    unstorableText(unstorableIn(odd)),
    '\\u0000, NaN (K #3), 1e400 (K #3), -0.0 → 0 (K #3), 0.1234567890123456789 → 0.12345678901234568 (K #3), \\u0000 (K #3), and \\ud800 (K #3)',
  );
  assert.deepEqual(unstorableIn(read(DRAWN)), []);
  assert.equal(unstorableText(unstorableIn(read('{"3":{"class_type":"K","inputs":{"cfg":NaN}}}'))), 'NaN (K #3)');
});

test('a note of its version comes and goes without a trace, and numbers stay as they are written', () => {
  const id = '0b2f8f9a-6c55-4a7e-9a55-0123456789ab';
  const origin = { workflow: id, version: 3, id, digest: '0123456789abcdef' } as Origin;
  const text = '{"nodes":[{"id":1,"type":"A","v":8.0}],"extra":{"a":1.0}}';
  const noted = withOrigin(read(text), origin);
  assert.deepEqual(originIn(noted), origin);
  assert.equal(exactJson(withOrigin(noted, undefined)), text);
  assert.equal(originIn(read(text)), undefined);
});

test('how a file stands is said in one line', () => {
  const origin = { version: 3, id: 'v3' };
  const said = (id: string, number: number, isChanged = false) =>
    stepText({ origin, newest: { id, number }, isChanged });
  assert.equal(said('v3', 3), 'Version 3 · in step');
  assert.equal(said('v4', 4), 'Version 3 · 1 version behind');
  assert.equal(said('v5', 5, true), 'Version 3 · 2 versions behind · changed here');
  assert.equal(said('twin', 3), 'Version 3 · 1 version behind', 'somebody saved at the same moment');
  assert.equal(said('v2', 2), 'Version 3 · in step', 'an answer from before it was saved');
  assert.equal(stepText({ origin, newest: undefined, isChanged: false }), 'Version 3');
});
