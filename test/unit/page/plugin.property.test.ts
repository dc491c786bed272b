import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readPluginMessage } from '../../../src/page/plugin';

const read = (type: unknown, data?: unknown) => readPluginMessage(JSON.stringify({ type, data }));
const PROMPT = 'cd_plugin_onGetPrompt';

test('no text makes it throw, and none is taken for a message that is none', () => {
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.jsonValue().map((data) => JSON.stringify({ type: 'x', data })),
  );
  fc.assert(fc.property(texts, (text) => assert.equal(readPluginMessage(text), undefined)));
  fc.assert(
    fc.property(fc.jsonValue(), (workflow) => {
      assert.deepEqual(read(PROMPT, { workflow }), { type: PROMPT, graph: undefined, prompt: undefined });
    }),
  );
});
