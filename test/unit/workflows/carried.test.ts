import assert from 'node:assert/strict';
import test from 'node:test';
import { carriedIn } from '../../../src/workflows/carried';
import { workflowOf } from '../../../src/workflows/carriedWorkflow';
import { encodePng } from '../../simulator/comfyui/png';
import { defaultPrompt, defaultWorkflow } from '../../simulator/comfyui/page/defaultGraph';
import { flacOf, jpegOf, mp3Of, mp4Of, pngOf, webmOf, webpOf, webpOfDirectories } from './media';
import { noRests } from '../../fakes/noRests';

const TEXTS = {
  prompt: '{"1":{"class_type":"A","inputs":{"seed":18446744073709551615}}}',
  workflow: '{"nodes":[{"id":1,"type":"é 漢"}],"links":[]}',
};

/** The workflow in a file, and how much of the file was read. */
async function read(bytes: Buffer) {
  let [reads, most] = [0, 0];
  const carried = await carriedIn({
    size: bytes.length,
    read: (from, length) => {
      reads++;
      most += length;
      return Promise.resolve(new Uint8Array(bytes.subarray(from, from + length)));
    },
  });
  return { carried, reads, most };
}

const FILES: Readonly<Record<string, Buffer>> = {
  'a PNG': pngOf(TEXTS),
  'a PNG with packed texts': pngOf(TEXTS, 'zTXt'),
  'a PNG with texts of other languages': pngOf(TEXTS, 'iTXt'),
  'a PNG with plain texts of other languages': pngOf(TEXTS, 'iTXt plain'),
  'an animated PNG': pngOf(TEXTS, 'comf'),
  'a WebP': webpOf(TEXTS),
  'a JPEG': jpegOf(TEXTS),
  'an MP4': mp4Of(TEXTS),
  'an MP4 for the web': mp4Of(TEXTS, true),
  'a WebM': webmOf(TEXTS),
  'a FLAC': flacOf(TEXTS),
  'an MP3': mp3Of(TEXTS),
  'an MP3 with wide letters': mp3Of(TEXTS, true),
};

test('pictures, videos and sounds contain the workflow that made them, whatever they are called', async (t) => {
  for (const [name, bytes] of Object.entries(FILES))
    await t.test(name, async () => {
      assert.deepEqual((await read(bytes)).carried, TEXTS);
      for (const length of [0, 3, 11, 40, Math.floor(bytes.length / 2), bytes.length - 30])
        await read(bytes.subarray(0, length));
    });
});

test('what is seen and heard is passed over, however much it is', async () => {
  const large = Buffer.concat([
    Buffer.from([0, 0, 0, 12]),
    Buffer.from('ftypisom'),
    Buffer.from([0, 48, 0, 8]),
    Buffer.from('mdat'),
    Buffer.alloc(3 << 20),
  ]);
  const { carried, most } = await read(Buffer.concat([large, mp4Of(TEXTS).subarray(16)]));
  assert.deepEqual(carried, TEXTS);
  assert.ok(most < 200_000, `${most}`);
  const pixels = { width: 800, height: 800, rgb: new Uint8Array(1_920_000).map((_, at) => (at * 7919) >> 3) };
  const png = encodePng(pixels, {
    prompt: JSON.stringify(defaultPrompt(1)),
    workflow: JSON.stringify(defaultWorkflow),
  });
  const head = await read(png);
  assert.equal(head.reads, 1);
  assert.deepEqual(await workflowOf(head.carried!, noRests()), {
    graph: defaultWorkflow,
    prompt: defaultPrompt(1),
    leftOut: [],
  });
});

test('what some nodes write into a comment is read, too', async () => {
  const comment = JSON.stringify({ prompt: JSON.stringify(defaultPrompt(2)), workflow: defaultWorkflow });
  for (const bytes of [jpegOf({}, comment), mp4Of({ comment }), webmOf({ comment }), flacOf({ Comment: comment })]) {
    const { carried } = await read(bytes);
    assert.deepEqual(await workflowOf(carried!, noRests()), {
      graph: defaultWorkflow,
      prompt: defaultPrompt(2),
      leftOut: [],
    });
  }
});

test('a picture with anything else carries nothing', async () => {
  const others = [
    pngOf({}),
    pngOf({ parameters: 'a cat, Steps: 20' }),
    pngOf({ prompt: 'a cat' }),
    Buffer.from('{"nodes":[]}'),
    Buffer.alloc(5_000),
  ];
  for (const bytes of others) assert.equal((await read(bytes)).carried, undefined);
  assert.equal(await workflowOf({ prompt: '{"a":1}', workflow: '[]' }, noRests()), undefined);
});

test('a text that is a thousand times as long as it looks is not unpacked', async () => {
  const { carried } = await read(pngOf({ workflow: `{"a":"${' '.repeat(20 << 20)}"}`, prompt: '{}' }, 'zTXt'));
  assert.deepEqual(carried, { prompt: '{}' });
  const broken = pngOf({ workflow: '{"nodes":[]}' }, 'zTXt');
  broken.fill(0xff, broken.indexOf('workflow') + 12, broken.indexOf('workflow') + 20);
  assert.equal((await read(broken)).carried, undefined);
});

test('a file that says of itself more than anybody writes is read so far, and no further', async () => {
  const many = (count: number, text: string) =>
    Object.fromEntries([...Array.from({ length: count }, (_, at) => [`a${at}`, text] as const), ['prompt', '{}']]);
  const tooMuch = [
    pngOf(many(6, ' '.repeat(17 << 20)), 'zTXt'),
    pngOf(many(6, ' '.repeat(15 << 20)), 'iTXt'),
    ...[flacOf(many(20_000, '')), mp3Of(many(20_000, '')), mp4Of(many(9_000, '')), webmOf(many(20_000, ''))],
    webpOfDirectories(300, 'prompt:{}'),
  ];
  for (const [at, bytes] of tooMuch.entries()) assert.equal((await read(bytes)).carried, undefined, `${at}`);
  for (const bytes of [flacOf(many(500, '')), webpOfDirectories(100, 'prompt:{}')])
    assert.deepEqual((await read(bytes)).carried, { prompt: '{}' });
});
