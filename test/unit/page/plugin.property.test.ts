import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { readPluginMessage } from '../../../src/page/plugin';
import { noRests } from '../../fakes/noRests';

const read = (type: unknown, data?: unknown) => readPluginMessage(JSON.stringify({ type, data }), noRests());
const PROMPT = 'cd_plugin_onGetPrompt';

test('no text makes it throw, and none is taken for a message that is none', async () => {
  const texts = fc.oneof(
    fc.string(),
    fc.json(),
    fc.jsonValue().map((data) => JSON.stringify({ type: 'x', data })),
  );
  await fc.assert(
    fc.asyncProperty(texts, async (text) => assert.equal(await readPluginMessage(text, noRests()), undefined)),
  );
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (workflow) => {
      assert.deepEqual(await read(PROMPT, { workflow }), { type: PROMPT, graph: undefined, prompt: undefined });
    }),
  );
});
