import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { ComfyUi } from '../../src/comfyui/client';
import { OutputBytes } from '../../src/outputs/outputBytes';
import type { OutputFile } from '../../src/comfyui/outputs';
import { SessionOutputs } from '../../src/outputs/sessionOutputs';
import type { Work } from '../../src/comfydeploy/model';
import { systemClock } from '../../src/platform/clock';
import { LogBook, sessionId } from '../fakes/setup';
import { until } from '../fakes/until';
import { startComfyUi } from '../simulator/comfyui/comfyUi';
import { landscape, plain } from '../simulator/comfyui/picture';
import { encodePng } from '../simulator/comfyui/png';
import { bytes } from './saving';

const RED = encodePng(plain(8, 8, 0xff_00_00));
const NOW = Date.UTC(2030, 0, 1, 12);

/** A file whose header claims this size; its pixels are eight by eight. */
function sizedPng(width: number, height: number): Buffer {
  const whole = Buffer.from(RED);
  whole.writeUInt32BE(width, 16);
  whole.writeUInt32BE(height, 20);
  return whole;
}

const output = (filename: string): OutputFile & { readonly type: 'output' } => ({
  filename,
  subfolder: '',
  type: 'output',
});

/** The range that is requested first, for a picture's size. */
const HEAD = 'bytes=0-262143';

const rangeOf = (init: RequestInit | undefined) => {
  const range = new Headers(init?.headers).get('range');
  return range === HEAD ? 'head' : undefined;
};

/** A ComfyUI, the known outputs, and all requests made for them. */
async function startOutputs(t: TestContext) {
  const server = await startComfyUi({ gpu: 'A10G', renderSeconds: 0, now: () => NOW });
  t.after(() => server.close());
  const { control } = server;
  const asked: string[] = [];
  const web = {
    clock: systemClock,
    log: new LogBook(),
    random: () => 0,
    fetch: (input: string | URL | Request, init?: RequestInit) => {
      const url = new URL(input instanceof Request ? input.url : input);
      const { max_items: count, preview, filename } = Object.fromEntries(url.searchParams);
      const what =
        url.pathname === '/history' ? `history ${count}` : `${filename} ${preview ?? rangeOf(init) ?? init?.method}`;
      asked.push(what);
      return fetch(input, init);
    },
  };
  const comfyUi = new ComfyUi(server.url, web);
  const seen = { work: undefined as Work | undefined, changes: 0, rewritten: [] as string[] };
  const outputs = new SessionOutputs({
    ...web,
    comfyUi: () => comfyUi,
    serverTime: { now: () => NOW },
    work: () => seen.work,
    changed: () => (seen.changes += 1),
    rewritten: ({ filename }) => void seen.rewritten.push(filename),
  });
  t.after(() => outputs.dispose());
  const contents = new OutputBytes({ ...web, comfyUi: () => comfyUi });
  t.after(() => contents.reset());
  const ran = (files: Readonly<Record<string, Uint8Array | string>>) => {
    const images = Object.entries(files).map(([name, content]) => {
      control.putFile(output(name), content);
      return output(name);
    });
    control.recordRun({ '9': { images } });
  };
  const files = () => (outputs.recent.kind === 'known' ? outputs.recent.files : []);
  const names = () => files().map(({ file }) => file.filename);
  const take = () => asked.splice(0);
  return { control, outputs, contents, seen, ran, files, names, take };
}

test('a long history is looked at in bounded pages, and later no further than to what is known', async (t) => {
  const { outputs, ran, names, take } = await startOutputs(t);
  for (let n = 0; n < 100; n++) ran({ [`${n}.png`]: 'x' });
  await outputs.look();
  assert.deepEqual(take(), ['history 8', 'history 32']);
  assert.deepEqual([names().length, names()[0]], [24, '99.png']);
  assert.equal(outputs.recent.kind === 'known' && outputs.recent.hasMore, true);

  ran({ 'new.png': 'x' });
  await outputs.look();
  assert.deepEqual(take(), ['history 2']);
  assert.equal(names()[0], 'new.png');
  for (let n = 0; n < 5; n++) ran({ [`newer ${n}.png`]: 'x' });
  await outputs.look();
  assert.deepEqual(take(), ['history 2', 'history 8']);
});

test('a run with ten thousand files shows the newest of them', async (t) => {
  const { control, outputs, names, take } = await startOutputs(t);
  const images = Array.from({ length: 10_000 }, (_, n) => output(`${n}.bin`));
  control.recordRun({ '9': { images } });
  await outputs.look();
  assert.deepEqual(take(), ['history 8']);
  assert.deepEqual([names().length, names()[0], names().at(-1)], [24, '9999.bin', '9976.bin']);
});

test('whoever asks while a look is under way waits for that one', async (t) => {
  const { outputs, ran, take } = await startOutputs(t);
  ran({ 'a.bin': 'x' });
  await Promise.all([outputs.look(), outputs.look(), outputs.look()]);
  assert.deepEqual(take(), ['history 8']);
});

test('pictures are taken of images that are on show, one after the other, and once', async (t) => {
  const { outputs, ran, files, seen, take } = await startOutputs(t);
  ran({ 'a.png': RED, 'clip.mp4': 'moving', 'song.flac': 'sounding', 'b.png': RED });
  await outputs.look();
  assert.deepEqual(take(), ['history 8'], 'nobody sees them');

  outputs.isShown = true;
  await outputs.takePictures();
  assert.deepEqual(take(), ['b.png head', 'b.png webp;40', 'a.png head', 'a.png webp;40']);
  assert.deepEqual(
    files().map(({ picture }) => picture?.slice(0, 23)),
    ['data:image/webp;base64,', undefined, undefined, 'data:image/webp;base64,'],
  );
  const { changes } = seen;
  await outputs.look();
  await outputs.takePictures();
  assert.deepEqual(take(), ['history 2']);
  assert.equal(seen.changes, changes + 1);
});

test('a picture that stays large is not tried again, and one that could not be had when the user asks', async (t) => {
  const { control, outputs, ran, files, take } = await startOutputs(t);
  ran({ 'large.png': encodePng(landscape(1024, 1024, 1)), 'broken.png': 'no picture' });
  control.recordRun({ '9': { images: [output('gone.png')] } });
  outputs.isShown = true;
  await outputs.look();
  await outputs.takePictures();
  assert.deepEqual(take().slice(1), [
    'gone.png head',
    'broken.png head',
    'large.png head',
    'large.png webp;40',
    'large.png webp;5',
  ]);
  assert.deepEqual(
    files().map(({ picture }) => picture),
    [undefined, undefined, undefined],
  );
  await outputs.lookAgain();
  await outputs.takePictures();
  assert.deepEqual(take().slice(1), ['gone.png head']);
});

test('nothing is asked of a picture with many pixels but its size, however few bytes it has', async (t) => {
  const { outputs, ran, files, take } = await startOutputs(t);
  ran({ 'huge.png': sizedPng(8192, 8192), 'wide.png': encodePng(plain(2000, 1000, 0)), 'small.png': RED });
  outputs.isShown = true;
  await outputs.look();
  await outputs.takePictures();
  await outputs.lookAgain();
  await outputs.takePictures();
  assert.deepEqual(
    take().filter((what) => !what.startsWith('history')),
    ['small.png head', 'small.png webp;40', 'wide.png head', 'wide.png webp;5', 'huge.png head'],
  );
  assert.equal(files()[2]?.picture, undefined);
});

test('a file that another run names again is reported, and its thumbnail is fetched again', async (t) => {
  const { outputs, ran, seen, take } = await startOutputs(t);
  ran({ 'same.png': RED, 'other.png': RED });
  outputs.isShown = true;
  await outputs.look();
  await until('the pictures', () => take().includes('same.png webp;40'));
  ran({ 'same.png': encodePng(plain(8, 8, 0x00_ff_00)) });
  await outputs.look();
  await until('the picture', () => take().includes('same.png webp;40'));
  assert.deepEqual(seen.rewritten, ['same.png']);
});

test('a failed reading is reported, keeps what is known, and is not repeated at once', async (t) => {
  const { control, outputs, ran, seen, names } = await startOutputs(t);
  control.corrupt('/history', 'html');
  await outputs.look();
  assert.equal(outputs.recent.kind === 'failed' && outputs.recent.error.kind, 'malformed');
  assert.equal(outputs.isDue, false);
  control.mend();
  ran({ 'a.bin': 'x' });
  await outputs.lookAgain();
  seen.work = { activity: { kind: 'idle', since: 5 }, vram: undefined, readAt: 0 };
  assert.equal(outputs.isDue, true);
  control.corrupt('/history', 'html');
  await outputs.look();
  assert.ok(outputs.recent.kind === 'known' && outputs.recent.problem);
  assert.deepEqual(names(), ['a.bin']);
});

const ONE = sessionId('one');

test('a file is fetched once for all who want it, and whole even where the line breaks', async (t) => {
  const { control, contents, ran, take } = await startOutputs(t);
  const content = bytes(200_000);
  ran({ 'a.bin': content });
  control.cut('/view', 150_000);
  const [first, second] = await Promise.all([contents.read(ONE, output('a.bin')), contents.read(ONE, output('a.bin'))]);
  assert.equal(first, second);
  assert.deepEqual(Buffer.from(first), Buffer.from(content));
  assert.equal(await contents.sizeOf(ONE, output('a.bin')), 200_000);
  assert.deepEqual(take(), ['a.bin HEAD', 'a.bin GET', 'a.bin GET']);
});

test('what is kept is bounded: what was used longest ago is fetched again', async (t) => {
  const { contents, ran, take } = await startOutputs(t);
  const many = Array.from({ length: 7 }, (_, n) => `${n}.bin`);
  const large = new Uint8Array(10_000_000);
  ran(Object.fromEntries(many.map((name) => [name, large])));
  for (const name of many) {
    await contents.read(ONE, output(name));
    await contents.read(ONE, output('1.bin')); // it stays in use
    assert.ok(contents.kept <= 64_000_000);
  }
  take();
  await contents.read(ONE, output('1.bin'));
  await contents.read(ONE, output('6.bin'));
  assert.deepEqual(take(), []);
  await contents.read(ONE, output('0.bin'));
  assert.deepEqual(take(), ['0.bin HEAD', '0.bin GET']);
});

test('a file that is gone says so each time, and a session that is over ends what is on its way', async (t) => {
  const { control, contents, ran, take } = await startOutputs(t);
  await assert.rejects(contents.read(ONE, output('gone.bin')), { kind: 'missing' });
  await assert.rejects(contents.read(ONE, output('gone.bin')), { kind: 'missing' });
  assert.equal(take().length, 2);
  ran({ 'a.bin': bytes(200_000) });
  control.hang('/view', 100_000);
  const reading = contents.read(ONE, output('a.bin'));
  await until('the file on its way', () => take().includes('a.bin GET'));
  contents.keepOnly(new Set([ONE]));
  contents.keepOnly(new Set());
  await assert.rejects(reading, { name: 'AbortError' });
  assert.equal(contents.kept, 0);
});

test('what was forgotten is fetched anew, as it is by then', async (t) => {
  const { contents, ran } = await startOutputs(t);
  ran({ 'a.txt': 'before' });
  assert.equal(Buffer.from(await contents.read(ONE, output('a.txt'))).toString(), 'before');
  ran({ 'a.txt': 'afterwards' });
  contents.forget(ONE, output('a.txt'));
  assert.equal(await contents.sizeOf(ONE, output('a.txt')), 10);
  assert.equal(Buffer.from(await contents.read(ONE, output('a.txt'))).toString(), 'afterwards');
});

test('previews are on show where a run wrote nothing else', async (t) => {
  const { control, outputs, files } = await startOutputs(t);
  const preview = { ...output('p.png'), type: 'temp' } as const;
  control.putFile(preview, RED);
  control.recordRun({ '9': { images: [preview] } });
  await outputs.look();
  assert.deepEqual(
    files().map(({ file }) => file),
    [preview],
  );
});
