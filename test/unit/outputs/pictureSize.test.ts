import assert from 'node:assert/strict';
import test from 'node:test';
import { pictureSizeIn } from '../../../src/outputs/pictureSize';
import { encodeJpeg } from '../../simulator/comfyui/jpeg';
import { landscape } from '../../simulator/comfyui/picture';
import { encodePng } from '../../simulator/comfyui/png';
import { encodeWebp } from '../../simulator/comfyui/webp';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');
const SIZE = { width: 300, height: 200 };
const picture = landscape(SIZE.width, SIZE.height, 1);

test('the size of pictures is read, whoever has written them', () => {
  for (const whole of [encodePng(picture), encodeJpeg(picture), encodeWebp(picture)])
    assert.deepEqual(pictureSizeIn(whole), SIZE);
  const rest = '\0'.repeat(30);
  const heads: readonly (readonly [string, string])[] = [
    ['GIF', `GIF89a\x2c\x01\xc8\x00${rest}`],
    ['WebP with more to it', `RIFF....WEBPVP8X\x0a\0\0\0\x02\0\0\0\x2b\x01\0\xc7\0\0${rest}`],
    ['WebP without loss', `RIFF....WEBPVP8L....\x2f\x2b\xc1\x31\x00${rest}`],
    ['BMP, upside down', `BM${'.'.repeat(16)}\x2c\x01\0\0\x38\xff\xff\xff${rest}`],
  ];
  for (const [name, head] of heads) assert.deepEqual(pictureSizeIn(bytes(head)), SIZE, name);
});

test("the size of a photograph is read after its camera's metadata", () => {
  const whole = encodeJpeg(picture);
  const segment = Buffer.concat([bytes('\xff\xe1\xff\xff'), Buffer.alloc(0xff_fd)]);
  const long = Buffer.concat([whole.subarray(0, 2), segment, segment, bytes('\xff'), whole.subarray(2)]);
  assert.deepEqual(pictureSizeIn(long), SIZE);
  assert.equal(pictureSizeIn(long.subarray(0, 100_000)), undefined, 'that is still to come');
});
