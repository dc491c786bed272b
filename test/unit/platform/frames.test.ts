import assert from 'node:assert/strict';
import test from 'node:test';
import { answerFrame, FrameReader, type FromServer } from '../../../src/platform/frames';
import { frame, textOfFrames } from './frames';

const read = (...frames: readonly Uint8Array[]): readonly FromServer[] => {
  const reader = new FrameReader();
  return frames.flatMap((bytes) => reader.read(bytes));
};

test('texts of every length are read, and pictures are left out', () => {
  for (const length of [0, 1, 125, 126, 65_535, 65_536, 2 ** 20])
    assert.deepEqual(read(frame(1, 'a'.repeat(length))), [{ kind: 'text', text: 'a'.repeat(length) }]);
  assert.deepEqual(read(frame(2, 'picture'), frame(1, 'text')), [{ kind: 'text', text: 'text' }]);
});

test('a text that is longer than needed is left out, and the next one is read', () => {
  assert.deepEqual(textOfFrames(read(frame(1, 'a'.repeat(2 ** 20 + 1)), frame(1, 'b'))), ['b']);
  const parts = Array.from({ length: 3 }, (_, at) => frame(at === 0 ? 1 : 0, 'a'.repeat(2 ** 19), at === 2));
  assert.deepEqual(textOfFrames(read(...parts, frame(1, 'b'))), ['b']);
});

test('a text in parts is one text, and what asks for an answer may come between them', () => {
  const euro = new TextEncoder().encode('€');
  const [first, rest] = [euro.subarray(0, 1), euro.subarray(1)];
  assert.deepEqual(read(frame(1, first, false), frame(9, 'there?'), frame(10, ''), frame(0, rest)), [
    { kind: 'ping', content: new TextEncoder().encode('there?') },
    { kind: 'text', text: '€' },
  ]);
  assert.deepEqual(read(frame(8, Uint8Array.of(3, 232))), [{ kind: 'close', content: Uint8Array.of(3, 232) }]);
});

test('what no server may send ends the reading', () => {
  const wrong: Readonly<Record<string, readonly Uint8Array[]>> = {
    'an unknown kind': [frame(3, '')],
    'compression that nobody agreed on': [Uint8Array.of(0xc1, 0)],
    'a mask': [Uint8Array.of(0x81, 0x80, 0, 0, 0, 0)],
    'a ping in parts': [frame(9, '', false)],
    'a long ping': [frame(9, 'a'.repeat(126))],
    'a part of nothing': [frame(0, 'a')],
    'a text within a text': [frame(1, 'a', false), frame(1, 'b')],
    'a text that is none': [frame(1, Uint8Array.of(0xff))],
    'half a letter': [frame(1, Uint8Array.of(0xe2))],
    'more than 16 MiB': [Uint8Array.of(0x82, 127, 0, 0, 0, 0, 1, 0, 0, 1)],
    'more than fits in memory': [Uint8Array.of(0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255)],
    'more than 16 MiB in parts': [
      frame(2, new Uint8Array(2 ** 23), false),
      frame(0, new Uint8Array(2 ** 23), false),
      frame(0, 'a'),
    ],
  };
  for (const [name, frames] of Object.entries(wrong)) assert.throws(() => read(...frames), name);
});

test('an answer is masked, and repeats what it answers', () => {
  const mask = Uint8Array.of(1, 2, 3, 4);
  assert.deepEqual(
    answerFrame('ping', Uint8Array.of(5, 6, 7, 8, 9), mask),
    Uint8Array.of(0x8a, 0x85, ...mask, 4, 4, 4, 12, 8),
  );
  assert.deepEqual(answerFrame('close', Uint8Array.of(), mask), Uint8Array.of(0x88, 0x80, ...mask));
});
