import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { Uri } from '../../fakes/vscode/values';
import { slow } from '../../fakes/prompts';
import { startWithSession, type World } from '../start';

const TITLE = /^cat on sd-box \(A10G\): Cancel leaves out the rest$/;
const DIFFERS = /What differs from run to run/;

type Ran = ReturnType<typeof slow>;

/** A session with a ComfyUI, and a workflow file to queue in it many times. */
async function startWithFile(t: TestContext, prompt: object = slow(1)) {
  const { world, id } = await startWithSession(t, {}, { comfyUi: true });
  const comfyUi = world.control.comfyUi(id);
  const url = world.control.session(id)?.url ?? '';
  assert.ok(comfyUi);
  const uri = world.editor.files.write('cat.json', JSON.stringify(prompt));
  const begin = () => void world.editor.run('comfydeploy.queueMany', uri);
  const posted = () => comfyUi.requests.filter((one) => one === 'POST /prompt').length;
  /** What was run, oldest first. */
  const ran = async () => {
    const history = (await (await fetch(`${url}/history`)).json()) as Record<string, { prompt: unknown[] }>;
    return Object.values(history).map(({ prompt: item }) => item[2] as Ran);
  };
  return { world, id, comfyUi, begin, posted, ran };
}

/** Values of the color of the picture, and what is said before they begin. */
async function askForColors({ editor }: World, values: string) {
  (await editor.pick(DIFFERS)).choose('Values of One Input…');
  (await editor.pick(/Which input/)).choose('color');
  const list = await editor.pick(/Type values of color/);
  list.type(values);
  list.enter();
  return editor.message(/^Queue cat on sd-box \(A10G\): \d+ runs\?$/);
}

const written = ({ editor }: World, name: RegExp) =>
  [...editor.written].filter(([address]) => name.test(decodeURIComponent(address))).map(([, text]) => text);
const tableOf = (world: World, index = 0) =>
  (written(world, /runs\.csv$/)[index] ?? '').split('\r\n').map((row) => row.split(','));
/** The default workflow as drawn, with this prompt. */
const withText = (text: string) =>
  JSON.parse(JSON.stringify(defaultWorkflow).replace(/mountain ridges[^"]*/, text)) as object;
const colorsOf = (ran: readonly Ran[]) => ran.map((prompt) => prompt['1'].inputs.color);

test('values of an input are run one after the other; outputs and a table land in a folder', async (t) => {
  const { world, begin, ran } = await startWithFile(t);
  begin();
  const question = await askForColors(world, '3; 4');
  assert.ok(question.isStanding);
  question.dismiss();
  await world.settled();
  assert.deepEqual(await ran(), [], 'nothing without a yes');
  world.editor.messages.length = 0;
  begin();
  const again = await askForColors(world, '3..5');
  assert.equal(again.options.detail, 'How long a run takes is not known yet.');
  again.press('Queue');
  const over = await world.editor.message(/^cat: 3 of 3 done\.$/);
  assert.deepEqual(colorsOf(await ran()), [3, 4, 5]);
  assert.equal(written(world, /\/cat \d{4}-\d\d-\d\d [\d.]+\/[123] run_0000[123]_\.png$/).length, 3);
  assert.deepEqual(
    written(world, /runs\.csv$/)[0]
      ?.replace(/"\d+\.\d"/g, '"s"')
      .split('\r\n'),
    [
      '"run","1.color","state","seconds","files","why"',
      ...[1, 2, 3].map((n) => `"${n}","${n + 2}","done","s","${n} run_0000${n}_.png",""`),
      '',
    ],
  );
  assert.deepEqual([over.kind, over.buttons], ['information', ['Open Table']]);
  over.press('Open Table');
  const opened = await world.until('the table', () => world.editor.ran.find(({ id }) => id === 'vscode.open'));
  assert.match(String(opened.args[0]), /runs\.csv$/);
  world.editor.messages.length = 0;
  begin();
  (await askForColors(world, '6; 7')).press('Queue');
  await world.editor.message(/^cat: 2 of 2 done\.$/);
  const folders = [...world.editor.written.keys()].filter((address) => address.endsWith('/runs.csv'));
  assert.equal(folders.length, 2, 'at the same time, and beside what was there');
});

test('two inputs are crossed, and one that fails does not stop the others', async (t) => {
  const { world, begin, posted } = await startWithFile(t);
  begin();
  (await world.editor.pick(DIFFERS)).choose('Values of Two Inputs, Each with Each…');
  for (const [input, values] of [
    ['steps', '1;2'],
    ['fail_at', '-1;1'],
  ] as const) {
    (await world.editor.pick(/Which input/)).choose(input);
    const list = await world.editor.pick(new RegExp(`Type values of ${input}`));
    list.type(values);
    list.enter();
  }
  (await world.editor.message(/^Queue cat on .*: 4 runs\?$/)).press('Queue');
  const over = await world.editor.message(/done/);
  assert.match(over.text, /^cat: 3 of 4 done\. 1 failed: cat failed in ProbeSlow \(node 2\): failed on purpose/);
  assert.equal(over.kind, 'warning');
  assert.equal(posted(), 4);
});

test('Cancel leaves out the rest, and lets the one that runs come to its end', async (t) => {
  const { world, comfyUi, begin, posted } = await startWithFile(t, slow(1, { steps: 1000, delay: 0.05 }));
  begin();
  (await askForColors(world, '1..9')).press('Queue');
  await world.until('the first', () => comfyUi.queueRemaining === 1);
  (await world.editor.progress(TITLE)).cancel();
  await comfyUi.finishJob();
  await world.editor.message(/^cat: 1 of 9 done\.$/);
  assert.equal(posted(), 1);
});

test('a window that is loaded anew goes on where it was, and nothing is queued twice', async (t) => {
  const { world, comfyUi, begin, posted, ran } = await startWithFile(t, slow(1, { steps: 1000, delay: 0.05 }));
  begin();
  (await askForColors(world, '1..3')).press('Queue');
  await world.until('the first', () => comfyUi.queueRemaining === 1);
  await world.settled();
  await world.reopen();
  await world.advance(1_000);
  await world.editor.progress(TITLE);
  assert.equal(posted(), 1);
  for (const count of [2, 3]) {
    await comfyUi.finishJob();
    await world.until(`number ${count}`, () => posted() === count && comfyUi.queueRemaining === 1);
  }
  await comfyUi.finishJob();
  await world.editor.message(/^cat: 3 of 3 done\.$/);
  assert.deepEqual(colorsOf(await ran()), [1, 2, 3]);
});

test('a limit stops before a run that would pass it, as long as the longest one before', async (t) => {
  const { world, comfyUi, begin, posted } = await startWithFile(t, slow(1, { steps: 1000, delay: 0.05 }));
  begin();
  (await askForColors(world, '1..9')).press('Set a Limit…');
  const limit = await world.editor.pick(/Stop at which cost/);
  limit.type('0.01');
  limit.enter();
  await world.until('the first', () => comfyUi.queueRemaining === 1);
  world.sleep(-24 * 3_600_000, 'wall'); // somebody sets the clock back
  await world.advance(600_000);
  await comfyUi.finishJob();
  await world.editor.message(/^cat: 1 of 9 done\. No further run fits within the limit of \$0\.01\.$/);
  assert.equal(posted(), 1);
});

test('in the texts of a drawn workflow each run makes its own choice, in values that were typed, too', async (t) => {
  const { world, comfyUi, begin, posted } = await startWithFile(t, withText('a {red|green|blue|black} {cat|dog}'));
  begin();
  (await world.editor.pick(DIFFERS)).choose('New Seeds');
  const many = await world.editor.pick(/How many/);
  many.type('12');
  many.enter();
  (await world.editor.message(/^Queue cat on .*: 12 runs\?$/)).press('Queue');
  for (let count = 1; count <= 12; count++) {
    await world.until(`number ${count}`, () => posted() === count && comfyUi.queueRemaining === 1);
    await comfyUi.finishJob();
  }
  await world.editor.message(/^cat: 12 of 12 done\.$/);
  const [head = [], ...rows] = tableOf(world);
  const column = head.indexOf('"6.text"');
  const texts = rows.slice(0, 12).map((row) => row[column] ?? '');
  for (const text of texts) assert.match(text, /^"a (red|green|blue|black) (cat|dog)"$/);
  assert.ok(new Set(texts).size > 1);
  assert.ok(!head.includes('"7.text"'), 'a text without choices is the same in all runs');
  world.editor.messages.length = 0;
  begin();
  (await world.editor.pick(DIFFERS)).choose('Values of One Input…');
  (await world.editor.pick(/Which input/)).choose('text'); // the first of two
  const list = await world.editor.pick(/Type values of text/);
  list.type('a {small|small} bird; none');
  list.enter();
  (await world.editor.message(/^Queue cat on .*: 2 runs\?$/)).press('Queue');
  for (const count of [13, 14]) {
    await world.until(`number ${count}`, () => posted() === count && comfyUi.queueRemaining === 1);
    await comfyUi.finishJob();
  }
  await world.editor.message(/^cat: 2 of 2 done\.$/);
  assert.deepEqual(
    tableOf(world, 1).map((row) => row[1]),
    ['"6.text"', '"a small bird"', '"none"', undefined],
  );
});

test('the files of a folder are uploaded, and each is run', async (t) => {
  const prompt = {
    '1': { class_type: 'LoadImage', inputs: { image: 'a.png' } },
    '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'run' } },
  };
  const { world, comfyUi, begin, ran } = await startWithFile(t, prompt);
  comfyUi.putFile({ filename: 'a.png', subfolder: '', type: 'input' }, 'a');
  for (const name of ['cats/two.png', 'cats/one.png', 'cats/none.txt']) world.editor.files.write(name, name);
  begin();
  (await world.editor.pick(DIFFERS)).choose('Values of One Input…');
  (await world.editor.pick(/Which input/)).choose('image');
  (await world.editor.pick(/Type values of image/)).choose('Files of a Folder…');
  (await world.editor.folderDialog()).choose(Uri.parse('file:///workspace/cats'));
  (await world.editor.message(/^Upload one\.png and two\.png to the session\?$/)).press('Upload');
  (await world.editor.message(/^Queue cat on .*: 2 runs\?$/)).press('Queue');
  await world.editor.message(/^cat: 2 of 2 done\.$/);
  const files = (await ran()).map((one) => (one as unknown as typeof prompt)['1'].inputs.image);
  assert.deepEqual(files, ['one.png', 'two.png']);
});

test('new seeds differ each time, and duration and cost are estimated from the last similar run', async (t) => {
  const prompt = slow(1, { steps: 1000, delay: 0.05 });
  const seeded = { ...prompt['1'], inputs: { ...prompt['1'].inputs, seed: 3 } };
  const { world, comfyUi, begin, posted } = await startWithFile(t, { ...prompt, '1': seeded });
  begin();
  (await world.editor.pick(DIFFERS)).choose('New Seeds');
  const many = await world.editor.pick(/How many/);
  many.type('501');
  assert.deepEqual(many.labels, ['At most 500 runs at a time.']);
  many.type('2');
  many.enter();
  (await world.editor.message(/^Queue cat on .*: 2 runs\?$/)).press('Queue');
  for (const count of [1, 2]) {
    await world.until(`number ${count}`, () => posted() === count && comfyUi.queueRemaining === 1);
    await world.advance(36_000);
    await comfyUi.finishJob();
  }
  await world.editor.message(/^cat: 2 of 2 done\.$/);
  const [csv = ''] = written(world, /runs\.csv$/);
  const seeds = csv
    .split('\r\n')
    .slice(1, 3)
    .map((row) => row.split(',')[1]);
  assert.equal(new Set(seeds).size, 2);
  world.editor.messages.length = 0;
  begin();
  (await world.editor.pick(DIFFERS)).choose('New Seeds');
  (await world.editor.pick(/How many/)).choose('4 runs');
  const question = await world.editor.message(/^Queue cat on .*: 4 runs\?$/);
  assert.match(question.options.detail ?? '', /^Expected: 2 min, about \$0\.\d\d\.$/);
});
