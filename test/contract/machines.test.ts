import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { parseBaseUrl } from '../../src/platform/baseUrl';
import { ComfyDeployClient } from '../../src/comfydeploy/client';
import { Http } from '../../src/platform/http';
import { MachineId, SessionId } from '../../src/comfydeploy/model';
import { systemClock } from '../../src/platform/clock';
import { LogBook } from '../fakes/setup';
import { PERSON, start } from './start';

const MINUTE = 60_000;

/** A client of ComfyDeploy, and a machine there. */
async function connect(t: TestContext, status = 'ready') {
  const { url, control, key } = await start(t);
  const web = { clock: systemClock, serverTime: { learn: () => undefined }, log: new LogBook(), random: () => 0.5 };
  const baseUrl = () => parseBaseUrl(`${url}/api`, 'some.setting', true);
  const http = new Http({ ...web, baseUrl, token: () => Promise.resolve(key), fetch });
  const client = new ComfyDeployClient(http, web.log);
  const { id, versionId } = control.addMachine({ ...PERSON, name: 'sd-box', status });
  return { client, control, id: MachineId.parse(id), version: versionId ?? '' };
}

test('what ran on a machine lately is read, sessions and runs, newest first', async (t) => {
  const { client, control, id } = await connect(t);
  const now = control.now();
  await control.addSession({ machineId: id, minutesOld: 20 });
  control.addRun({ machineId: id, createdAt: now - 10 * MINUTE, cost: 0.25 });
  control.addRun({ machineId: id, createdAt: now - 25 * 60 * MINUTE });
  const { rows, skipped } = await client.listMachineEvents(id);
  assert.deepEqual(skipped, []);
  assert.deepEqual(
    rows.map(({ sessionId, createdAt, endedAt, cost }) => [sessionId !== undefined, now - createdAt, endedAt, cost]),
    [
      [false, 10 * MINUTE, now - 9 * MINUTE, 0.25],
      [true, 20 * MINUTE, undefined, 0],
    ],
  );
});

test('why starts failed is read, without addresses', async (t) => {
  const { client, control, id, version } = await connect(t);
  assert.deepEqual(await client.listStartErrors(version), []);
  const session = await control.addSession({ machineId: id, state: 'starting' });
  control.failStartUp(session.id, '\x1b[31mhttps://ta-01.w.modal.host did not answer\x1b[0m');
  const [error, ...more] = await client.listStartErrors(version);
  assert.deepEqual([error?.at, more], [control.now(), []]);
  assert.match(error?.text ?? '', /^https:\/\/\[address\] did not answer\n\nTraceback:/);
  assert.doesNotMatch(error?.text ?? '', /ta-01|\x1b/);
});

test('the log of a build goes on, while it is under way and when it is over', async (t) => {
  const { client, control, id, version } = await connect(t, 'building');
  const stop = new AbortController();
  const live = client.streamBuildLog(version, stop.signal);
  const messages = async () => (await live.next()).value;
  const isAbout = (lines: unknown, message: string) => assert.match(JSON.stringify(lines), new RegExp(message));
  isAbout(await messages(), 'Building image');
  control.writeLog(version, 'Step 3 of 9');
  isAbout(await messages(), 'Step 3 of 9');
  stop.abort();
  await assert.rejects(live.next());

  control.alterMachine(id, { status: 'ready' });
  const enough = new AbortController();
  const done = client.streamBuildLog(version, enough.signal);
  isAbout((await done.next()).value, 'Step 3 of 9');
  const more = done.next();
  const late = new Promise((resolve) => setTimeout(() => resolve('late'), 100));
  assert.equal(await Promise.race([more.catch(() => 'ended'), late]), 'late');
  enough.abort();
  await assert.rejects(more);
});

test('a build that is not known has no log, and neither has a session that is not', async (t) => {
  const { client } = await connect(t);
  const { signal } = new AbortController();
  assert.deepEqual(await client.streamBuildLog('22222222-2222-4222-8222-222222222222', signal).next(), {
    done: true,
    value: true,
  });
  await assert.rejects(client.streamLog(SessionId.parse('none'), signal).next(), { kind: 'missing' });
});
