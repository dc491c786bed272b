import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import test from 'node:test';
import { unsavedText } from '../../src/outputs/savedText';
import { ManualClock } from '../fakes/manualClock';
import { until } from '../fakes/until';
import { bytes, contentOf, startSaving } from './saving';

test('what a session has brought forth is saved, each file once, previews not', async (t) => {
  const { save, ran, folder } = await startSaving(t);
  ran({ 'a.png': 'A', 'video/clips/b.mp4': 'B' });
  ran({ 'a.png': 'A', 'c.png': 'C' });
  ran({ 'preview.png': 'P' }, 'temp');
  const saved = await save();
  assert.deepEqual(contentOf(folder), { 'a.png': 'A', 'c.png': 'C', 'video/clips/b.mp4': 'B' });
  assert.deepEqual(saved, {
    place: folder,
    saved: 3,
    skipped: 0,
    failed: [],
    left: 0,
    bytes: 3,
    workflows: 0,
    missed: 0,
    upTo: saved.upTo,
  });
});

test('with nothing to save nothing is made on the disk', async (t) => {
  const { save, folder } = await startSaving(t);
  assert.equal((await save()).saved, 0);
  assert.equal(fs.existsSync(folder), false);
});

test('what was saved before is not fetched again, and what came since is', async (t) => {
  const { save, ran, ranges, folder } = await startSaving(t);
  ran({ 'a.png': 'A' });
  await save();
  ran({ 'b.png': 'B' });
  const { saved, skipped } = await save();
  assert.deepEqual([saved, skipped], [1, 1]);
  assert.deepEqual(ranges, ['a.png bytes=0-', 'b.png bytes=0-']);

  fs.rmSync(path.join(folder, '.comfydeploy-saved.jsonl'));
  assert.equal((await save()).skipped, 2, 'by name and size alone');
  assert.equal(ranges.length, 2);
});

test('files that were saved before are recognized by their path if the server says nothing about them', async (t) => {
  const { save, ran, asked, folder } = await startSaving(t);
  asked.before = (_, method) => {
    if (method === 'HEAD') throw new TypeError('fetch failed');
  };
  ran({ 'a.png': 'A' });
  assert.equal((await save()).saved, 1);
  const { saved, skipped } = await save();
  assert.deepEqual([saved, skipped, contentOf(folder)], [0, 1, { 'a.png': 'A' }]);
});

test('what comes while it is being saved is saved, too', async (t) => {
  const { save, ran, asked, folder } = await startSaving(t);
  ran({ 'a.png': 'A' });
  asked.before = (url, method) => {
    if (method !== 'GET' || url.pathname !== '/view') return;
    asked.before = () => undefined;
    ran({ 'b.png': 'B' });
  };
  assert.equal((await save()).saved, 2);
  assert.deepEqual(Object.keys(contentOf(folder)), ['a.png', 'b.png']);
});

test('the saving ends although runs go on finishing, and says how many of them it has not saved', async (t) => {
  const { save, ran, asked, folder } = await startSaving(t);
  let runs = 0;
  const another = () => ran({ [`${runs++}.png`]: 'A' });
  another();
  asked.before = (url, method) => {
    if (method === 'GET' && url.pathname === '/view') another();
  };
  const { saved, missed, failed } = await save();
  assert.deepEqual([saved, missed, failed], [5, 1, []]);
  assert.deepEqual([runs, Object.keys(contentOf(folder)).length], [6, 5]);
});

test('a history without an end is read once, to a bound', async (t) => {
  const { save } = await startSaving(t);
  let [runs, pages] = [0, 0];
  const { failed } = await save({
    fetch: (input) => {
      if (!String(input instanceof Request ? input.url : input).includes('/history'))
        return Promise.resolve(Response.json({ exec_info: { queue_remaining: 0 } }));
      pages++;
      return Promise.resolve(
        Response.json(Object.fromEntries(Array.from({ length: 50 }, () => [`run${runs++}`, { outputs: {} }]))),
      );
    },
  });
  assert.deepEqual(failed, [
    { filename: 'The rest of the history', why: 'ComfyUI listed more runs than it keeps, or took too long.' },
  ]);
  assert.ok(pages <= 401, `${pages} pages`);
});

test('a file that the session wrote anew is saved beside the older one', async (t) => {
  const { save, ran, folder } = await startSaving(t);
  ran({ 'a.png': 'old' });
  await save();
  ran({ 'a.png': 'new' });
  assert.equal((await save()).saved, 1);
  assert.equal((await save()).skipped, 1);
  assert.deepEqual(contentOf(folder), { 'a.png': 'old', 'a (2).png': 'new' });
});

test('whatever lies in the folder is left as it is', async (t) => {
  const { save, ran, folder } = await startSaving(t);
  fs.mkdirSync(path.join(folder, 'taken.png'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'mine.png'), 'my very own');
  fs.writeFileSync(path.join(folder, 'same.png'), 'same');
  ran({ 'mine.png': 'theirs', 'taken.png': 'T', 'same.png': 'same' });
  const { saved, skipped } = await save();
  assert.deepEqual([saved, skipped], [2, 1]);
  assert.deepEqual(contentOf(folder), {
    'mine.png': 'my very own',
    'mine (2).png': 'theirs',
    'same.png': 'same',
    'taken (2).png': 'T',
  });
});

test('a download goes on where the connection broke, until it is whole', async (t) => {
  const { save, ran, control, ranges, folder } = await startSaving(t);
  const content = bytes(300_000);
  ran({ 'big.bin': content });
  control.cut('/view', 120_000);
  const { saved, bytes: received } = await save();
  assert.deepEqual([saved, received], [1, 300_000]);
  assert.deepEqual(ranges, ['big.bin bytes=0-', 'big.bin bytes=120000-', 'big.bin bytes=240000-']);
  assert.deepEqual(new Uint8Array(fs.readFileSync(path.join(folder, 'big.bin'))), content);
});

test('what was given up is gone on with the next time', async (t) => {
  const { save, ran, control, ranges, folder } = await startSaving(t);
  const content = bytes(300_000);
  ran({ 'big.bin': content, 'small.png': 'S' });
  control.cut('/view', 100_000);
  const stop = new AbortController();
  const first = await save({
    signal: stop.signal,
    onProgress: ({ files }) =>
      files.done === 1 && void until('a part', () => sizeOf(folder) > 0).then(() => stop.abort()),
  });
  assert.deepEqual([first.saved, first.left, first.failed], [1, 1, []]);
  assert.deepEqual(Object.keys(contentOf(folder)), ['big.bin.part', 'small.png']);
  const kept = sizeOf(folder);

  control.mend();
  ranges.splice(0);
  const second = await save();
  assert.deepEqual([second.saved, second.skipped, second.bytes], [1, 1, 300_000 - kept]);
  assert.deepEqual(ranges, [`big.bin bytes=${kept}-`]);
  assert.deepEqual(new Uint8Array(fs.readFileSync(path.join(folder, 'big.bin'))), content);
});

const sizeOf = (folder: string): number =>
  fs.statSync(path.join(folder, 'big.bin.part'), { throwIfNoEntry: false })?.size ?? 0;

test('a part of an older state of the file is thrown away', async (t) => {
  const { save, ran, control, folder, asked, ranges } = await startSaving(t);
  ran({ 'big.bin': bytes(300_000) });
  control.cut('/view', 100_000);
  const content = bytes(200_000).reverse();
  asked.before = () => {
    if (ranges.length === 1) ran({ 'big.bin': content });
    if (ranges.length === 2) control.mend();
  };
  assert.equal((await save()).saved, 1);
  assert.deepEqual(ranges, ['big.bin bytes=0-', 'big.bin bytes=100000-', 'big.bin bytes=0-']);
  assert.deepEqual(new Uint8Array(fs.readFileSync(path.join(folder, 'big.bin'))), content);
});

test('a file without a byte is saved', async (t) => {
  const { save, ran, folder } = await startSaving(t);
  ran({ 'empty.txt': '' });
  assert.deepEqual([(await save()).saved, contentOf(folder)], [1, { 'empty.txt': '' }]);
});

test('a missing file is reported, and the others are saved', async (t) => {
  const { save, ran, control, folder } = await startSaving(t);
  control.recordRun({ '9': { images: [{ filename: 'gone.png', subfolder: '', type: 'output' }] } });
  ran({ 'a.png': 'A' });
  const { saved, failed } = await save();
  assert.equal(saved, 1);
  assert.deepEqual(failed, [{ filename: 'gone.png', why: 'It no longer exists in the session.' }]);
  assert.deepEqual(Object.keys(contentOf(folder)), ['a.png']);
});

test('a page that a gateway answers instead is never taken for a file', async (t) => {
  const { save, ran, control, folder } = await startSaving(t);
  ran({ 'a.png': 'A' });
  control.corrupt('/view', 'html');
  const { saved, failed } = await save();
  assert.deepEqual([saved, failed.length], [0, 1]);
  assert.deepEqual(contentOf(folder), {});
});

test('names from hell become files in the folder, each with its own content', async (t) => {
  const { save, ran, folder } = await startSaving(t);
  const names = [
    'con.png',
    'CON.PNG',
    'a\\b.png',
    'a:b.png',
    'say "x".png',
    '🐈 50%.png',
    'x.png [temp]',
    ' . ',
    '~.part',
  ];
  ran(Object.fromEntries([...names, 'Sub/x.png', 'sub/x.png', 'sub/.\\x.png'].map((name) => [name, `${name} itself`])));
  const { saved, failed } = await save();
  assert.deepEqual([saved, failed], [12, []]);
  assert.deepEqual(Object.entries(contentOf(folder)).toSorted(), [
    ['Sub/x.png', 'Sub/x.png itself'],
    ['_', ' .  itself'],
    ['_CON (2).PNG', 'CON.PNG itself'],
    ['_con.png', 'con.png itself'],
    ['a_b (2).png', 'a:b.png itself'],
    ['a_b.png', 'a\\b.png itself'],
    ['say _x_.png', 'say "x".png itself'],
    ['sub (2)/_._x.png', 'sub/.\\x.png itself'],
    ['sub (2)/x.png', 'sub/x.png itself'],
    ['x.png [temp]', 'x.png [temp] itself'],
    ['~.part_', '~.part itself'],
    ['🐈 50%.png', '🐈 50%.png itself'],
  ]);
});

test('a name that the server itself cannot hand out costs nothing but its file', async (t) => {
  const { save, ran } = await startSaving(t);
  ran({ 'line\nbreak.png': 'L', 'a.png': 'A' });
  const { saved, failed } = await save();
  assert.equal(saved, 1);
  assert.deepEqual(
    failed.map(({ filename }) => filename),
    ['line\nbreak.png'],
  );
});

test('a long history with numbers that JSON cannot hold is read to its end', async (t) => {
  const { save, ran, control, folder } = await startSaving(t);
  for (let n = 0; n < 120; n++) ran({ [`${n}.png`]: `${n}` });
  control.nanInHistory();
  assert.equal((await save()).saved, 120);
  assert.equal(Object.keys(contentOf(folder)).length, 120);
  assert.equal(control.requests.filter((request) => request === 'GET /history').length, 5, 'three pages and two looks');
});

test('an old server, which knows no pages, is asked for all at once', async (t) => {
  const { save, ran, asked } = await startSaving(t);
  for (let n = 0; n < 60; n++) ran({ [`${n}.png`]: `${n}` });
  asked.before = (url) => url.searchParams.delete('offset');
  assert.equal((await save()).saved, 60);
});

test('a session that ends in the middle leaves what was saved, and says what was not', async (t) => {
  const { save, ran, server, folder } = await startSaving(t);
  ran({
    'a.png': 'A',
    'b.png': bytes(10_000),
    'c.png': bytes(20_000),
    'd.bin': bytes(5_000_000),
    'e.bin': bytes(5_000_000),
  });
  const { saved, failed } = await save({ onProgress: ({ files }) => files.done === 2 && void server.close() });
  assert.ok(saved >= 2 && saved + failed.length === 5, `${saved} + ${failed.length}`);
  assert.equal(new Set(failed.map(({ why }) => why)).size, 1);
  const whole = Object.keys(contentOf(folder)).filter((name) => !name.endsWith('.part'));
  assert.equal(whole.length, saved);
});

test('a session that cannot be asked is a failure, and nothing is made on the disk', async (t) => {
  const { save, server, folder } = await startSaving(t);
  await server.close();
  await assert.rejects(save(), { kind: 'offline' });
  assert.equal(fs.existsSync(folder), false);
});

test('a connection that goes quiet is given up after half a minute, and tried again', async (t) => {
  const { save, ran, control, ranges, folder } = await startSaving(t);
  ran({ 'big.bin': bytes(1_000) });
  const clock = new ManualClock();
  control.hang('/view', 400);
  const saving = save({ clock });
  await until('a part', () => sizeOf(folder) === 400 && clock.pending > 0); // it waits for the rest
  control.mend();
  await clock.advance(29_999);
  assert.equal(ranges.length, 1);
  await clock.advance(1);
  await until('another attempt', () => {
    void clock.advance(0); // the pause before it has length 0
    return ranges.length === 2;
  });
  assert.equal((await saving).saved, 1);
  assert.deepEqual(ranges, ['big.bin bytes=0-', 'big.bin bytes=400-']);
});

test('a full disk ends saving: saved files stay, and every other one is reported', async (t) => {
  const { save, ran, folder } = await startSaving(t);
  ran({ 'a.png': 'A', 'b.png': bytes(1_000), 'c.bin': bytes(50_000), 'd.bin': bytes(60_000), 'e.bin': bytes(70_000) });
  const { saved, failed } = await save({ room: 10_000 });
  assert.ok(failed.length >= 3 && failed.every(({ why }) => why === 'The disk is full.'));
  const whole = Object.keys(contentOf(folder)).filter((name) => !name.endsWith('.part'));
  const failedNames = failed.map(({ filename }) => filename);
  assert.deepEqual([...whole, ...failedNames].toSorted(), ['a.png', 'b.png', 'c.bin', 'd.bin', 'e.bin']);
  assert.equal(saved, whole.length);
  assert.equal((await save()).saved, failedNames.length);
});

test('a full disk is no reason to say that ComfyUI could not be reached', async (t) => {
  const { save, ran } = await startSaving(t);
  ran({ 'line\nbreak.png': 'L', 'c.bin': bytes(50_000), 'd.bin': bytes(60_000) });
  const { failed } = await save({ room: 10_000 });
  const why = new Map(failed.map((one) => [one.filename, one.why]));
  assert.deepEqual([why.get('c.bin'), why.get('d.bin')], ['The disk is full.', 'The disk is full.']);
  assert.doesNotMatch(why.get('line\nbreak.png') ?? 'not tried', /reached/);
});

test('what the disk has no room for is not begun, and the rest is saved', async (t) => {
  const { save, ran, folder, asked } = await startSaving(t);
  ran({ 'small.png': 'small', 'large.bin': bytes(200_000) });
  const fetched: string[] = [];
  asked.before = ({ searchParams }, method) => {
    if (method === 'GET' && searchParams.has('filename')) fetched.push(searchParams.get('filename') ?? '');
  };
  const { saved, failed } = await save({ room: Infinity, claimedRoom: 100_000 });
  assert.equal(saved, 1);
  assert.deepEqual(failed, [{ filename: 'large.bin', why: 'No room for it.', canBeRetried: true }]);
  assert.deepEqual(fetched, ['small.png']);
  assert.deepEqual(
    Object.keys(contentOf(folder)).filter((name) => name.endsWith('.part')),
    [],
  );
  assert.equal((await save()).saved, 1, 'once there is room');
});

test('two sessions are saved at once, each into a folder of its own', async (t) => {
  const [one, other] = [await startSaving(t), await startSaving(t)];
  one.ran({ 'a.png': 'one' });
  other.ran({ 'a.png': 'other' });
  await Promise.all([one.save(), other.save()]);
  assert.deepEqual([contentOf(one.folder), contentOf(other.folder)], [{ 'a.png': 'one' }, { 'a.png': 'other' }]);
});

test('the workflow of every run lies beside its first file, the same one only once', async (t) => {
  const { save, server, control, folder } = await startSaving(t);
  const post = async (seed: number, workflow?: unknown) => {
    const prompt = {
      '4': { class_type: 'EmptyImage', inputs: { width: 8, height: 8, batch_size: 1, color: seed } },
      '9': { class_type: 'SaveImage', inputs: { images: ['4', 0], filename_prefix: 'x' } },
    };
    const extra_data = { auth_token_comfy_org: 'token-1', api_key_comfy_org: 'key-1', extra_pnginfo: { workflow } };
    await fetch(`${server.url}/prompt`, { method: 'POST', body: JSON.stringify({ prompt, extra_data }) });
    await until('the end of the run', () => control.queueRemaining === 0);
  };
  await post(1, { nodes: ['one'] });
  await post(2, { nodes: ['one'] });
  await post(3, { nodes: ['three'] });
  await post(4);
  const { saved, workflows } = await save();
  assert.deepEqual([saved, workflows], [4, 3]);
  const content = contentOf(folder);
  assert.deepEqual(
    Object.keys(content).filter((name) => name.endsWith('.json')),
    ['x_00001_.workflow.json', 'x_00003_.workflow.json', 'x_00004_.api.json'],
  );
  assert.equal(content['x_00001_.workflow.json'], '{\n  "nodes": [\n    "one"\n  ]\n}\n');
  assert.match(content['x_00004_.api.json'] ?? '', /"class_type": "SaveImage"/);
  assert.deepEqual((await save()).workflows, 0, 'they are there already');

  const written = fs.readdirSync(folder).map((name) => fs.readFileSync(path.join(folder, name), 'latin1'));
  for (const secret of ['token-1', 'key-1', new URL(server.url).port])
    assert.ok(!written.join().includes(secret), secret);
});

test('neither logs nor notices contain the address or a file name', async (t) => {
  const { save, ran, control, server, log } = await startSaving(t);
  ran({ 'private.png': 'A' });
  control.refuse('/view', 502);
  const { failed } = await save();
  const said = [...log.lines, ...failed.map(({ why }) => why)].join('\n');
  assert.ok(said !== '' && !said.includes(new URL(server.url).host) && !said.includes('private'), said);
});

test('a connection that is closed for some of 300 files costs those files only, and the reason is theirs', async (t) => {
  const { save, ran, control, folder, log } = await startSaving(t);
  const name = (n: number) => `${n}${n % 3 === 0 ? '\n' : '_'}.png`;
  const all = Array.from({ length: 300 }, (_, n) => name(n));
  ran(Object.fromEntries(all.map((one) => [one, one])));
  control.closeConnection(/\/view\?.*filename=(?:1|100)_\.png/);
  const { saved, failed } = await save();
  assert.deepEqual([saved, failed.length, Object.keys(contentOf(folder)).length], [198, 102, 198]);
  assert.equal(
    unsavedText({
      saved,
      skipped: 0,
      missed: 0,
      failed: failed.toSorted((a, b) => (a.filename < b.filename ? -1 : 1)),
    }),
    '102 of 300 files could not be saved. ' +
      "0 .png, 102 .png, 105 .png, and 97 more: ComfyUI can't deliver files with a line break in their name. " +
      '100_.png, 1_.png: The connection was lost.',
  );
  assert.equal(failed.length, new Set(failed.map(({ filename }) => filename)).size);
  assert.ok(!log.lines.join().includes('.png'));
});

test('a file whose connection is closed is asked for twice at most where its name says that it cannot be had', async (t) => {
  const { save, ran, control } = await startSaving(t);
  ran({ 'a\u0007.png': 'A' });
  await save();
  assert.equal(control.requests.filter((request) => request.endsWith('/view')).length, 2, 'a look, and one try');
});

test('names with control characters: a tab is delivered, and of the others it is said who refuses them', async (t) => {
  const { save, ran } = await startSaving(t);
  ran({ 'a\tb.png': 'A', 'c1\u0085.png': 'B', 'del\u007f.png': 'C', 'bell\u0007.png': 'D', 'line\r.png': 'E' });
  const { saved, failed } = await save();
  const why = "VS Code can't download files with a control character in their name. A browser may.";
  assert.equal(saved, 2);
  assert.deepEqual(Object.fromEntries(failed.map((file) => [file.filename, file.why])), {
    'del\u007f.png': why,
    'bell\u0007.png': why,
    'line\r.png': "ComfyUI can't deliver files with a line break in their name.",
  });
});

test('a name with two dots in a row, which ComfyUI never delivers, is reported in plain words', async (t) => {
  const { save, ran } = await startSaving(t);
  ran({ 'a..png': 'A', 'b.png': 'B' });
  const { saved, failed } = await save();
  const why = "ComfyUI can't deliver files with two dots in a row in their name.";
  assert.deepEqual([saved, failed], [1, [{ filename: 'a..png', why }]]);
});

test('a history that cannot be read to its end costs no file that it listed', async (t) => {
  const { save, ran, asked } = await startSaving(t);
  for (let n = 0; n < 60; n++) ran({ [`${n}.png`]: `${n}` });
  asked.before = (url) => {
    if (url.searchParams.get('offset') === '50') throw new TypeError('fetch failed');
  };
  const { saved, failed } = await save();
  assert.deepEqual([saved, failed.map(({ filename }) => filename)], [50, ['The rest of the history']]);
});

test('files that a gateway answers for in the place of a ComfyUI that is gone are not said to be deleted', async (t) => {
  const { save, ran, control } = await startSaving(t);
  ran({ 'a.png': 'A', 'b.png': 'B' });
  control.refuse(/^\/(?:view|prompt)/, 404);
  const { failed } = await save();
  const why = "The session's ComfyUI stopped responding.";
  assert.deepEqual(
    failed.map((one) => one.why),
    [why, why],
  );
});

test('a part that is somebody else’s file or link is left alone', async (t) => {
  const { save, ran, folder } = await startSaving(t);
  fs.mkdirSync(folder, { recursive: true });
  const victim = path.join(path.dirname(folder), 'victim.txt');
  fs.writeFileSync(victim, 'precious');
  fs.symlinkSync(victim, path.join(folder, 'b.png.part'));
  fs.writeFileSync(path.join(folder, 'c.png.part'), 'mine');
  ran({ 'a.png': 'A', 'b.png': 'B', 'c.png': 'C' });
  const { saved, failed } = await save();
  assert.deepEqual([saved, failed, fs.readFileSync(victim, 'utf8')], [3, [], 'precious']);
  assert.deepEqual(contentOf(folder), { 'a.png': 'A', 'b (2).png': 'B', 'c (2).png': 'C', 'c.png.part': 'mine' });
});

test('a linked folder that leads outside costs what would lie in it, and nothing else', async (t) => {
  const { save, ran, folder } = await startSaving(t);
  const outside = fs.mkdtempSync(path.join(os.tmpdir(), 'outside-'));
  t.after(() => fs.rmSync(outside, { recursive: true, force: true }));
  fs.mkdirSync(folder, { recursive: true });
  fs.symlinkSync(outside, path.join(folder, 'video'));
  ran({ 'video/a.mp4': 'A', 'b.png': 'B' });
  const { saved, failed } = await save();
  assert.deepEqual([saved, failed.map(({ filename }) => filename)], [1, ['a.mp4']]);
  assert.match(failed[0]?.why ?? '', /video leads somewhere else/);
  assert.deepEqual([fs.readdirSync(outside), contentOf(folder)], [[], { 'b.png': 'B' }]);
});

test('a list of what was saved that leads outside is refused before anything is written', async (t) => {
  const { save, ran, folder } = await startSaving(t);
  const victim = path.join(path.dirname(folder), 'victim.txt');
  fs.writeFileSync(victim, 'precious');
  fs.mkdirSync(folder, { recursive: true });
  fs.symlinkSync(victim, path.join(folder, '.comfydeploy-saved.jsonl'));
  ran({ 'a.png': 'A' });
  await assert.rejects(save(), { name: 'DiskError' });
  assert.deepEqual([fs.readFileSync(victim, 'utf8'), contentOf(folder)], ['precious', {}]);
});
