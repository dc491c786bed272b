import assert from 'node:assert/strict';
import test from 'node:test';
import type { Prompt } from '../../../src/comfyui/workflow';
import { exactJson } from '../../../src/platform/jsonText';
import { parsePythonJson } from '../../../src/platform/pythonJson';
import {
  crossed,
  MOST_RUNS,
  newSeeds,
  oneByOne,
  readValues,
  seedsOf,
  valuesOf,
  variablesOf,
  withSettings,
} from '../../../src/workflows/manyRuns';
import { forecastText, overText } from '../../../src/workflows/manyText';
import { nextRun, RUN_PLANS, runsCsv, withRun, type RunPlan } from '../../../src/workflows/runPlans';
import { WorkInHand } from '../../../src/workflows/workInHand';
import { ready } from '../../fakes/appState';
import { FakeMemento } from '../../fakes/vscode/storage';
import { sessionId } from '../../fakes/setup';

const TEXT =
  '{"3":{"class_type":"KSampler","inputs":{"seed":18446744073709551615,"cfg":8.0,"name":"a","on":true,"model":["4",0]}},"5":{"class_type":"Noise","inputs":{"noise_seed":["9",0]}}}';
const prompt = parsePythonJson(TEXT) as Prompt;

test('what may differ from run to run is every value that no link brings, as it is written', () => {
  const variables = variablesOf(prompt);
  assert.deepEqual(
    variables.map(({ nodeId, input, json }) => `${nodeId}.${input} ${json}`),
    ['3.seed 18446744073709551615', '3.cfg 8.0', '3.name "a"', '3.on true'],
  );
  assert.deepEqual(
    seedsOf(variables).map(({ input }) => input),
    ['seed'],
    'a seed that is linked is none',
  );
});

test('a list is typed with semicolons, a range with two dots, and steps are exact', () => {
  const of = (text: string, like = '1') => readValues(text, like);
  assert.deepEqual(of('1; -2.5 ;3;'), ['1', '-2.5', '3']);
  assert.deepEqual(of('1..4'), ['1', '2', '3', '4']);
  assert.deepEqual(of('3 .. 1'), ['3', '2', '1']);
  assert.deepEqual(of('0.1..0.5/0.1'), ['0.1', '0.2', '0.3', '0.4', '0.5']);
  assert.deepEqual(of('-0.5..0.5/0.5'), ['-0.5', '0.0', '0.5']);
  assert.deepEqual(of('18446744073709551614..18446744073709551615'), ['18446744073709551614', '18446744073709551615']);
  assert.deepEqual(of('a cat; 1..3 ', '"a"'), ['"a cat"', '"1..3"'], 'a range of texts is a text');
  assert.deepEqual(of('true;false', 'true'), ['true', 'false']);
  for (const wrong of ['', ';', '1;x', '0x10', '1e5', '01', '1..', '1..5/0', `1..${MOST_RUNS + 1}`, 'true', '1..2..3'])
    assert.equal(of(wrong), undefined, wrong);
  assert.equal(of('yes', 'true'), undefined);
  assert.equal(of('1;'.repeat(MOST_RUNS + 1)), undefined);
  assert.deepEqual(valuesOf(['', ' a "b" ', 'c'], '"x"'), ['"a \\"b\\""', '"c"']);
});

test('values are sent as they were typed, and all else as it was', () => {
  const [seed, cfg, name] = variablesOf(prompt);
  assert.ok(seed && cfg && name);
  const [first, ...rest] = crossed(oneByOne(seed, ['18446744073709551614', '7']), oneByOne(cfg, ['8.50', '9']));
  assert.equal(rest.length, 3);
  assert.equal(exactJson(withSettings(prompt, first ?? [])), TEXT.replace('1615', '1614').replace('8.0', '8.50'));
  const [named] = oneByOne(name, ['"b\\"c"']);
  assert.equal(exactJson(withSettings(prompt, named ?? [])), TEXT.replace('"a"', '"b\\"c"'));
  assert.deepEqual(
    newSeeds([seed], 2, () => 0.5).map(([one]) => one?.json),
    ['2147483648', '2147483648'],
  );
});

const plan: RunPlan = {
  id: 'a',
  sessionId: sessionId('s'),
  name: 'cat',
  folder: 'file:///w/cat',
  startedAt: 0,
  runs: ['"=1+1"', '-3', '"c"'].map((json) => ({ set: [{ nodeId: '3', input: 'x', json }], state: 'due' })),
};

test('the table holds what each run had and what came of it, and no formula', () => {
  const done = withRun(plan, 0, { state: 'done', took: 12_340, files: ['1 a.png', '1 b.png'] });
  const rows = runsCsv(withRun(done, 1, { state: 'failed', why: '=cmd' })).split('\r\n');
  assert.deepEqual(rows, [
    '"run","3.x","state","seconds","files","why"',
    '"1","\'=1+1","done","12.3","1 a.png; 1 b.png",""',
    '"2","-3","failed","","","\'=cmd"',
    '"3","c","due","","",""',
    '',
  ]);
  const garbage = { ...plan, runs: [{ set: [{ nodeId: '=3', input: 'x', json: '=1+1' }], state: 'due' as const }] };
  assert.equal(runsCsv(garbage), `"run","'=3.x","state","seconds","files","why"\r\n"1","'=1+1","due","","",""\r\n`);
});

test('the one that was sent comes first, and a plan is found again by the next window', async () => {
  assert.equal(nextRun(plan), 0);
  const sent = withRun(plan, 1, { state: 'sent', ids: { promptId: 'p', clientId: 'c' } });
  assert.equal(nextRun(sent), 1);
  assert.equal(nextRun({ ...plan, runs: [] }), -1);
  const memory = new FakeMemento();
  const window = () => new WorkInHand(memory, RUN_PLANS);
  const left = () => window().due({ snapshot: ready(), follows: () => false });
  await window().keep(sent);
  assert.deepEqual(left(), [sent]);
  await window().drop(sent.id);
  assert.deepEqual(left(), []);
  await memory.update('manyRuns', [{ id: 3 }]);
  assert.deepEqual(left(), []);
});

test('what many runs come to is said before they begin', () => {
  const known = { count: 20, took: 30_000, price: 1_000_000_000 / 3_600, left: undefined, excess: undefined };
  assert.equal(forecastText({ ...known, took: undefined }), 'How long a run takes is not known yet.');
  assert.equal(forecastText({ ...known, price: undefined }), 'Expected: 10 min.');
  assert.equal(forecastText({ ...known, left: 600_000 }), 'Expected: 10 min, about $0.17.');
  assert.equal(
    forecastText({ ...known, left: 300_000, excess: 'Too much.' }),
    'Expected: 10 min, about $0.17. The session ends in 5 min, time for about 10 of them. Too much.',
  );
});

test('what became of them is said with the last failure, and why the rest was left out', () => {
  const done = withRun(plan, 0, { state: 'done' });
  assert.equal(overText(done, 'cancelled'), 'cat: 1 of 3 done.');
  assert.equal(overText(done, 'sessionEnded'), 'cat: 1 of 3 done. Its session ended.');
  const failed = withRun(done, 1, { state: 'failed', why: 'No.' });
  assert.equal(
    overText({ ...failed, limit: '1500000000' }, 'limit'),
    'cat: 1 of 3 done. 1 failed: No. No further run fits within the limit of $1.50.',
  );
  assert.equal(
    overText(withRun(failed, 2, { state: 'failed', why: 'Never.' }), 'inARow'),
    'cat: 1 of 3 done. 2 failed, the last one: Never. Several in a row failed, so the rest was left out.',
  );
});
