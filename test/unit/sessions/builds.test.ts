import assert from 'node:assert/strict';
import test from 'node:test';
import { buildOf, isStartable, untilBuilt, type Build } from '../../../src/sessions/builds';
import { problemOf } from '../../../src/sessions/snapshot';
import type { Hosting } from '../../../src/comfydeploy/model';
import { answer } from '../../fakes/faults';
import { machine, NO_SESSIONS, NOW } from '../../fakes/appState';
import { machineId, setup } from '../../fakes/setup';
import { machineWire, naive, type Wire } from '../../fakes/wire';

const HOUR = 3_600_000;
const status = (text: string): Hosting => ({ kind: 'unable', why: 'status', status: text });

test('how far a machine is from hosting sessions follows from its status and the age of that', () => {
  const table: readonly (readonly [Hosting, number, Build, boolean])[] = [
    [{ kind: 'able' }, 2 * HOUR, 'built', true],
    [status('building'), 0, 'building', true],
    [status('building'), HOUR - 1, 'building', true],
    [status('building'), HOUR, 'stuck', true],
    [status('error'), 0, 'failed', false],
    [status('paused'), 0, 'impossible', false],
    [NO_SESSIONS, 0, 'impossible', false],
    [{ kind: 'unable', why: 'builder', builder: '3' }, 0, 'impossible', false],
    [{ kind: 'unable', why: 'unbuilt' }, HOUR - 1, 'building', false],
    [{ kind: 'unable', why: 'unbuilt' }, HOUR, 'unbuilt', false],
  ];
  for (const [hosting, age, build, startable] of table) {
    const one = machine('one', { hosting, updatedAt: NOW - age });
    assert.deepEqual([buildOf(one, NOW), isStartable(one)], [build, startable], JSON.stringify(hosting));
  }
});

/** Waits for a machine that is being built. */
async function setupBuilding() {
  const world = setup();
  const { clock, api, store, app } = world;
  const change = async (fields: Wire) => {
    api.machines = [machineWire({ status: 'building', updated_at: naive(clock.now()), ...fields })];
    await store.refresh();
  };
  await change({});
  const giveUp = new AbortController();
  const one = { id: machineId('machine-1'), name: 'Workhorse' };
  const waiting = untilBuilt(store, one, () => app.appState().now, giveUp.signal);
  return { ...world, change, waiting, giveUp };
}

test('a build is waited for until the machine can host sessions', async () => {
  const { change, waiting } = await setupBuilding();
  await change({});
  await change({ status: 'ready' });
  assert.deepEqual((await waiting).hosting, { kind: 'able' });
});

test('a look that fails does not end the wait', async () => {
  const { api, store, change, waiting } = await setupBuilding();
  api.fail('GET /machines/all', answer(403, { detail: 'Not today' }));
  await store.refresh();
  assert.ok(problemOf(store.snapshot));
  await change({ status: 'ready' });
  assert.equal((await waiting).name, 'Workhorse');
});

test('a machine that says ready before it is built is waited for, but not for ever', async () => {
  const { change, waiting } = await setupBuilding();
  await change({ status: 'ready', machine_version: null });
  const rejected = assert.rejects(waiting, /Workhorse has not been built yet. Build it in the dashboard/);
  await change({ status: 'ready', machine_version: null, updated_at: '2029-12-31T11:00:00' });
  await rejected;
});

for (const [how, fields, says] of [
  ['fails', { status: 'error' }, 'The build of Workhorse failed. No session was started.'],
  ['makes a machine of another kind', { type: 'classic' }, /Workhorse can't run sessions/],
  ['is replaced by nothing', { id: 'machine-2' }, /was deleted in the meantime/],
  ['takes over an hour', { updated_at: '2029-12-31T11:00:00' }, /has been building for over an hour/],
] as const)
  test(`a build that ${how} ends the wait`, async () => {
    const { change, waiting } = await setupBuilding();
    const rejected = assert.rejects(waiting, { kind: 'refused', machineId: 'machine-1', message: says });
    await change(fields);
    await rejected;
  });

test('signing out, and giving up, end the wait', async () => {
  const { keys, store, waiting } = await setupBuilding();
  const rejected = assert.rejects(waiting, /signed out/);
  keys.key = undefined;
  await store.refresh();
  await rejected;

  const other = await setupBuilding();
  other.giveUp.abort();
  await assert.rejects(other.waiting, { name: 'AbortError' });
});
