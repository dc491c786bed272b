import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { ApiError } from '../../../src/platform/errors';
import { Basket } from '../../../src/outputs/basket';
import { kindOf } from '../../../src/comfyui/fileKinds';
import type { Recent } from '../../../src/outputs/shelf';
import { outputRowsOf } from '../../../src/sidebar/outputRows';
import { shownName } from '../../../src/comfyui/shownName';
import { outputsTooltip, outputTooltip } from '../../../src/sidebar/outputTooltip';
import { anyText } from '../../fakes/anyText';
import { MINUTE, NOW } from '../../fakes/facts';
import { sessionId } from '../../fakes/setup';

const ID = sessionId('one');
const rows = (recent: Recent) => outputRowsOf(ID, 'session:one', { outputsOf: () => recent, now: NOW });
const known = (more: Partial<Extract<Recent, { kind: 'known' }>> = {}): Recent => ({
  ...{ kind: 'known', files: [], hasMore: false, problem: undefined },
  ...more,
});
const recentFile = (filename: string, minutesAgo?: number, subfolder = '') => ({
  file: { filename, subfolder, type: 'output' },
  finishedAt: minutesAgo === undefined ? undefined : NOW - minutesAgo * MINUTE,
  picture: undefined,
});

test('the row of the outputs says how many there are and how new they are, as far as it is known', () => {
  const of = (recent: Recent) => rows(recent)[0]?.description;
  const files = [recentFile('b.png', 3), recentFile('a.png', 5)];
  assert.equal(of({ kind: 'unknown' }), '');
  assert.equal(of({ kind: 'looking' }), '');
  assert.equal(of(known({ files })), '2, newest 3 min ago');
  assert.equal(of(known({ files, hasMore: true })), 'last 2, newest 3 min ago');
  assert.equal(of(known({ files: [recentFile('b.png')] })), '1');
  assert.equal(of(known({ files: [recentFile('b.png', 0.9)] })), '1, newest just now');
  assert.equal(of(known({ files: [recentFile('b.png', 24 * 60)] })), '1, newest 1 day ago');
  const problem = new ApiError('offline', 'It could not be reached.');
  assert.equal(of(known({ files, problem })), '2, newest 3 min ago, may be out of date');
  assert.equal(of(known({ problem })), 'may be out of date');
});

test('where there are no files a row says why', () => {
  const of = (recent: Recent) =>
    rows(recent)
      .slice(1)
      .map(({ label, description }) => [label, description]);
  assert.deepEqual(of({ kind: 'unknown' }), [['Loading…', '']]);
  assert.deepEqual(of({ kind: 'looking' }), [['Loading…', '']]);
  assert.deepEqual(of(known()), [['None yet', 'what is rendered appears here']]);
  const error = new ApiError('offline', 'It could not be reached.');
  assert.deepEqual(of({ kind: 'failed', error }), [['Could not be read', 'It could not be reached.']]);
  assert.equal(outputsTooltip(ID, { outputsOf: () => ({ kind: 'failed', error }) }).note, error.message);
});

test('a file says when it was made, what it is, and where it lies', () => {
  const [, image, video] = rows(known({ files: [recentFile('a.png', 3), recentFile('b.MP4', 3, 'video/new')] }));
  assert.match(image?.description ?? '', /^\d\d:\d\d/);
  assert.match(video?.description ?? '', / · video · video\/new$/);
  assert.equal(rows(known({ files: [recentFile('x.bin')] }))[1]?.description, '');
  const preview = recentFile('p.png');
  const [, row] = rows(known({ files: [{ ...preview, file: { ...preview.file, type: 'temp' } }] }));
  assert.equal(row?.description, 'preview');
});

test('a file is told by its extension', () => {
  const kinds = ['a.PNG', 'a.jpeg', 'a.webm', 'a.flac', 'a.glb', 'a.json', 'a.safetensors', 'png', 'a.png.zip'];
  assert.deepEqual(
    kinds.map((filename) => kindOf({ filename })),
    ['image', 'image', 'video', 'audio', '3D', 'text', 'file', 'file', 'file'],
  );
});

test('every row has an id of its own, and a name on one line', () => {
  const names = fc.uniqueArray(anyText({ minLength: 1, maxLength: 300 }), { maxLength: 24 });
  fc.assert(
    fc.property(names, (filenames) => {
      const [top, ...files] = rows(known({ files: filenames.map((name) => recentFile(name)) }));
      const ids = files.map(({ id }) => id);
      assert.equal(new Set(ids).size, files.length);
      for (const { label, parent } of files) {
        assert.equal(parent, top?.id);
        assert.ok(label.length <= 120);
        assert.doesNotMatch(label, /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u202a-\u202e\u2066-\u2069]/u);
      }
    }),
  );
  assert.equal(shownName('a\r\nb\u202egnp.exe'), 'a bgnp.exe');
});

test('a tooltip tells what is known, and only that', () => {
  const picture = 'data:image/webp;base64,AAAA';
  const one = { ...recentFile('a.png', 3, 'deep'), picture };
  const outputsOf = () => known({ files: [one] });
  const { title, lines, ...more } = outputTooltip(ID, one.file, 1_234_567, { outputsOf });
  assert.deepEqual([title, more.picture], ['a.png', picture]);
  assert.deepEqual(
    lines.map(([name]) => name),
    ['Kind', 'Size', 'Finished', 'Folder'],
  );
  const unknown = outputTooltip(ID, recentFile('b.glb').file, undefined, { outputsOf });
  assert.deepEqual(unknown, { title: 'b.glb', lines: [['Kind', '3D']] });
  assert.match(outputsTooltip(ID, { outputsOf: () => known({ hasMore: true }) }).note ?? '', /Save Outputs/);
});

test('a basket holds what was put into it, in whatever pieces, up to its bound', async () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.option(fc.nat(300), { nil: undefined }), async (parts, expected) => {
      const basket = new Basket(expected, 1_000);
      const sink = await basket.receive('', 0);
      for (const part of parts) await sink.write(part);
      assert.deepEqual(
        [...basket.bytes],
        parts.flatMap((part) => [...part]),
      );
      assert.equal(await basket.arrived(), basket.bytes.length);
    }),
  );
  const basket = new Basket(undefined, 10);
  basket.put(new Uint8Array(8).fill(1));
  await basket.receive('', 4);
  assert.equal(basket.bytes.length, 4, 'it goes on where it is told to');
  assert.throws(() => basket.put(new Uint8Array(7)), { kind: 'refused', message: /larger than .* “Save Outputs…”/ });
  assert.throws(() => new Basket(11, 10), { kind: 'refused' });
});
