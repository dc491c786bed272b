import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { startWithSession } from '../start';

const QUESTION = /^Upload cat\.png to the session\?$/;

const reading = (image: string) => ({
  '1': { class_type: 'LoadImage', inputs: { image } },
  '2': { class_type: 'SaveImage', inputs: { images: ['1', 0], filename_prefix: 'run' } },
});

/** A session with a ComfyUI, and a workflow that reads a picture. */
async function startWithPicture(t: TestContext, { image = 'cat.png' } = {}) {
  const { world, id } = await startWithSession(t, {}, { comfyUi: true });
  const comfyUi = world.control.comfyUi(id);
  const url = world.control.session(id)?.url ?? '';
  assert.ok(comfyUi);
  const write = (value: string) => world.editor.files.write('flows/cat.json', JSON.stringify(reading(value)));
  const uri = write(image);
  const queue = () => world.editor.run('comfydeploy.queueWorkflow', uri);
  const count = (request: string) => comfyUi.requests.filter((one) => one === request).length;
  /** The files that were read. */
  const read = async () => {
    const history = (await (await fetch(`${url}/history`)).json()) as Record<string, { prompt: unknown[] }>;
    return Object.values(history).map(({ prompt }) => (prompt[2] as ReturnType<typeof reading>)['1'].inputs.image);
  };
  return { world, comfyUi, write, queue, count, read };
}

test('a picture beside the workflow travels along, asked about once for each content', async (t) => {
  const { world, queue, count, read } = await startWithPicture(t);
  world.editor.files.write('flows/cat.png', 'meow');
  void queue();
  const question = await world.editor.message(QUESTION);
  assert.equal(question.options.modal, true);
  assert.equal(question.options.detail, 'cat needs it. Nothing that is there is overwritten.');
  assert.equal(count('POST /prompt'), 0);
  question.press('Upload');
  await world.editor.message(/^cat is done/);
  assert.deepEqual(await read(), ['cat.png']);
  world.editor.messages.length = 0;
  await queue();
  await world.editor.message(/^Nothing in cat has changed/);
  assert.equal(count('POST /upload/image'), 1);

  world.editor.files.write('flows/cat.png', 'purr');
  void queue();
  (await world.editor.message(QUESTION)).press('Upload');
  await world.until('the other picture', async () => (await read()).at(-1) === 'cat (1).png');
});

test('another file of that name in ComfyUI is kept, and the name that ComfyUI answers is sent', async (t) => {
  const { world, comfyUi, queue, read } = await startWithPicture(t);
  comfyUi.putFile({ filename: 'cat.png', subfolder: '', type: 'input' }, 'another cat');
  world.editor.files.write('flows/cat.png', 'meow');
  void queue();
  (await world.editor.message(QUESTION)).press('Upload');
  await world.editor.message(/^cat is done/);
  assert.deepEqual(await read(), ['cat (1).png']);
});

test('nothing is uploaded or queued unless the user says so', async (t) => {
  const { world, queue, count } = await startWithPicture(t);
  world.editor.files.write('flows/cat.png', 'meow');
  const done = queue();
  (await world.editor.message(QUESTION)).dismiss();
  await done;
  assert.deepEqual([count('POST /upload/image'), count('POST /prompt')], [0, 0]);
});

test('a file that is nowhere is named before anything is queued, and marked', async (t) => {
  const { world, queue, count } = await startWithPicture(t);
  await queue();
  const notice = await world.editor.message(/^cat was not queued\./);
  assert.equal(
    notice.text,
    "cat was not queued. LoadImage (node 1): image: the file cat.png isn't in ComfyUI's input folder. Put the file beside the workflow or into the workspace.",
  );
  assert.deepEqual(notice.buttons, ['Show Problem']);
  assert.equal(count('POST /prompt'), 0);
});

test('the only file of that name in the workspace is taken, and of several none', async (t) => {
  const { world, queue, count } = await startWithPicture(t, { image: 'sub/cat.png [input]' });
  world.editor.files.write('pictures/cat.png', 'meow');
  void queue();
  (await world.editor.message(QUESTION)).press('Upload');
  await world.editor.message(/^cat is done/);
  world.editor.messages.length = 0;
  world.editor.files.write('more/cat.png', 'purr');
  await queue();
  await world.editor.message(/^cat is done/);
  assert.equal(count('POST /upload/image'), 1, 'in a folder of ComfyUI there may be one');
});

test('what ComfyUI has is not uploaded from elsewhere in the workspace', async (t) => {
  const { world, comfyUi, queue, count, read } = await startWithPicture(t);
  comfyUi.putFile({ filename: 'cat.png', subfolder: '', type: 'input' }, 'a cat');
  world.editor.files.write('pictures/cat.png', 'meow');
  await queue();
  assert.deepEqual(await read(), ['cat.png']);
  assert.equal(count('POST /upload/image'), 0);
});

test('a file that ComfyUI has lost is uploaded again', async (t) => {
  const { world, comfyUi, queue, count } = await startWithPicture(t);
  world.editor.files.write('flows/cat.png', 'meow');
  void queue();
  (await world.editor.message(QUESTION)).press('Upload');
  await world.editor.message(/^cat is done/);
  comfyUi.removeFile({ filename: 'cat.png', subfolder: '', type: 'input' });
  world.editor.messages.length = 0;
  void queue();
  (await world.editor.message(QUESTION)).press('Upload');
  await world.until('the upload', () => count('POST /upload/image') === 2);
});
