import assert from 'node:assert/strict';
import test from 'node:test';
import { isAbort } from '../../../src/platform/errors';
import type { Work } from '../../../src/comfydeploy/model';
import { writeWork } from '../../../src/windows/sharedWork';
import { MINUTE, ready, session } from '../../fakes/appState';
import { settled } from '../../fakes/manualClock';
import { sessionId } from '../../fakes/setup';
import { SECOND, ONE, setupMonitor } from './activityMonitor';

test('only sessions of our own are looked at, and only where they have a page that may be opened', async () => {
  const sessions = [
    session('one'),
    session('two', { phase: 'undated', url: 'https://two.tunnel.test' }),
    session('theirs', { by: 'somebody else' }),
    session('starting', { phase: 'starting' }),
    session('old', { phase: 'undated' }),
    session('ending', { phase: 'ending' }),
    session('odd', { url: 'http://odd.tunnel.test' }),
  ];
  const { monitor, comfyUi } = setupMonitor(ready({ sessions }));
  await monitor.look();
  assert.deepEqual([...monitor.current.keys()], ['one', 'two']);
  assert.equal(comfyUi('odd').asked.length, 0);
  assert.equal(setupMonitor({ kind: 'signedOut' }).monitor.rest(), undefined);
});

test('an idle session costs four small requests a minute, and one each of the heavy ones', async () => {
  const { clock, poller, count } = setupMonitor();
  poller.wake();
  await clock.advance(10 * MINUTE - 1);
  assert.deepEqual([count('/prompt'), count('/history'), count('/system_stats')], [40, 10, 10]);
});

test('when a run ends the history is asked at once', async () => {
  const { clock, monitor, poller, comfyUi, count } = setupMonitor();
  poller.wake();
  await clock.advance(SECOND);
  comfyUi().remaining = 1;
  await clock.advance(16 * SECOND);
  comfyUi().remaining = 0;
  comfyUi().run();
  const since = clock.now();
  await clock.advance(15 * SECOND);
  assert.equal(count('/history'), 2);
  const { activity } = monitor.current.get(ONE)!;
  assert.ok(activity.kind === 'idle' && Math.abs(activity.since - since) <= SECOND);
});

test('a session is not idle since a run of before it began', async () => {
  const { clock, world, monitor, comfyUi } = setupMonitor();
  comfyUi().run();
  await clock.advance(20 * MINUTE);
  const createdAt = clock.now() - MINUTE;
  world.snapshot = ready({ sessions: [{ ...session('one', { left: 600 }), createdAt }] });
  await monitor.look();
  assert.deepEqual(monitor.current.get(ONE)?.activity, { kind: 'idle', since: clock.now() });
});

test('while it renders the history is not asked', async () => {
  const { clock, poller, comfyUi, count } = setupMonitor();
  comfyUi().remaining = 3;
  poller.wake();
  await clock.advance(10 * MINUTE - 1);
  assert.deepEqual([count('/prompt'), count('/history')], [40, 0]);
});

test('it is looked at every five seconds near its deadline, or while somebody waits for what it does', async () => {
  const near = setupMonitor(ready({ sessions: [session('one', { left: 5 })] }));
  near.poller.wake();
  await near.clock.advance(MINUTE - 1);
  assert.deepEqual([near.count('/prompt'), near.count('/history')], [12, 1]);

  const { clock, monitor, poller, count } = setupMonitor();
  poller.wake();
  await settled();
  const hurry = monitor.hurry(ONE);
  await clock.advance(30 * SECOND);
  assert.deepEqual([count('/prompt'), count('/history')], [7, 7]);
  hurry.dispose();
  await clock.advance(30 * SECOND);
  assert.equal(count('/prompt'), 9);
});

test('one that cannot be read is asked less and less often, without holding up the others', async () => {
  const sessions = [session('one', { left: 600 }), session('two', { left: 600 })];
  const { clock, poller, comfyUi, count, kindOf, log } = setupMonitor(ready({ sessions }));
  comfyUi('one').failing = 'everything';
  poller.wake();
  await clock.advance(5 * MINUTE - 1);
  assert.deepEqual([count('/prompt', 'one'), count('/prompt', 'two')], [8, 20]);
  assert.deepEqual([kindOf('one'), kindOf('two')], ['unknown', 'idle']);

  comfyUi('one').failing = 'nothing';
  await clock.advance(MINUTE);
  assert.equal(kindOf('one'), 'idle');
  const logged = log.lines.filter((line) => line.includes('queue of session'));
  assert.deepEqual(logged, [
    "The queue of session one cannot be read (offline): The session's ComfyUI could not be reached.",
    'The queue of session one can be read again.',
  ]);
});

test('who answers is shown without waiting for who does not', async () => {
  const { monitor, comfyUi, kindOf } = setupMonitor(ready({ sessions: [session('one'), session('two')] }));
  const release = comfyUi('one').hold();
  const looked = monitor.look();
  await settled();
  assert.deepEqual([kindOf('one'), kindOf('two')], [undefined, 'idle']);
  release();
  await looked;
  assert.equal(kindOf('one'), 'idle');
});

test('whoever is about to act gets a reading made after they asked, however many ask at once', async () => {
  const { monitor, comfyUi, world } = setupMonitor(ready({ sessions: [session('one'), session('two')] }));
  await monitor.look();
  for (const name of ['one', 'two']) comfyUi(name).remaining = 2;
  const both = await Promise.all([monitor.lookAt(ONE), monitor.lookAt(sessionId('two'))]);
  assert.deepEqual(
    both.map((work) => work?.activity.kind),
    ['rendering', 'rendering'],
    'of both sessions',
  );

  const release = comfyUi('two').hold();
  const giveUp = new AbortController();
  const first = assert.rejects(monitor.lookAt(sessionId('two'), giveUp.signal), isAbort);
  await settled();
  comfyUi('one').remaining = 0;
  const late = monitor.lookAt(ONE);
  giveUp.abort();
  release();
  await first;
  assert.equal((await late)?.activity.kind, 'idle', 'although the first one walked away');

  const unlisted = session('ending', { phase: 'ready' });
  world.snapshot = ready({ sessions: [] });
  comfyUi('ending').remaining = 1;
  assert.equal((await monitor.lookAt(unlisted))?.activity.kind, 'rendering', 'also of one that is listed no more');
});

test('what another window shares during a reading does not replace the reading', async () => {
  const { clock, world, monitor, comfyUi, hear } = setupMonitor();
  world.isLeader = false;
  comfyUi().remaining = 1;
  const release = comfyUi().hold();
  const looked = monitor.lookAt(ONE);
  await settled();
  const old: Work = { activity: { kind: 'idle', since: 1 }, vram: undefined, readAt: clock.now() - MINUTE };
  hear(writeWork(new Map([[ONE, old]])));
  release();
  assert.equal((await looked)?.activity.kind, 'rendering');
});

test('a session that has ended is forgotten, and its answer is not waited for', async () => {
  const { clock, world, monitor, poller, comfyUi, kindOf } = setupMonitor();
  poller.wake();
  await settled();
  assert.equal(kindOf('one'), 'idle');
  world.snapshot = ready();
  assert.equal(monitor.rest(), 0);
  await clock.advance(MINUTE);
  assert.equal(monitor.current.size, 0);
  assert.equal(monitor.rest(), undefined);
  assert.equal(clock.pending, 0);

  world.snapshot = ready({ sessions: [session('one')] });
  const release = comfyUi().hold();
  const looked = monitor.look();
  await settled();
  monitor.reset();
  release();
  await looked;
  assert.equal(monitor.current.size, 0);
});

test('one window looks, and the others hear of it; who takes over carries on', async () => {
  const { clock, world, monitor, poller, comfyUi, hear } = setupMonitor();
  world.isLeader = false;
  poller.wake();
  const since = clock.now() - 12 * MINUTE;
  const work: Work = { activity: { kind: 'idle', since }, vram: { used: 1, total: 2 }, readAt: clock.now() };
  hear(writeWork(new Map([[ONE, work]])));
  assert.deepEqual(monitor.current.get(ONE), work);
  comfyUi().asked.length = 0;
  await clock.advance(MINUTE);
  assert.equal(comfyUi().asked.length, 0);

  world.isLeader = true;
  hear(writeWork(new Map()));
  await monitor.look();
  assert.deepEqual(monitor.current.get(ONE)?.activity, { kind: 'idle', since });
  assert.equal(monitor.current.get(ONE)?.readAt, clock.now());
});

test('shared work is news once, and unreadable work is none', async () => {
  const { world, monitor, hear } = setupMonitor();
  world.isLeader = false;
  const work: Work = { activity: { kind: 'unknown' }, vram: { used: 1, total: 2 }, readAt: 1 };
  let news = 0;
  monitor.onDidChange(() => news++);
  for (const text of [writeWork(new Map([[ONE, work]])), writeWork(new Map([[ONE, work]])), '', '[["one",{}]]'])
    hear(text);
  assert.equal(news, 1);
  assert.deepEqual([...monitor.current], [[ONE, work]]);
});

test('a look on demand asks for the queue and the history, whatever was asked just before', async () => {
  const { monitor, comfyUi } = setupMonitor();
  const unheard = sessionId('unheard of');
  await monitor.look();
  comfyUi().remaining = 1;
  assert.equal((await monitor.lookAt(ONE))?.activity.kind, 'rendering');
  comfyUi().remaining = 0;
  comfyUi().run();
  assert.equal((await monitor.lookAt(ONE))?.activity.kind, 'idle');
  assert.equal(await monitor.lookAt(unheard), undefined);
});

test('giving up a look changes nothing', async () => {
  const { monitor, comfyUi, log } = setupMonitor();
  await monitor.look();
  const before = monitor.current;
  const release = comfyUi().hold();
  const giveUp = new AbortController();
  const looked = monitor.lookAt(ONE, giveUp.signal);
  await settled();
  giveUp.abort();
  release();
  await assert.rejects(looked, isAbort);
  assert.equal(monitor.current, before);
  assert.doesNotMatch(log.lines.join(), /cannot be read/);
});

test('memory is read, and stays as it was if it cannot be read; so does the time without a history', async () => {
  const { clock, monitor, poller, comfyUi } = setupMonitor();
  poller.wake();
  await settled();
  const before = monitor.current.get(ONE);
  assert.deepEqual(before?.vram, { used: 18 * 2 ** 30, total: 24 * 2 ** 30 });
  for (const path of ['/history', '/system_stats'] as const) {
    comfyUi().failing = path;
    await clock.advance(2 * MINUTE);
    assert.deepEqual({ ...monitor.current.get(ONE), readAt: 0 }, { ...before, readAt: 0 }, path);
  }
});

test('how long a run takes is measured where that matters: the mean of the last ones of a workflow', async () => {
  const { clock, world, monitor, poller, comfyUi, count } = setupMonitor();
  const pace = () => monitor.current.get(ONE)?.pace;
  poller.wake();
  comfyUi().remaining = 3;
  await clock.advance(5 * MINUTE);
  assert.deepEqual([pace(), count('/history')], [undefined, 0], 'nobody wants to know');

  world.isTimed = true;
  await clock.advance(2 * MINUTE);
  assert.equal(pace(), undefined, 'nothing has run yet');
  for (const seconds of [60, 120]) {
    comfyUi().run(true, seconds * SECOND);
    comfyUi().remaining--;
    await clock.advance(16 * SECOND);
  }
  assert.equal(pace()?.mean, 90 * SECOND);
  assert.ok((pace()?.since ?? 0) <= clock.now() && (pace()?.since ?? 0) >= clock.now() - 17 * SECOND);
  const since = pace()?.since;
  await clock.advance(2 * MINUTE);
  assert.deepEqual(pace(), { mean: 90 * SECOND, since }, 'the one that runs now began when the last one was over');

  comfyUi().run(true, 300 * SECOND, ['LoadVideo']);
  await clock.advance(MINUTE);
  assert.equal(pace()?.mean, 300 * SECOND, 'another workflow takes another time');
  comfyUi().run(true, 4);
  await clock.advance(MINUTE);
  assert.equal(pace()?.mean, 300 * SECOND, 'what was known already took no time');
  comfyUi().remaining = 0;
  await clock.advance(MINUTE);
  assert.equal(pace(), undefined);
});
