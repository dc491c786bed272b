import assert from 'node:assert/strict';
import test from 'node:test';
import { ApiError } from '../../../src/platform/errors';
import { kindOf } from '../../../src/comfyui/fileKinds';
import type { Recent } from '../../../src/outputs/sessionOutputs';
import { outputsTooltip, outputTooltip } from '../../../src/sidebar/outputTooltip';
import { ID, rows, known, recentFile } from './outputRows';

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
  assert.deepEqual(of(known()), [['None yet', 'rendered files appear here']]);
  const error = new ApiError('offline', 'It could not be reached.');
  assert.deepEqual(of({ kind: 'failed', error }), [["Couldn't be read", 'It could not be reached.']]);
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

test('the kind of a file is recognized by its extension', () => {
  const kinds = ['a.PNG', 'a.jpeg', 'a.webm', 'a.flac', 'a.glb', 'a.json', 'a.safetensors', 'png', 'a.png.zip'];
  assert.deepEqual(
    kinds.map((filename) => kindOf({ filename })),
    ['image', 'image', 'video', 'audio', '3D', 'text', 'file', 'file', 'file'],
  );
});

test('a tooltip shows what is known, and only that', () => {
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
