import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { LibraryClient, type NewVersion } from '../../src/comfydeploy/libraryClient';
import { WorkflowId } from '../../src/comfydeploy/library';
import { MachineId } from '../../src/comfydeploy/model';
import { Http } from '../../src/platform/http';
import { exactJson } from '../../src/platform/jsonText';
import { parsePythonJson } from '../../src/platform/pythonJson';
import { ServerTime } from '../../src/platform/serverTime';
import { LogBook } from '../fakes/setup';
import { ManualClock } from '../fakes/manualClock';
import { start } from './start';

async function setupLibrary(t: TestContext) {
  const { control, url, key } = await start(t);
  const [clock, log] = [new ManualClock(), new LogBook()];
  const http = new Http({
    baseUrl: () => `${url}/api`,
    token: () => Promise.resolve(key),
    serverTime: new ServerTime(clock),
    fetch: globalThis.fetch,
    clock,
    log,
    random: () => 0.5,
    json: 'python',
    write: exactJson,
  });
  const machineId = MachineId.parse(control.addMachine({ userId: 'user_demo', name: 'box' }).id);
  const page = (path: string) => fetch(`${url}/api${path}`, { headers: { authorization: `Bearer ${key}` } });
  return { control, log, machineId, page, library: new LibraryClient(http, log) };
}

const PAGE = { offset: 0, limit: 5 };

test('workflows are listed by pages, pinned ones first, and found by a part of the name or by machine', async (t) => {
  const { control, library, machineId } = await setupLibrary(t);
  for (const [index, name] of ['portrait', 'upscale', 'Port of call'].entries()) {
    await control.advance(60_000);
    control.addWorkflow({ name, pinned: name === 'upscale', machineId: index === 0 ? machineId : null });
  }
  const names = async (asked: object) => (await library.list({ ...PAGE, ...asked })).rows.map(({ name }) => name);

  assert.deepEqual(await names({}), ['upscale', 'Port of call', 'portrait']);
  assert.deepEqual(await names({ offset: 1, limit: 1 }), ['Port of call']);
  assert.deepEqual(await names({ search: 'PORT' }), ['Port of call', 'portrait']);
  assert.deepEqual(await names({ machineId }), ['portrait']);
  const [first] = (await library.list({ ...PAGE, machineId })).rows;
  assert.deepEqual([first?.userName, first?.isPinned, first?.machineId], ['Demo', false, machineId]);
});

test('what is saved is read back with its numbers as they were', async (t) => {
  const { library } = await setupLibrary(t);
  const graph = parsePythonJson('{"b":8.0,"seed":1152921504606846977,"tiny":1e-7,"a":[0.30000000000000004,2]}');
  const version: NewVersion = { graph, prompt: {} };

  const id = await library.create('Numbers', version);
  const saved = await library.addVersion(id, { ...version, comment: 'two' });
  assert.deepEqual([saved.number, saved.comment, saved.machineId], [2, 'two', undefined]);

  const { rows } = await library.versions(id, PAGE);
  assert.deepEqual(
    rows.map(({ number, comment }) => [number, comment]),
    [
      [2, 'two'],
      [1, 'initial version'],
    ],
  );
  const read = await library.version(saved.id);
  assert.equal(read.id, saved.id);
  assert.equal(exactJson(read.graph), '{"a":[0.30000000000000004,2],"b":8.0,"seed":1152921504606846977,"tiny":1e-07}');
  assert.deepEqual(read.prompt, {});
});

test('saving on a machine selects it, and saving without one leaves it', async (t) => {
  const { control, library, machineId } = await setupLibrary(t);
  const version: NewVersion = { graph: {}, prompt: {} };
  const id = await library.create('w', version);
  const selected = () => control.workflows().map((row) => [row.machineId, row.preview !== null]);

  await library.addVersion(id, version);
  assert.deepEqual(selected(), [[null, false]]);
  await library.addVersion(id, { ...version, machineId });
  assert.deepEqual(selected(), [[machineId, true]]);
});

test('renaming, pinning, duplicating and deleting do what the server does', async (t) => {
  const { control, library } = await setupLibrary(t);
  const id = await library.create('first', { graph: {}, prompt: {} });

  await library.change(id, { name: 'second' });
  await library.change(id, { pinned: true });
  const copy = await library.clone(id);
  const shown = async () => (await library.list(PAGE)).rows.map(({ name, isPinned }) => [name, isPinned]);
  assert.deepEqual(await shown(), [
    ['second', true],
    ['second (Cloned)', false],
  ]);

  await library.remove(id);
  await library.remove(id); // gone already
  assert.deepEqual(await shown(), [['second (Cloned)', false]]);
  await library.remove(copy);
  assert.deepEqual(
    control.workflows().map(({ deleted }) => deleted),
    [true, true],
  );
});

test('a workflow that is gone is missing, although the server calls that an error of its own', async (t) => {
  const { library } = await setupLibrary(t);
  const gone = WorkflowId.parse('3dc6b867-e6c7-4fdb-9360-b24d79d58bc8');

  await assert.rejects(library.addVersion(gone, { graph: {}, prompt: {} }), { kind: 'missing' });
  await assert.rejects(library.versions(gone, PAGE), { kind: 'missing' });
  await assert.rejects(library.version(gone), { kind: 'missing' });
});

test('a deleted workflow is missing, although the server lists its versions as if it had none', async (t) => {
  const { control, library } = await setupLibrary(t);
  const id = await library.create('w', { graph: {}, prompt: {} });
  control.alterWorkflow(id, { versions: [] });
  assert.deepEqual((await library.versions(id, PAGE)).rows, []);
  await library.remove(id);
  await assert.rejects(library.versions(id, PAGE), {
    kind: 'missing',
    message: "ComfyDeploy doesn't have this workflow any more.",
  });
});

test('a workflow comes first if asked for, once, wherever in the list it is, and not at all if it is gone', async (t) => {
  const { control, library } = await setupLibrary(t);
  const id = await library.create('old', { graph: {}, prompt: {} });
  await control.advance(60_000);
  for (const name of ['a', 'b']) control.addWorkflow({ name });
  const names = async (limit: number) =>
    (await library.list({ offset: 0, limit, first: id })).rows.map(({ name }) => name);
  assert.deepEqual(new Set(await names(5)), new Set(['old', 'a', 'b']));
  assert.equal((await names(5))[0], 'old');
  assert.equal((await names(1))[0], 'old');
  await library.remove(id);
  assert.deepEqual((await names(5)).sort(), ['a', 'b']);
});

test('a save is sent once, and what the database says about it is not repeated', async (t) => {
  const { control, library, log } = await setupLibrary(t);
  const id = await library.create('w', { graph: {}, prompt: {} });
  control.clearRequests();

  await assert.rejects(library.addVersion(id, { graph: { text: 'secret \0' }, prompt: {} }), (error: Error) => {
    assert.doesNotMatch(`${error.message} ${log.lines.join()}`, /SQL|secret|asyncpg/);
    return true;
  });
  control.fault({ path: '/api/workflow/:id/version', effect: { kind: 'reset', when: 'after' } });
  await assert.rejects(library.addVersion(id, { graph: {}, prompt: {} }), { kind: 'offline' });
  assert.equal(control.requests().length, 2);
  assert.equal(control.workflows()[0]?.versions.length, 2);
});

test('two versions of the same number are told apart by their ids, as the server fails if asked for the number', async (t) => {
  const { control, library, page } = await setupLibrary(t);
  const id = await library.create('w', { graph: {}, prompt: {} });
  const own = await library.addVersion(id, { graph: { own: 1 }, prompt: {} });
  control.addVersion(id, { graph: '{"own":2}' });
  const versions = control.workflows()[0]?.versions.map((one) => ({ ...one, version: Math.min(one.version, 2) })) ?? [];
  control.alterWorkflow(id, { versions });

  const { rows } = await library.versions(id, PAGE);
  assert.deepEqual(
    rows.map(({ number }) => number),
    [2, 2, 1],
  );
  assert.deepEqual((await library.version(own.id)).graph, { own: 1 });
  assert.equal((await page(`/workflow/${id}/version/2`)).status, 500);
  assert.equal((await page(`/workflow/${id}/version/1`)).status, 200);
});

test('a search finds what was typed, although the server reads it as a pattern', async (t) => {
  const { control, library } = await setupLibrary(t);
  for (const name of ['100% cotton', '1000 cats', 'a\\b', 'a_b', 'acb']) control.addWorkflow({ name });
  const found = async (search: string) => (await library.list({ ...PAGE, search })).rows.map(({ name }) => name).sort();

  assert.deepEqual(await found('100%'), ['100% cotton']);
  assert.deepEqual(await found('A\\B'), ['a\\b']);
  assert.deepEqual(await found('a_b'), ['a_b']);
});

test('what the server refuses without a reason once the workflows of a plan are used up is explained', async (t) => {
  const { control, library } = await setupLibrary(t);
  const id = await library.create('w', { graph: {}, prompt: {} });
  const body = { detail: 'Access denied for requested operation' };
  for (const path of ['/api/workflow/:id/version', '/api/workflow/:id/clone'])
    control.fault({ method: 'POST', path, effect: { kind: 'answer', status: 403, body } });
  const explained = {
    kind: 'forbidden',
    message:
      "Access denied for requested operation. ComfyDeploy says so once your plan's number of workflows is used up.",
  };

  await assert.rejects(library.addVersion(id, { graph: {}, prompt: {} }), explained);
  await assert.rejects(library.clone(id), explained);
});
