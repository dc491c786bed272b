import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { wholeWithin, TooLong } from '../../../src/platform/body';
import { encode, bodyOf } from './body';

test('a body is read whole up to its bound, wherever it is cut, and not a byte further', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ maxLength: 20 })), fc.nat(200), async (texts, most) => {
      const whole = texts.join('');
      const { body, state } = bodyOf(texts.map(encode));
      const read = await wholeWithin(body, most).catch((error: unknown) => error);
      if (encode(whole).length <= most) assert.deepEqual(read, encode(whole));
      else assert.ok(read instanceof TooLong && state.isCancelled);
    }),
    { numRuns: 100 },
  );
});
