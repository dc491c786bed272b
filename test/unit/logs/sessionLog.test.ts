import assert from 'node:assert/strict';
import test from 'node:test';
import { answer } from '../../fakes/faults';
import { line, written } from '../../fakes/log';
import { settled } from '../../fakes/manualClock';
import { sessionId, setup, setupOne } from '../../fakes/setup';
import { machineWire, type Wire } from '../../fakes/wire';
import { setupLog, followIn } from './sessionLog';

const count = ({ api }: ReturnType<typeof setup>) => api.count('GET /v2/stream-logs');

test('a log is asked for by its session', async () => {
  const { api, followed } = setupLog(written(line('a')));
  await settled();

  assert.equal(api.calls[0]?.query, '?session_id=one&log_level=info');
  followed.dispose();
});

test('a new connection replays the log, and what is known is neither doubled nor shown again', async () => {
  const { clock, changes, followed, messages } = setupLog(
    written(line('a'), line('b')),
    { kind: 'unreachable' },
    written(line('a'), line('b'), line('b')),
  );
  await settled();
  assert.deepEqual(messages(), ['a', 'b']);

  await clock.advance(10_000);

  assert.deepEqual(messages(), ['a', 'b', 'b']);
  assert.deepEqual(changes.slice(-1), [['a', 'b', 'b']]);
  followed.dispose();
});

test('only the end of a long log is kept, and how much is not', async () => {
  const many = Array.from({ length: 25_000 }, (_, index) => line(`line ${index}`));
  const { followed, log, messages } = setupLog(written(...many));
  await settled();

  assert.ok(messages().length <= 10_000);
  assert.equal(log.dropped + messages().length, 25_000);
  assert.equal(messages()[0], `line ${log.dropped}`);
  assert.equal(log.last, 'line 24999');
  followed.dispose();
});

test('the reason of a failed start is the last error, or else the last words, without colours', async () => {
  const withError = setupLog(written(line('a'), line('\x1b[31mCUDA\x1b[0m is gone', 'ERROR'), line('bye')));
  const without = setupLog(written(line('a'), line('bye')));
  const empty = setupLog('');
  await settled();

  assert.equal(withError.log.reason, 'CUDA is gone');
  assert.equal(without.log.reason, 'bye');
  assert.equal(empty.log.reason, undefined);
  for (const { followed } of [withError, without, empty]) followed.dispose();
});

test('connections that fail are tried again ever more slowly, until nobody wants the log any more', async () => {
  const { api, clock, followed } = setupLog();
  await clock.advance(120_000);

  const times = api.calls.map(({ at }) => at);
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  assert.deepEqual(pauses.slice(0, 5), [750, 1_500, 3_000, 6_000, 11_250]);
  assert.ok(pauses.every((pause) => pause <= 15_000));

  followed.dispose();
  await clock.advance(120_000);
  assert.equal(api.calls.length, times.length);
  assert.equal(clock.pending, 0);
});

test('a connection that brought something new is followed by another one soon', async () => {
  const { api, clock, followed } = setupLog('', '', '', '', written(line('a')), written(line('a'), line('b')));
  await clock.advance(60_000);
  const times = api.calls.map(({ at }) => at);
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  assert.deepEqual(pauses.slice(0, 6), [750, 1_500, 3_000, 6_000, 750, 750]);
  followed.dispose();
});

test('why nothing comes is known until something does', async () => {
  const { clock, log, followed } = setupLog(
    { kind: 'unreachable' },
    written({ type: 'stream_unavailable' }),
    written(line('a')),
  );
  await settled();
  assert.equal(log.problem, 'ComfyDeploy could not be reached.');
  await clock.advance(750);
  assert.equal(log.problem, 'This server keeps no logs.');
  await clock.advance(1_500);
  assert.equal(log.problem, undefined);
  followed.dispose();
});

test('all who read a log share one connection, and the last to leave ends it', async () => {
  const world = setup();
  const one = world.app.logs.follow(sessionId('one'), () => undefined);
  const other = world.app.logs.follow(sessionId('one'), () => undefined);
  await settled();
  assert.equal(one.log, other.log);
  assert.equal(count(world), 1);

  one.dispose();
  one.dispose();
  await world.clock.advance(60_000);
  const asked = count(world);
  assert.ok(asked > 1, 'somebody still reads');
  other.dispose();
  await world.clock.advance(60_000);
  assert.equal(count(world), asked);
  assert.equal(world.clock.pending, 0);
});

test('who comes back finds what was read before, of the last few logs', async () => {
  const world = setup();
  const read = async (id: string) => {
    const followed = world.app.logs.follow(sessionId(id), () => undefined);
    await settled();
    followed.dispose();
    return followed.log.lines.length;
  };
  world.api.fail('GET /v2/stream-logs', answer(200, written(line('a'))));
  assert.deepEqual([await read('one'), await read('two'), await read('three')], [1, 0, 0]);
  assert.equal(await read('one'), 1);
  await read('two');
  await read('three');
  await read('four');
  assert.equal(await read('one'), 0, 'three others were read since');
});

test('when the session ends its last words are read, and then its log is closed', async () => {
  const world = await setupOne();
  const { clock, log, messages, followed } = followIn(world, [{ kind: 'stalled' }, written(line('a'), line('Killed'))]);
  await settled();
  world.api.finish('one');
  await world.store.refresh();
  await settled();
  assert.deepEqual([messages(), log.closed], [['a', 'Killed'], 'elsewhere']);
  assert.equal(count(world), 2);

  await clock.advance(60_000);
  assert.equal(count(world), 2, 'nothing more can come');
  assert.equal(clock.pending, 0);
  followed.dispose();
});

test('a stream that stays open after the end is left once it is silent', async () => {
  const world = await setupOne();
  world.api.finish('one');
  await world.store.refresh();
  const { clock, log, followed } = followIn(world, [{ kind: 'silent' }]);
  await clock.advance(9_999);
  assert.equal(log.closed, undefined);
  await clock.advance(1);
  assert.equal(log.closed, 'elsewhere');
  followed.dispose();
});

test('the log of a session that is long gone is closed at once', async () => {
  const world = await setupOne();
  world.api.fail('GET /v2/stream-logs', answer(404, { detail: 'Session not found' }));
  const followed = world.app.logs.follow(sessionId('older'), () => undefined);
  await settled();
  assert.deepEqual([followed.log.closed, followed.log.problem, followed.log.lines], ['unknown', undefined, []]);
  followed.dispose();
});

test('the log of a build is followed to the sentinel at its end, and an unknown build has none', async () => {
  const world = setup();
  world.api.fail(
    'GET /v2/stream-logs',
    answer(200, written(line('Step 1'))),
    answer(200, written(line('Step 1'), line('Step 2'), { type: 'stream_complete', source: 'archive' })),
  );
  const followed = world.app.logs.followBuild('version-7', () => undefined);
  await settled();
  assert.equal(world.api.calls[0]?.query, '?machine_id_version=version-7');
  assert.equal(followed.log.closed, undefined);
  await world.clock.advance(60_000);
  assert.deepEqual(
    followed.log.lines.map(({ message }) => message),
    ['Step 1', 'Step 2'],
  );
  assert.deepEqual([followed.log.closed, count(world)], ['unknown', 2]);

  const unknown = world.app.logs.followBuild('version-0', () => undefined);
  await settled();
  assert.deepEqual([unknown.log.closed, unknown.log.problem], ['unknown', undefined]);
});

test('the log of a build is over when its machine says so, since its stream goes on', async () => {
  const world = setup();
  const machine = (fields: Wire) =>
    (world.api.machines = [machineWire({ machine_version_id: 'version-7', ...fields })]);
  machine({ status: 'building' });
  await world.store.refresh();
  world.api.fail('GET /v2/stream-logs', ...Array.from({ length: 12 }, () => ({ kind: 'silent' }) as const));
  const followed = world.app.logs.followBuild('version-7', () => undefined);
  await world.clock.advance(120_000);
  assert.equal(followed.log.closed, undefined);

  machine({ status: 'error' });
  await world.store.refresh();
  await world.clock.advance(9_999);
  assert.equal(followed.log.closed, undefined, 'what it said to the last is still read');
  await world.clock.advance(1);
  assert.equal(followed.log.closed, 'unknown');
  followed.dispose();
});

test('the log of a build that was over before it was asked for is read to its silence', async () => {
  const world = setup();
  world.api.machines = [machineWire({ machine_version_id: 'version-8' })];
  await world.store.refresh();
  for (const version of ['version-7', 'version-8']) {
    world.api.fail('GET /v2/stream-logs', { kind: 'silent' });
    const { log } = world.app.logs.followBuild(version, () => undefined);
    await world.clock.advance(10_000);
    assert.equal(log.closed, 'unknown', version);
  }
});

test('a live session whose stream says that it is complete is followed on', async () => {
  const world = await setupOne();
  const end = { type: 'stream_complete', source: 'sentinel' };
  const { clock, log, messages, followed } = followIn(world, [written(line('a'), end), written(line('a'), line('b'))]);
  await clock.advance(10_000);
  assert.deepEqual([messages(), log.closed], [['a', 'b'], undefined]);
  followed.dispose();
});
