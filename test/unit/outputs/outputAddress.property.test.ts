import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { namedOutput, outputAddress } from '../../../src/outputs/outputAddress';
import { sessionId } from '../../fakes/setup';

const text = fc.string({ unit: 'grapheme' });
const outputs = fc.record({
  sessionId: fc.oneof(fc.uuid(), fc.string({ unit: 'grapheme', minLength: 1 })).map(sessionId),
  file: fc.record({
    type: fc.oneof(fc.constantFrom('output', 'temp'), text),
    subfolder: fc.oneof(
      text,
      fc.array(fc.oneof(text, fc.constantFrom('', '.', '..', '%', 'a b'))).map((all) => all.join('/')),
    ),
    filename: fc.string({ unit: 'grapheme', minLength: 1 }),
  }),
});

test('an address names one output, whatever that is called, and whatever letters VS Code makes small', () => {
  fc.assert(
    fc.property(outputs, text, (output, place) => {
      const { authority, path } = outputAddress(output, place);
      assert.deepEqual(namedOutput({ authority: authority.toLowerCase(), path }), {
        ...output,
        file: { ...output.file },
      });
      assert.ok(path.split('/').every((level) => level !== '.' && level !== '..'));
    }),
  );
});
