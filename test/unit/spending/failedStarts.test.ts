import assert from 'node:assert/strict';
import test from 'node:test';
import { memoryFiles } from '../../fakes/memoryFiles';
import { endText } from '../../../src/spending/historyText';
import { answer } from '../../fakes/faults';
import { settled } from '../../fakes/manualClock';
import { sessionId, setup, setupServer } from '../../fakes/setup';
import { machineWire, naive, sessionWire, type Wire } from '../../fakes/wire';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const ONE = sessionId('one');
const ERRORS = 'GET /machine-version/v1/error-start-logs';

type World = ReturnType<typeof setup>;

const look = async ({ clock, store }: Pick<World, 'clock' | 'store'>) => {
  await clock.finish(store.refresh());
  await settled();
};

/** A session of ours starts, its window reloads, and meanwhile the session disappears without having run. */
async function setupMissed() {
  const [files, server] = [memoryFiles(), setupServer()];
  const { api, clock } = server;
  await clock.advance(1_234); // the server writes a full minute without seconds
  const born = clock.now();
  api.machines = [machineWire({ machine_version_id: 'v1' })];
  api.sessions = [sessionWire('one', born, { url: null })];
  const first = setup(files, undefined, server);
  await look(first);
  await clock.advance(SECOND);
  first.app.life.dispose();

  await clock.advance(MINUTE);
  api.finish('one');
  const gone = naive(clock.now() - 30 * SECOND);
  api.events = [{ ...sessionWire('one', born), tunnel_url: null, start_time: gone, end_time: gone }];
  const left = (at: number, logs: string): Wire => ({ timestamp: at / 1_000, logs });
  const reload = async () => {
    const second = setup(files, undefined, server);
    await look(second);
    for (let n = 0; n < 12; n++) {
      await clock.advance(10 * SECOND);
      await look(second);
    }
    return second;
  };
  const said = ({ app }: World) => {
    const receipt = app.money.history.receipts.get(ONE);
    return receipt && endText(receipt);
  };
  return { api, clock, born, left, reload, said };
}

test('a start that failed while its window was loaded anew reads as one, with what its container died of', async () => {
  const { api, clock, left, reload, said } = await setupMissed();
  const logs = 'Error in launch_comfyui: RuntimeError: CUDA out of memory at https://a.test/key\n\nTraceback:\nlines\n';
  api.fail(ERRORS, answer(200, { logs: [left(clock.now() - 31 * SECOND, logs)] }));
  const world = await reload();
  const reason = 'Error in launch_comfyui: RuntimeError: CUDA out of memory at …';
  assert.equal(said(world), `failed to start: ${reason}`);
  const closed = world.app.money.history.receipts.get(ONE)?.closed;
  assert.deepEqual([closed?.source, closed?.why], ['billed', 'failedToStart']);
  assert.equal(api.count(ERRORS), 1, 'asked once');
});

test('one that may have been ended elsewhere before it ran is not said to have failed', async () => {
  const { api, born, left, reload, said } = await setupMissed();
  api.fail(ERRORS, answer(200, { logs: [left(born - MINUTE, 'of an earlier start'), { logs: 'of an unknown time' }] }));
  assert.equal(said(await reload()), 'ended elsewhere');
});
