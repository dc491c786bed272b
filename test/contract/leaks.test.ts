import assert from 'node:assert/strict';
import test from 'node:test';
import { MachineId, type SessionId } from '../../src/comfydeploy/model';
import { doubtText } from '../../src/sessions/doubtText';
import { doubtOf } from '../../src/sessions/doubt';
import { findSession, sessionsOf } from '../../src/sessions/snapshot';
import { PERSON } from './start';
import { Windows, type Window } from './windows';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Not a full second, since the server leaves out the seconds of such times. */
const MORNING = Date.UTC(2030, 0, 1, 12) + 123;
/** How often the bill is checked, plus a round for the answer. */
const LOOKED_AT = 6 * MINUTE;

/** A window with its rounds, and a server that answers a create before it has called for the container. */
async function begin(t: test.TestContext) {
  const windows = await Windows.start({ frozenAt: MORNING });
  t.after(() => windows.close());
  const { control } = windows.simulator;
  const machineId = MachineId.parse(control.addMachine({ ...PERSON, name: 'sd-box' }).id);
  control.set({ createWaitMs: 0, callMs: 8 * SECOND, startUpMs: 30 * SECOND, leaksEarlyCancels: true });
  const leaks: SessionId[] = [];
  const open = async () => {
    const window = windows.open();
    const { store, money } = window.app;
    const { prices } = money;
    store.onDidLeak((id) => leaks.push(id));
    window.join();
    await windows.finish(store.refresh());
    await windows.finish(prices.refresh());
    return window;
  };
  const window = await open();
  const request = { machineId, gpu: 'A10G', minutes: 30 };
  return { windows, control, window, open, request, leaks };
}

const doubt = ({ app: { store } }: Window, id: SessionId) => doubtOf(findSession(store.snapshot, id));

test('a container leaked by an end right after the create is announced, followed and billed until the events show its end', async (t) => {
  const { windows, control, window: first, open, request, leaks } = await begin(t);
  const id = await windows.finish(first.app.store.create(request));
  assert.ok(id);
  await windows.finish(first.app.store.end(id));

  assert.equal(control.counts()['DELETE /api/session/:id'], 1);
  assert.equal(doubt(first, id)?.kind, 'unproven', 'the server has closed it, which proves nothing');
  assert.deepEqual(leaks, []);

  await windows.advance(MINUTE);
  const found = doubt(first, id);
  assert.equal(found?.kind, 'leaked');
  assert.deepEqual(leaks, [id], 'said once');
  const { store, money } = first.app;
  const { prices } = money;
  const shown = findSession(store.snapshot, id);
  assert.ok(shown && found);
  const text = doubtText(shown, found, { snapshot: store.snapshot, prices: prices.current });
  assert.match(text, /is billed until Jan 2.*dashboard.*costs about \$1\.22 an hour\./);

  first.crash();
  const second = await open();
  assert.equal(doubt(second, id)?.kind, 'leaked', 'the ledger knows it, whatever window opens');
  assert.equal(second.app.store.hasToGuard, true);
  const soFar = () => control.bill().sessions[0]?.dollars ?? 0;
  const reckoned = () => Number(second.app.money.spending()().of(id)) / 1e9;
  assert.ok(Math.abs(reckoned() - soFar()) < 0.001, `${reckoned()} of ${soFar()}`);

  await windows.advance(20 * MINUTE);
  assert.deepEqual([doubt(second, id)?.kind, leaks], ['leaked', [id]]);
  assert.ok(Math.abs(reckoned() - soFar()) < 0.001, `${reckoned()} of ${soFar()}`);

  await control.endSession(id);
  await windows.advance(LOOKED_AT);
  assert.deepEqual(sessionsOf(second.app.store.snapshot), []);
  assert.equal(second.app.store.hasToGuard, false, 'nothing is left in the ledger');
  const closed = second.app.money.history.receipts.get(id)?.closed;
  assert.deepEqual([closed?.source, closed?.why], ['billed', 'you']);
  assert.ok(Math.abs(Number(closed?.cost) / 1e9 - soFar()) < 0.001, `${closed?.cost} of ${soFar()}`);
});

test('where the server knows the container by the time of the end, nothing leaks', async (t) => {
  const { windows, control, window, request, leaks } = await begin(t);
  control.set({ callMs: SECOND });
  const { store } = window.app;
  const id = await windows.finish(store.create(request));
  assert.ok(id);
  await windows.finish(store.end(id));
  await windows.advance(MINUTE);
  assert.deepEqual([sessionsOf(store.snapshot), leaks], [[], []]);
  assert.equal(control.bill().dollars, 0);
});
